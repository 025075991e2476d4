"""Databases of former releases, brought to this one."""
