"""Pediatrics."""
