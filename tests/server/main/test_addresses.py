"""Where the server listens, and the certificate for the local network."""

import stat
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from server.kit.clock import utc_now
from server.kit.settings import Settings
from server.main import addresses, local_certificate
from server.main.refusal import RefusalError


def test_the_certificate_is_made_once_and_made_anew(tmp_path: Path) -> None:
    now = utc_now()
    certificate, key = local_certificate.local_certificate(tmp_path / "tls", ["127.0.0.1"], now)
    first = certificate.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    names = (
        x509.load_pem_x509_certificate(first)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert set(local_certificate.LOCAL_NAMES) <= set(names.get_values_for_type(x509.DNSName))
    local_certificate.local_certificate(tmp_path / "tls", ["127.0.0.1"], now)
    assert certificate.read_bytes() == first
    local_certificate.local_certificate(tmp_path / "tls", ["127.0.0.1", "192.168.7.7"], now)
    second = certificate.read_bytes()
    assert second != first
    later = now + local_certificate.LIFETIME - timedelta(days=1)
    local_certificate.local_certificate(tmp_path / "tls", ["127.0.0.1"], later)
    assert certificate.read_bytes() != second


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("127.0.0.1", False), ("::1", False), ("192.168.1.5", False), ("10.0.0.9", False),
        ("fd00::1", False), ("8.8.8.8", True), ("2600::1", True),
    ],
)  # fmt: skip
def test_a_demo_stays_at_home(settings: Settings, host: str, refused: bool) -> None:
    shown = settings.model_copy(update={"demo": True})
    if refused:
        with pytest.raises(RefusalError, match="VARDRUM_ALLOW_PUBLIC_DEMO"):
            addresses.refuse_public_demo(shown, [host])
    else:
        addresses.refuse_public_demo(shown, [host])
    addresses.refuse_public_demo(settings, [host])
    allowed = shown.model_copy(update={"allow_public_demo": True})
    addresses.refuse_public_demo(allowed, [host])


def test_everywhere_is_public_if_one_address_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = settings.model_copy(update={"demo": True})
    for found, refused in ((["192.168.1.2", "127.0.0.1"], False), (["8.8.8.8"], True)):
        monkeypatch.setattr(addresses, "default_addresses", lambda found=found: found)
        for wildcard in addresses.WILDCARDS:
            if refused:
                with pytest.raises(RefusalError):
                    addresses.refuse_public_demo(shown, [wildcard])
            else:
                addresses.refuse_public_demo(shown, [wildcard])


def test_tls_listens_on_the_local_network_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        addresses, "default_addresses", lambda: ["8.8.8.8", "192.168.1.2", "127.0.0.1"]
    )
    assert addresses.listening_on(settings, local_tls=True) == ["127.0.0.1", "192.168.1.2"]
    assert addresses.listening_on(settings, local_tls=False) == ["127.0.0.1"]
    chosen = Settings(host="0.0.0.0")  # noqa: S104
    assert addresses.listening_on(chosen, local_tls=True) == ["0.0.0.0"]  # noqa: S104
    assert all(ip_address(each).is_private for each in addresses.lan_addresses())


def _with_media(settings: Settings, chosen: str) -> Settings:
    """The settings with what an operator wrote, a list with commas."""
    return Settings.model_validate({**settings.model_dump(), "media_address": chosen})


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ("media.example.org", "no IP address"),
        ("127.0.0.1:4000", "no IP address"),
        ("127.0.0.1, 300.1.1.1", "300.1.1.1 is no IP address"),
        ("0.0.0.0", "every address"),  # noqa: S104
        ("127.0.0.1,::", ":: stands for every address"),
        ("224.0.0.1", "nobody's own"),
        ("fe80::1", "interface"),
        ("::1%lo", "interface"),
        ("::ffff:127.0.0.1", "127.0.0.1 in disguise"),
        ("203.0.113.7", "no address of this machine"),
        ("127.0.0.1,2001:db8::7", "2001:db8::7 is no address of this machine"),
        ("127.0.0.1,127.0.0.2,127.0.0.1", "twice"),
        ("::1,0:0:0:0:0:0:0:1", "twice"),
        (
            "203.0.113.7/198.51.100.1",
            "198.51.100.1 is its own, which is no address of this machine",
        ),
        ("203.0.113.7/", "nothing is its own, which is no IP address"),
        ("203.0.113.7/127.0.0.1/127.0.0.2", "no IP address"),
        ("203.0.113.0/24", "24 is its own, which is no IP address"),
        ("vard.example.se/127.0.0.1", "no IP address"),
        ("0.0.0.0/127.0.0.1", "every address"),
        ("2001:db8::7/127.0.0.1", "two families"),
        ("203.0.113.7/127.0.0.1,127.0.0.1", "twice"),
        ("203.0.113.7/127.0.0.1,203.0.113.7/127.0.0.2", "twice"),
    ],
)
def test_media_addresses_that_are_not_this_machines_are_refused(
    settings: Settings, chosen: str, word: str
) -> None:
    with pytest.raises(RefusalError, match="VARDRUM_MEDIA_ADDRESS") as refused:
        addresses.refuse_unusable_media(_with_media(settings, chosen))
    assert word in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "chosen",
    ["", "127.0.0.1", "127.0.0.2, ::1,127.0.0.1", "203.0.113.7/127.0.0.1,2001:db8::7/::1"],
)
def test_media_addresses_of_this_machine_are_taken(settings: Settings, chosen: str) -> None:
    addresses.refuse_unusable_media(_with_media(settings, chosen))
