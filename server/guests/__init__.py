"""Guests: people beside patient and clinician in a visit, from the invitation to the door."""
