"""Urology."""
