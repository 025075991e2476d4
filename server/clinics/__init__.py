"""Clinics, when they are open, and who works there."""
