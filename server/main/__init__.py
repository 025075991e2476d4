"""The command line, and the only place that knows both the server and the real-time side."""

from server.main.cli import cli

__all__ = ["cli"]
