"""Absolute risk of a cancer between two ages when death may come first, from rates by five-year age band."""

import numpy as np


def absolute_risk(age, projection_age, bands):
    """Sum over bands of c/(c + d) * S * (1 - e^-((c + d) * years)); S = e^-(all earlier (c + d) * years).

    `bands` yields each band's first age, its cancer hazard c and its hazard d of other death, per person-year.
    An age of projection that is not after the age now gives NaN.
    """
    risk, passed = np.zeros_like(age), np.zeros_like(age)
    for start, cancer, death in bands:
        years = np.maximum(np.minimum(projection_age, start + 5) - np.maximum(age, start), 0)
        leaving = (cancer + death) * years
        risk = risk + cancer / (cancer + death) * np.exp(-passed) * -np.expm1(-leaving)
        passed = passed + leaving
    return np.where(projection_age > age, risk, np.nan)
