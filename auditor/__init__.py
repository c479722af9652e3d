"""What is measured: patients become counts, counts become a result."""
