"""Who may see whom: care relations."""
