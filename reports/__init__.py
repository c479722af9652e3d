"""What is said: sections of blocks, rendered for an audience. Reads auditor.result only."""
