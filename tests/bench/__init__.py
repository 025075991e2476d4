"""Benchmarks: `make bench`. Each compares arms in one run; none asserts a time."""
