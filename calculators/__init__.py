"""Published clinical calculators: formulas, numbers and race terms. Imports nothing of the auditor."""
