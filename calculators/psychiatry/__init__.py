"""Psychiatry: monitoring of drug treatment."""
