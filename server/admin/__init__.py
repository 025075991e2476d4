"""What administrators do: accounts of the staff, commissions, clinics. Never anybody's care."""
