"""``python -m server.main``."""

from server.main.cli import cli

if __name__ == "__main__":
    raise SystemExit(cli())
