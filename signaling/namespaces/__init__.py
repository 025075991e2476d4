"""The events that a client may send: parse, permit, decide, answer."""
