"""What is over is gone at once, not when garbage is next looked for."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from signaling.media.states import LegState
from tests.media.conftest import Lab
from tests.media.peers import until


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Without the garbage collector: what lives then is held by something, or by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def watched(lab: Lab, leg_id: str) -> list[weakref.ref[object]]:
    """A leg and what it is made of, some of which knows it."""
    leg = lab.relay._legs[leg_id]
    assert leg.dtls is not None
    assert leg.up
    parts = (leg, leg.dtls, leg.dtls._transport, leg.dtls._transport._ssl)
    # Its streams, which hold most of its memory, know it as well and can't be watched themselves.
    assert all(source.owner is leg for source in leg.up.values())
    assert all(stream.owner is leg for stream in leg.down.values())
    return [weakref.ref(part) for part in parts]


@pytest.mark.parametrize("how", ["closed", "goodbye", "replaced", "silent"])
async def test_nothing_is_left_of_a_leg_that_is_over(
    lab: Lab, no_collector: None, how: str
) -> None:
    patient, clinician = await lab.pair()
    for number in range(20):
        patient.send_video(number, b"x" * 900)
        patient.send_audio(number)
        clinician.send_audio(number)
    await until(lambda: len(lab.relay._legs["p"].up) == 2)
    parts = watched(lab, "p")
    if how == "closed":
        lab.relay.close("p")
    elif how == "goodbye":
        await patient.close()
    elif how == "replaced":
        await lab.join("patient", "p2")
    else:
        for _ in range(2):
            lab.clock.ahead += 40
            await asyncio.sleep(0.3)
    await until(lambda: lab.states("p")[-1] in (LegState.CLOSED, LegState.FAILED))
    for _ in range(5):
        await asyncio.sleep(0.02)
    assert [part() for part in parts] == [None] * len(parts)


async def test_nothing_is_left_of_one_who_never_answered(lab: Lab, no_collector: None) -> None:
    lab.relay.open("visit", "p", "patient")
    part = weakref.ref(lab.relay._legs["p"])
    lab.relay.close("p")
    await asyncio.sleep(0.05)
    assert part() is None
