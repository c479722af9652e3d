"""Hematology: anemia and thrombosis."""
