"""Transplantation: donor and recipient indices."""
