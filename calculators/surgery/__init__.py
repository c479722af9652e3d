"""Surgery: risk of operations."""
