"""Noise on every route: an answer of our own form each time, and never a fault of ours."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.app.build import all_routes
from server.kit.ids import new_id
from server.kit.permissions import Permission
from tests.support import Api, People

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = (
    "clinic_id", "profession", "reason", "channel", "mode", "body", "client_id", "text", "version",
    "state", "username", "password", "limit", "after",
)  # fmt: skip
VALUES = (
    "doctor", "video", "chat", "on", "off", "chosen", "", " ", "\0", "x" * 5000, "0" * 36,
    0, -1, 2**63, 2**80, 1.5, None, True,
)  # fmt: skip
likely = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(VALUES) | json_values, max_size=6)
bodies = st.one_of(
    st.binary(max_size=300),
    json_values.map(lambda value: json.dumps(value).encode()),
    likely.map(lambda value: json.dumps(value).encode()),
)
queries = st.dictionaries(
    st.sampled_from(["after", "before", "limit", "x"]),
    st.sampled_from(["", "1", "-1", "99999999999999999999", "a", "\0", new_id(), "1e5"]),
    max_size=2,
)
ROUTES = all_routes()


async def _send(api: Api, number: int, body: bytes, query: dict[str, str], odd_id: str) -> None:
    route = ROUTES[number % len(ROUTES)]
    path = re.sub(r"\{\w+\}", odd_id, route.path)
    options: dict[str, Any] = {"data": body} if route.mutating else {}
    reply = await api.request(route.method, path, params=query, **options)
    assert reply.status < 500, (route.method, path, body, query, reply.body)
    if reply.status >= 400:
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert set(reply.json) >= {"type", "title", "status", "code", "detail"}


Noise = list[tuple[int, bytes, dict[str, str], str]]


@pytest.fixture
def noise() -> Noise:
    """Made before the loop runs: hypothesis reads files of its own."""
    cases: Noise = []

    @given(
        st.integers(0, len(ROUTES) - 1),
        bodies,
        queries,
        st.sampled_from([new_id(), "0" * 36, "x", "%00", "..", "ä" * 36]),
    )
    @settings(max_examples=150, suppress_health_check=list(HealthCheck), database=None)
    def collect(number: int, body: bytes, query: dict[str, str], odd_id: str) -> None:
        cases.append((number, body, query, odd_id))

    collect()
    return cases


@pytest.mark.fuzz
@pytest.mark.parametrize("who", ["nobody", "patient", "clinician"])
async def test_noise_is_answered(client: Api, people: People, who: str, noise: Noise) -> None:
    clinic = await people.clinic()
    api = client
    if who == "patient":
        api = await client.as_(await people.patient())
    elif who == "clinician":
        api = await client.as_(await people.clinician(clinic))
        duty = {"state": "on", "clinic_id": clinic.id, "profession": "doctor"}
        assert (await api.put("/api/v1/staff/duty", duty)).status == 200
    for case in noise:
        await _send(api, *case)


@pytest.mark.permissions
@pytest.mark.parametrize("who", ["nobody", "patient", "idle staff", "clinician"])
async def test_every_route_by_every_role(client: Api, people: People, who: str) -> None:
    """Who lacks the permission gets 401 or 403 before anything else is looked at."""
    api = client
    if who == "patient":
        api = await client.as_(await people.patient())
    elif who == "idle staff":
        api = await client.as_(await people.clinician())
    elif who == "clinician":
        api = await client.as_(await people.clinician(await people.clinic()))
    allowed = {
        "nobody": {Permission.PUBLIC},
        "patient": {Permission.PUBLIC, Permission.PATIENT},
        "idle staff": {Permission.PUBLIC, Permission.STAFF},
        "clinician": {Permission.PUBLIC, Permission.STAFF, Permission.CLINICIAN},
    }[who]
    for route in ROUTES:
        if route.path.endswith("/session"):
            continue  # these end or replace the very session that asks
        path = re.sub(r"\{\w+\}", new_id(), route.path)
        options: dict[str, Any] = {"data": b"noise"} if route.mutating else {}
        reply = await api.request(route.method, path, **options)
        refused = reply.status in (401, 403)
        assert refused == (route.permission not in allowed), (route.method, path, reply.body)
        if refused and who == "idle staff" and route.permission is Permission.CLINICIAN:
            assert reply.json["code"] == "permission.denied"
        # Ids of nobody, and a body that is none: nothing here succeeds by accident.
        if route.mutating or route.parameters:
            assert reply.status >= 400
