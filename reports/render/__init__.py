"""Blocks to files: one module per format."""
