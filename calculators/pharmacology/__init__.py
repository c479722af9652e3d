"""Pharmacology: drug dosing and choice of drug."""
