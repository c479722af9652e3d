"""Nephrology: estimated GFR and kidney risk."""
