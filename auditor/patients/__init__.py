"""What stays in the hospital: cohorts, scores, decisions; only cells come out."""
