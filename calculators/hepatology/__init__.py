"""Hepatology: liver allocation scores and donor risk."""
