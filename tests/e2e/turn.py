"""A TURN server (coturn) on loopback: relays for who can't send UDP: TCP alone, or TLS."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from server.kit.clock import Clock

from .product import free_port

_HOST = "127.0.0.1"
_MANY = 200


@dataclass(frozen=True)
class Turn:
    """Where it answers, from which UDP ports it relays, and with TLS its certificate."""

    url: str
    secret: str
    relays_from: range
    certificate: Path


@contextmanager
def running(folder: Path, *, tls: bool = False) -> Iterator[Turn]:
    """A TURN server that takes short-lived credentials made with its secret."""
    program = shutil.which("turnserver") or "/usr/bin/turnserver"
    port, first, secret = free_port(), free_port(socket.SOCK_DGRAM), "a secret of this test"
    ports = range(first, first + _MANY)
    log = folder / "turn.log"
    certificate, key = _certificate(folder)
    listening = (
        ["--no-tcp", f"--tls-listening-port={port}", f"--cert={certificate}", f"--pkey={key}"]
        if tls
        else ["--no-tls", f"--listening-port={port}"]
    )
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [
                program, "-n", "--no-cli", "--no-dtls", "--no-udp", *listening,
                "--allow-loopback-peers", "--fingerprint", "--use-auth-secret",
                f"--static-auth-secret={secret}", "--realm=vardrum",
                f"--listening-ip={_HOST}", f"--relay-ip={_HOST}",
                f"--min-port={ports[0]}", f"--max-port={ports[-1]}",
                "--log-file=stdout", f"--pidfile={folder / 'turn.pid'}",
                f"--userdb={folder / 'turndb'}", "--no-multicast-peers",
            ],
            stdout=lines, stderr=lines, cwd=folder,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not _listens(port):
            assert process.poll() is None, f"the TURN server ended:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the TURN server is silent:\n{log.read_text()}"
            time.sleep(0.1)
        scheme = "turns" if tls else "turn"
        yield Turn(f"{scheme}:{_HOST}:{port}?transport=tcp", secret, ports, certificate)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the address that it answers at, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a TURN server of this test")])
    now = Clock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(_HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "turn.pem", folder / "turn.key"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0
