"""One question each, asked of every calculator: the parts of its chapter."""
