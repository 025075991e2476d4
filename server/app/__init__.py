"""The HTTP application: the slices' routes, what stands around them, and the client's files."""

from server.app.build import create_app
from server.app.public import DEMO_LOGINS, DemoLogin

__all__ = ["DEMO_LOGINS", "DemoLogin", "create_app"]
