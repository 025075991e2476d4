"""Backups: files that hold one database as it was at one moment, and the way back."""
