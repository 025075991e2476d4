"""What makes a line "weak" or "bad": one pair of numbers, in three rooms that import none another.

People are told the word by the relay and by their own browser during the call, and the clinician by
the visit's record afterwards. It must not be another word for the same numbers.
"""

from __future__ import annotations

import re
from pathlib import Path

from server.visits import calls
from signaling.media import verdict

CLIENT = Path(__file__).resolve().parents[2] / "web-client/src"
_ENTRY = re.compile(r"^  (\w+): \{ loss: ([\d.]+), roundTrip: ([\d.]+) \},$", re.MULTILINE)


def test_a_word_means_the_same_in_the_relay_in_the_browser_and_in_the_record() -> None:
    relay = {word: (loss, trip) for word, loss, trip, _ in verdict.LEAST}
    record = {str(word): (loss, trip) for word, loss, trip, _ in calls.LEAST}
    source = (CLIENT / "call/least.ts").read_text()
    browser = {word: (float(loss), float(trip)) for word, loss, trip in _ENTRY.findall(source)}
    assert set(relay) == {"bad", "weak"}
    assert record == relay
    assert browser == relay


def test_the_client_has_the_numbers_in_one_place() -> None:
    for path in ("call/quality.ts", "features/devicecheck/network.ts"):
        source = (CLIENT / path).read_text()
        assert re.search(r'import \{ LEAST \} from "[./]+(call/)?least";', source), path
        for _, loss, trip, _ in verdict.LEAST:
            assert not re.search(rf"(?<![\d.])({loss}|{trip})(?!\d)", source), path
