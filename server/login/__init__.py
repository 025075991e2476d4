"""Passwords, sessions and throttling."""
