"""Cardiology: risk of cardiovascular disease, heart failure and acute coronary syndromes, and drug choice."""
