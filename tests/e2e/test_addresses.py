"""Addresses that are dead, and that are of the newer kind: pictures come all the same."""

from __future__ import annotations

import pytest

from .meeting import REASON, Enter, in_call, on_duty, waiting
from .product import Product
from .watching import comes_to_reach, reached


@pytest.mark.once("one in use dies in both")
@pytest.mark.parametrize("media_addresses", [("127.0.0.2", "127.0.0.1")])
def test_the_second_address_when_the_first_is_dead(enter: Enter) -> None:
    patient = waiting(enter)
    patient.link.faults.dead_hosts.add("127.0.0.2")
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()
    comes_to_reach(patient, "127.0.0.1")


@pytest.mark.parametrize("media_addresses", [("127.0.0.2", "127.0.0.1")])
def test_the_address_in_use_dies_in_mid_call(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    (first,) = reached(patient)
    (second,) = {"127.0.0.1", "127.0.0.2"} - {first}
    patient.link.faults.dead_hosts.add(first)
    comes_to_reach(patient, second)
    patient.forget_pictures()
    clinician.forget_pictures()
    patient.sees_picture()
    clinician.sees_picture()


@pytest.mark.parametrize("web_host", ["::1"])
@pytest.mark.parametrize("media_addresses", [("::1",), ("127.0.0.1", "::1")], ids="+".join)
def test_a_visit_over_ipv6(
    enter: Enter, product: Product, media_addresses: tuple[str, ...]
) -> None:
    patient, clinician = in_call(enter)
    assert patient.base.startswith("http://[::1]:")
    patient.write("Hej över sexan")
    clinician.reads("Hej över sexan")
    for each in (patient, clinician):
        assert set(reached(each)) <= set(media_addresses)
    assert patient.complaints == clinician.complaints == []
