"""A client by the book: what PROTOCOL.md asks of whoever holds a snapshot and hears hints. Pure."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field

from tests.signaling.snapshots.cast import Json

Hint = tuple[str, dict[str, Json]]
_NOT_MET = {"no_response", "no_show", "returned"}


def versioned(path: str, answer: Json) -> Json:
    """The part of an answer that its version stands for."""
    if path.endswith("/messages"):
        return answer["messages"]
    # Lines do not raise a visit's version: the conversation has numbers of its own.
    apart = {"last_seq"}
    if answer.get("state") in _NOT_MET:
        # What they never met about: whether the name shows hangs on other visits of the two.
        apart |= {"patient", "note"}
    return {name: value for name, value in answer.items() if name not in apart}


@dataclass
class Held:
    """What the screens of one person hold, by the path that they were fetched from."""

    audience: str
    answers: dict[str, Json]
    online: dict[str, bool] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    """The newest version or number that anybody told of, by path."""

    @classmethod
    def of(cls, audience: str, answers: dict[str, Json], sync: Json) -> "Held":
        """Freshly fetched."""
        held = cls(audience, deepcopy(answers))
        held.online = {each["visit_id"]: each["peer_online"] for each in sync["visits"]}
        return held

    def hear(self, hints: Iterable[Hint]) -> None:
        """Take in hints, in whatever order they come."""
        for name, hint in hints:
            match name:
                case "ticket.changed":
                    self._ticket(hint)
                case "visit.changed":
                    self._tell(self._visit(hint), hint["version"])
                    self._tell(self._visit(hint) + "/messages", hint["last_seq"])
                case "guest.changed":
                    self._tell(self._visit(hint) + "/guests", hint["version"])
                case "queue.changed":
                    self._tell("/api/v1/staff/queue", hint["version"])
                case "message.posted":
                    self._line(hint)
                case "presence.changed":
                    self.online[hint["visit_id"]] = hint["online"]
                case _:
                    pass

    def beat(self, answer: Json) -> None:
        """Compare with the heartbeat's answer."""
        for each in answer["visits"]:
            self._tell(self._visit(each), each["version"])
            self._tell(self._visit(each) + "/messages", each["last_seq"])
            self._tell(self._visit(each) + "/guests", each["guests_version"])
            self.online[each["visit_id"]] = each["peer_online"]
        for each in answer["tickets"]:
            self._tell(f"/api/v1/patient/queue-tickets/{each['ticket_id']}", each["version"])
        if answer["queue"] is not None:
            self._tell("/api/v1/staff/queue", answer["queue"]["version"])

    def behind(self) -> list[str]:
        """The paths of which something newer was told than is held."""
        return [path for path, told in self.told.items() if self.version(path) < told]

    def fetch(self, answers: dict[str, Json]) -> None:
        """Fetch what is behind; the server's answers at this moment are given."""
        for path in self.behind():
            if path in answers:
                self.answers[path] = deepcopy(answers[path])

    def _visit(self, told: dict[str, Json]) -> str:
        return f"/api/v1/{self.audience}/visits/{told['visit_id']}"

    def _tell(self, path: str, version: int) -> None:
        if path in self.answers:
            self.told[path] = max(self.told.get(path, 0), version)

    def version(self, path: str) -> int:
        """The version that is held; of a conversation, up to where nothing is missing."""
        answer = self.answers[path]
        if not path.endswith("/messages"):
            return int(answer["version"])
        lines = {line["seq"] for line in answer["messages"]}
        return next(number for number in range(len(lines) + 1) if number + 1 not in lines)

    def _ticket(self, hint: dict[str, Json]) -> None:
        path = f"/api/v1/patient/queue-tickets/{hint['ticket_id']}"
        held = self.answers.get(path)
        if held is None or hint["version"] < held["version"]:
            return
        self.answers[path] = held | {
            name: value for name, value in hint.items() if name not in {"type", "ticket_id"}
        }

    def _line(self, hint: dict[str, Json]) -> None:
        path = self._visit(hint) + "/messages"
        held = self.answers.get(path)
        if held is None:
            return
        line = {name: value for name, value in hint.items() if name != "type"}
        by_seq = {each["seq"]: each for each in (*held["messages"], line)}
        held["messages"] = [by_seq[seq] for seq in sorted(by_seq)]
        self._tell(path, line["seq"])
