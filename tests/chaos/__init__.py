"""Faults on purpose: robots run journeys while a seeded monkey breaks what they stand on."""
