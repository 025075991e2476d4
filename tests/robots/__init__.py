"""Patients and clinicians without a browser, over the real HTTP, socket and media protocols.

    crowd = Crowd(["http://127.0.0.1:8080"], Part(journeys=2))
    await crowd.run()
    crowd.ledgers       # what was acknowledged to each, and what each saw

They are as stubborn as the web client and as honest: each action has one key however often it is
sent, a message has one id on both ways, and nothing counts as done before the server said so.
"""

from tests.robots.crowd import Crowd, Part
from tests.robots.ledger import Ledger, Line

__all__ = ["Crowd", "Ledger", "Line", "Part"]
