"""Where cohorts come from: each source reads patients in chunks."""
