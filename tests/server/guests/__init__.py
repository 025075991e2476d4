"""Guests of visits."""
