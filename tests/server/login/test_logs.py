"""No log tells of a person: not of a login, not of a reason to wait."""

import json
import logging
from collections.abc import Iterator

import pytest

from server.kit import log
from server.kit.log import MASK, Personal, get_logger, masked
from tests.support import PASSWORD, Api, People


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    log.configure("json", "DEBUG")
    yield capsys
    log.configure("json", "INFO")


async def test_a_login_and_a_queue_leave_nothing_personal(
    lines: pytest.CaptureFixture[str], client: Api, people: People
) -> None:
    clinic = await people.clinic()
    patient = await people.patient(name="Ragnhild Xylander")
    await client.log_in(patient, "fel lösenord")
    reply = await client.log_in(patient)
    token = reply.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    joined = await client.post(
        "/api/v1/patient/queue-tickets",
        {
            "clinic_id": clinic.id,
            "profession": "doctor",
            "reason": "en märklig klåda på knäet",
            "channel": "video",
        },
    )
    assert joined.status == 201
    await client.get("/api/v1/patient/overview")
    written = lines.readouterr().err
    assert "login.succeeded" in written
    assert "login.failed" in written
    for secret in (
        "Ragnhild", "Xylander", "klåda", PASSWORD, "fel lösenord", token, "1991-05-17",
        "127.0.0.1",
    ):  # fmt: skip
        assert secret not in written, secret
    assert patient.username not in written.split()


def test_personal_values_are_masked(lines: pytest.CaptureFixture[str]) -> None:
    logger = get_logger("test")
    logger.info(
        "x.happened",
        name="Ragnhild",
        deep={"reason": "klåda", "list": [{"token": "hemligt"}, Personal("gömt")]},
        wrapped=Personal("mycket gömt"),
        thing=object(),
        number=7,
    )
    try:
        raise ValueError("Ragnhild stands in the message")
    except ValueError as error:
        logger.error("x.failed", error=error)
        logger.exception("x.failed")
        logging.getLogger("library").exception("failed for %s", "Ragnhild")
    written = lines.readouterr().err
    for secret in ("Ragnhild", "klåda", "hemligt", "gömt"):
        assert secret not in written
    first, *others = [json.loads(line) for line in written.splitlines()]
    assert first["number"] == 7
    assert first["deep"]["reason"] == first["wrapped"] == MASK
    assert first["thing"] == "object"
    for other in others:
        assert other["error"] == "ValueError"
        assert "test_logs.py" in other["where"][-1]


def test_what_is_missing_is_not_masked() -> None:
    assert masked({"name": None, "reason": "x"}) == {"name": None, "reason": MASK}
