"""Oncology: cancer risk for screening and prevention."""
