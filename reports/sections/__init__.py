"""One question each: what a whole report says."""
