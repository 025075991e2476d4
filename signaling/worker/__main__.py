"""`python -m signaling.worker …`: see `process.py`."""

import sys

from signaling.worker.no_codecs import no_codecs


def main() -> int:
    """Run it, with as little loaded as can be."""
    no_codecs()  # before anything imports aiortc
    from signaling.worker import process

    return process.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
