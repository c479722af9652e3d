"""Cardiac surgery: operative mortality."""
