"""Mutated, lying and random input for everything that parses what others send."""
