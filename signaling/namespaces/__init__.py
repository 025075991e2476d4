"""The events that a client may send: parse, permit, decide, answer."""

from signaling.namespaces import calls, checks, messages, queue, sync
from signaling.namespaces.table import EventTable


def all_events() -> EventTable:
    """Every event of the protocol with its handler."""
    table = EventTable()
    for module in (messages, sync, queue, calls, checks):
        table.include(module.events)
    return table
