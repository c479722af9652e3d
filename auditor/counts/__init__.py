"""What may leave the hospital: counts of patients and everything computed from them."""
