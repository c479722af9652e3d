"""Scores one patient with and without the race term, then audits it on the embedded synthetic cohort.

usage: python examples/one_calculator.py
"""

from auditor import audit
from calculators.registry import get

ckd_epi = get("ckd_epi_cr_2009")
patients = {"age": [60, 60], "sex": ["female", "female"], "creatinine": [1.2, 1.2], "race_group": ["Black", "not Black"]}

print("CKD-EPI 2009 at equal findings, in mL/min/1.73 m2:")
for name, scores in (("with race", ckd_epi.with_race(patients)), ("without race", ckd_epi.without_race(patients))):
    for group, egfr in zip(patients["race_group"], scores["egfr"], strict=True):
        print(f"  {name:<14}{group:<12}{egfr:6.1f}")

result = audit(calculators=["ckd_epi_cr_2009"], by=["race"], replicates=100)
changes = result.table("changes")
moved = changes[(changes.arm == "without_race") & (changes.decision == "ckd_g3a") & changes.gained.gt(0)]
print(f"\n{result.cohort.name}, {result.cohort.n:,} synthetic patients: who falls below 60 when the race term is removed")
for row in moved.itertuples():
    print(f"  {row.group:<44}{row.gained:>6,.0f} of {row.n:>6,.0f}")
