"""The application answers as its description says: schemathesis on every operation, by everybody.

`make schemathesis` sends many more requests, and others each time.
"""

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.app.build import document
from server.clinics.domain import Clinic
from server.kit.ids import new_id
from tests.support import PASSWORD, Api, People

MANY = os.environ.get("VARDRUM_API_EXAMPLES")
EXAMPLES = int(MANY or 6)
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Case: TypeAlias = schemathesis.Case[Any]
STAFF, PATIENT, GUEST = "/api/v1/staff", "/api/v1/patient", "/api/v1/guest"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
DOC = document()
# Sessions are the tests' own part: taken for parameters, they would be left out and made up.
SECURITY = {
    f"{method.upper()} {path}": operation.pop("security")
    for path, item in DOC["paths"].items()
    for method, operation in item.items()
}


def _operation(found: Any) -> Operation:
    operation: Operation = found.ok()
    return operation


SCHEMA = schemathesis.openapi.from_dict(DOC)
OPERATIONS: dict[str, Operation] = {
    each.label: each for each in (_operation(found) for found in SCHEMA.get_all_operations())
}


@dataclass
class Scene:
    """A patient and a clinician with cases in every state, a guest, and where to send requests."""

    base: str
    patient: Api
    clinician: Api
    guest: Api
    administrator: Api
    known: dict[str, list[Any]]

    def cookies(self, who: Api) -> dict[str, str]:
        """What the person's browser would send."""
        kept = who.http.session.cookie_jar.filter_cookies(self.patient.server.make_url("/"))
        return {name: morsel.value for name, morsel in kept.items()}

    def owner(self, operation: Operation) -> dict[str, str]:
        """The cookies of whoever the operation is for."""
        owners = {f"{STAFF}/admin": self.administrator, PATIENT: self.patient, GUEST: self.guest}
        found = (who for path, who in owners.items() if operation.path.startswith(path))
        return self.cookies(next(found, self.clinician))


async def _fine(reply: Any) -> Any:
    answer = await reply
    assert answer.status < 300, answer.body
    return answer.json


@pytest.fixture
async def scene(client: Api, people: People) -> Scene:
    """One patient waits at one clinic, is called at the next, has met at the others."""
    clinics = [await people.clinic(f"Klinik {number}") for number in range(6)]
    someone = await people.patient()
    patient = await client.as_(someone)
    colleague = await people.clinician(*clinics)
    clinician = await client.as_(colleague)
    others = [await client.as_(await people.patient(f"Patient {number}")) for number in range(3)]
    tickets = [await _join(patient, clinic) for clinic in clinics[:5]]
    tickets += [await _join(other, clinics[0]) for other in others]
    visits: list[str] = []
    for depth, clinic in enumerate(clinics[1:5]):
        await _go_on_duty(clinician, clinic)
        visit = (await _fine(clinician.post(f"{STAFF}/queue/next")))["id"]
        visits.append(visit)
        if depth > 0:
            await _fine(patient.post(f"{PATIENT}/visits/{visit}/join"))
            line = {"client_id": new_id(), "body": "Hej"}
            await _fine(patient.post(f"{PATIENT}/visits/{visit}/messages", line))
            await _fine(clinician.put(f"{STAFF}/visits/{visit}/note", {"text": "A", "version": 0}))
        if depth > 1:
            await _fine(clinician.post(f"{STAFF}/visits/{visit}/end"))
        if depth > 2:
            await _fine(clinician.post(f"{STAFF}/visits/{visit}/note/sign", {"version": 1}))
    await _go_on_duty(clinician, clinics[0])
    guest, guest_ids, tokens = await _invite(clinician, visits[1])
    known: dict[str, list[Any]] = {
        "visit_id": visits,
        "before": visits,
        "ticket_id": tickets,
        "clinic_id": [clinic.id for clinic in clinics],
        "version": [0, 1],
        "username": [someone.username, colleague.username],
        "password": [PASSWORD],
        "current": [PASSWORD],
        "new": ["tre glada grannar"],
        "guest_id": guest_ids,
        "token": tokens,
        "account_id": [colleague.id, (await people.clinician(clinics[0])).id],
        "after": [colleague.id],
    }
    administrator = await client.as_(await people.administrator())
    base = str(client.server.make_url("/")).rstrip("/")
    return Scene(base, patient, clinician, guest, administrator, known)


async def _invite(clinician: Api, visit_id: str) -> tuple[Api, list[str], list[str]]:
    """Of three who are invited one is let in, one waits, one has not come: whose token is first."""
    path = f"{STAFF}/visits/{visit_id}/guests"
    made = [
        await _fine(clinician.post(path, {"name": f"Gäst {number}", "role": "interpreter"}))
        for number in range(3)
    ]
    browsers = [clinician.another() for _ in made]
    for browser, each in zip(browsers[:2], made, strict=False):
        await _fine(browser.post(f"{GUEST}/session", {"token": each["token"]}))
    ids = [each["guest"]["id"] for each in made]
    await _fine(clinician.post(f"{path}/{ids[0]}/admit", {"consent": True}))
    return browsers[0], ids, [each["token"] for each in reversed(made)]


async def _join(who: Api, clinic: Clinic) -> str:
    body = {
        "clinic_id": clinic.id, "profession": "doctor", "reason": "Feber", "channel": "video",
    }  # fmt: skip
    return str((await _fine(who.post(f"{PATIENT}/queue-tickets", body)))["id"])


async def _go_on_duty(who: Api, clinic: Clinic) -> None:
    await _fine(
        who.put(f"{STAFF}/duty", {"state": "on", "clinic_id": clinic.id, "profession": "doctor"})
    )


def _send_many(
    operation: Operation,
    scene: Scene,
    cookies: dict[str, str],
    mode: GenerationMode,
    *,
    examples: int,
    extra: Callable[[requests.Response], None] = lambda _response: None,
) -> None:
    """Send requests that the description allows (or, negative, does not) and check the answers."""

    @given(operation.as_strategy(generation_mode=mode), st.data())
    @settings(
        max_examples=examples,
        derandomize=not MANY,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Case, data: st.DataObject) -> None:
        _aim(case, scene.known, data)
        with requests.Session() as session:
            response = case.call(base_url=scene.base, session=session, cookies=cookies)
        case.validate_response(response, checks=CHECKS)
        extra(response)  # type: ignore[arg-type]

    send()


def _can_be_wrong(operation: Operation) -> bool:
    """Whether there is anything that the description does not allow."""
    raw = operation.definition.raw
    return "requestBody" in raw or any(
        "$ref" in each or each["schema"] != {"type": "string"} for each in raw["parameters"]
    )


def _aim(case: Case, known: dict[str, list[Any]], data: st.DataObject) -> None:
    """Let the parts that are right also pass the gate, and mostly mean what exists."""
    parts = {} if case.meta is None else case.meta.components
    wrong = {place for place, part in parts.items() if part.mode is GenerationMode.NEGATIVE}
    if ParameterLocation.HEADER not in wrong and case.method != "GET":
        case.headers["X-Vardrum"] = "1"
        case.headers["Idempotency-Key"] = new_id()
    for place, values in (
        (ParameterLocation.PATH, case.path_parameters),
        (ParameterLocation.QUERY, case.query),
        (ParameterLocation.BODY, case.body),
    ):
        if place in wrong or values is NOT_SET or not isinstance(values, dict):
            continue
        for name in sorted(set(values) & set(known)):
            if data.draw(st.integers(0, 7)):
                values[name] = data.draw(st.sampled_from(known[name]))
        if "profession" in values and data.draw(st.booleans()):
            values["profession"] = "doctor"


@pytest.mark.fuzz
@pytest.mark.parametrize("label", OPERATIONS)
async def test_answers_are_as_described(scene: Scene, label: str) -> None:
    """By whoever the operation is for: with what it takes, and with what it does not."""
    operation = OPERATIONS[label]

    def send() -> None:
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation):
                continue
            _send_many(operation, scene, scene.owner(operation), mode, examples=EXAMPLES)

    await asyncio.to_thread(send)


@pytest.mark.parametrize("label", OPERATIONS)
async def test_the_example_of_every_operation_works(scene: Scene, label: str) -> None:
    """As it stands in the description, for one of the ids that exist, and with its versions."""
    operation = OPERATIONS[label]
    raw = operation.definition.raw
    body = raw.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    # Somewhere to go that one is not yet.
    fitting = {**scene.known, "clinic_id": scene.known["clinic_id"][-1:]}
    fitting["username"] = fitting["username"][0 if label.startswith(f"POST {PATIENT}") else 1 :]
    if "/admin/" in label:
        del fitting["username"]  # somebody new
    names = re.findall(r"\{(\w+)\}", label)
    ids = [
        dict(zip(names, each, strict=True)) for each in product(*(scene.known[n] for n in names))
    ]
    bodies: list[Any] = [NOT_SET]
    if body is not None:
        named = {name: values for name, values in fitting.items() if name in body}
        bodies = [
            {**body, **{name: values[turn % len(values)] for name, values in named.items()}}
            for turn in range(2 if "version" in body else 1)
        ]

    def send() -> list[int]:
        found = []
        for path_parameters in ids:
            for each in bodies:
                case = operation.Case(
                    path_parameters=path_parameters, body=each, media_type="application/json"
                )
                if operation.method.upper() != "GET":
                    case.headers.update({"X-Vardrum": "1", "Idempotency-Key": new_id()})
                with requests.Session() as session:
                    response = case.call(
                        base_url=scene.base, session=session, cookies=scene.owner(operation)
                    )
                case.validate_response(response, checks=CHECKS[:-1])
                found.append(response.status_code)
        return found

    statuses = await asyncio.to_thread(send)
    assert [status for status in statuses if status < 300], statuses


@pytest.mark.fuzz
@pytest.mark.parametrize("who", ["nobody", "the other side"])
async def test_answers_to_whom_it_is_not_for(scene: Scene, who: str) -> None:
    """Without the right session every operation that takes one says so, whatever is sent."""
    sessions = {
        "patient": scene.cookies(scene.clinician),
        "staff": scene.cookies(scene.patient),
        "guest": scene.cookies(scene.clinician),
    }

    def refused(response: requests.Response) -> None:
        assert response.status_code in (401, 403)

    def send() -> None:
        for label, operation in OPERATIONS.items():
            needs = [set(each) for each in SECURITY[label]]
            if not needs or set() in needs:
                continue
            (audience,) = needs[0]
            cookies = {} if who == "nobody" else sessions[audience]
            for mode in GenerationMode:
                if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation):
                    continue
                _send_many(
                    operation, scene, cookies, mode, examples=max(2, EXAMPLES // 4), extra=refused
                )

    await asyncio.to_thread(send)
