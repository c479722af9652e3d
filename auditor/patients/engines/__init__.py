"""Engines: how many chunks of patients become cells, on one machine or on Spark."""
