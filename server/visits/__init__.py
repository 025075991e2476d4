"""Visits (vårdbesök): from the call to the signed note."""
