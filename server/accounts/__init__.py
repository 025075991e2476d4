"""People with an account: patients and staff."""
