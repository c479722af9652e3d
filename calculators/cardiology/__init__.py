"""Cardiology and cardiac surgery."""
