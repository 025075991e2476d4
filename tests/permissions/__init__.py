"""Every route and event by every kind of caller, generated from what they declare."""
