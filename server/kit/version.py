"""The release's number."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("vardrum")
except PackageNotFoundError:  # run from a checkout that nobody installed
    VERSION = "0.0.0+checkout"
