"""The wire types are closed, documented and fit what the client is generated from."""

import hashlib
import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from server.kit.permissions import Permission
from signaling.namespaces import all_events
from signaling.namespaces.table import DeclarationError, EventTable, Repeat
from signaling.wire.hints import HINTS, Drain, MessagePosted, TicketChanged
from signaling.wire.requests import REQUESTS, Ack, MessageSend, Refusal, Sync
from signaling.wire.schema import NameTaken, document, printed

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "signaling" / "PROTOCOL.md").read_text()
NAMES = sorted([*(hint.model_fields["type"].default for hint in HINTS), *REQUESTS])
ID = "01890000-0000-7000-8000-00000000000a"


@pytest.mark.parametrize("name", NAMES)
def test_every_event_has_its_heading(name: str) -> None:
    assert f"\n### `{name}`\n" in PROTOCOL


def test_no_heading_without_an_event() -> None:
    assert sorted(re.findall(r"\n### `([^`]+)`\n", PROTOCOL)) == NAMES


def _named_fields(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_in_its_section(name: str) -> None:
    section = PROTOCOL.split(f"\n### `{name}`\n")[1].split("\n## ")[0].split("\n### ")[0]
    by_name: dict[str, type[BaseModel]] = {h.model_fields["type"].default: h for h in HINTS}
    models = [by_name[name]] if name in by_name else list(REQUESTS[name])
    missing = [f for m in models for f in _named_fields(m) if not re.search(rf"\b{f}\b", section)]
    assert not missing


@pytest.mark.parametrize("model", [*HINTS, *(p for p, _ in REQUESTS.values())])
def test_every_type_is_closed(model: type[BaseModel]) -> None:
    assert model.model_config.get("extra") == "forbid"
    assert model.model_config.get("strict") is True
    assert model.__doc__


def test_no_hint_names_a_patient_or_a_reason() -> None:
    for hint in HINTS:
        if hint is MessagePosted:
            continue
        assert not {"name", "patient", "patient_id", "sender_name", "body"} & set(
            hint.model_fields
        ), hint


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": "   "}, "body"),
        ({"body": "x" * 100_000}, "body"),
        ({"body": "a\0b"}, "body"),
        ({"body": 5}, "body"),
        ({"visit_id": ID.upper()}, "visit_id"),
        ({"client_id": "../../etc"}, "client_id"),
        ({"extra": 1}, "extra"),
    ],
)
def test_malformed_messages_are_refused_with_the_field(
    change: dict[str, object], field: str
) -> None:
    good = {"visit_id": ID, "client_id": ID, "body": " Hej "}
    assert MessageSend.model_validate(good).body == "Hej"
    with pytest.raises(ValidationError) as refused:
        MessageSend.model_validate({**good, **change})
    assert refused.value.errors()[0]["loc"] == (field,)


def test_a_truth_value_is_no_version() -> None:
    with pytest.raises(ValidationError):
        Sync.model_validate(
            {"visits": [], "tickets": [{"ticket_id": ID, "version": True}], "queue": None}
        )


def test_the_schema_holds_every_event_and_the_http_types() -> None:
    http = {
        "Ticket": {
            "title": "Ticket",
            "type": "object",
            "properties": {"title": {"type": "string"}, "x": {"$ref": "#/components/schemas/X"}},
        },
        "X": {"type": "integer"},
    }
    found = document(http)
    definitions = found["$defs"]
    assert set(definitions["ServerEvents"]["properties"]) | set(
        definitions["ClientEvents"]["properties"]
    ) == set(NAMES)
    assert definitions["Ticket"]["properties"] == {
        "title": {"type": "string"},
        "x": {"$ref": "#/$defs/X"},
    }
    assert "title" not in definitions["Ticket"]
    assert definitions["Ticket"]["required"] == ["title", "x"]
    assert set(definitions["TicketChanged"]["required"]) == set(TicketChanged.model_fields)
    assert definitions["MessageSend"]["additionalProperties"] is False
    assert definitions["Refusal"]["required"] == ["ok", "error"] == list(Refusal.model_fields)


def test_the_clients_types_are_fresh() -> None:
    generated = (ROOT / "web-client" / "src" / "wire" / "generated.ts").read_text()
    fingerprint = hashlib.sha256(printed()).hexdigest()
    assert fingerprint in generated, "run `npm run types` in web-client"


def test_two_types_of_one_name_are_noticed() -> None:
    with pytest.raises(NameTaken):
        document({"Drain": {"type": "string"}})
    document({"Drain": Drain.model_json_schema(mode="serialization")})


@pytest.mark.permissions
def test_every_event_is_handled_and_permitted() -> None:
    table = all_events()
    table.check_complete()
    for (namespace, _), event in table.events.items():
        assert event.permission.audience == namespace.removeprefix("/")


async def _handler() -> Ack:
    return Ack()


@pytest.mark.permissions
def test_an_event_without_a_permission_does_not_start() -> None:
    table = EventTable()
    for declare in (
        table.on("sync", repeat=Repeat.READS),
        table.on("sync", repeat=Repeat.READS, patient=Permission.CLINICIAN),
        table.on("sync", repeat=Repeat.READS, patient=Permission.PUBLIC),
        table.on("no.such", repeat=Repeat.READS, patient=Permission.PATIENT),
    ):
        with pytest.raises(DeclarationError):
            declare(_handler)
    with pytest.raises(DeclarationError):
        table.check_complete()
