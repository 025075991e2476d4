"""The media process: a relay behind a control socket, and the two ends that talk to it."""
