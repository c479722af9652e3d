"""Pulmonology: spirometry, diffusing capacity and lung volumes."""
