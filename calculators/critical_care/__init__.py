"""Critical care: organ failure, early warning and crisis triage."""
