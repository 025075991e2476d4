"""Calls: which media leg belongs to whom, and what becomes of it."""
