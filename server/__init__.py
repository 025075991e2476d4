"""Vårdrum's server: one slice per folder, each importing only downward (see ARCHITECTURE.md)."""
