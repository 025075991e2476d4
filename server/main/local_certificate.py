"""A certificate of one's own for the local network, so that a phone's camera works there."""

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Apple accepts no longer ones (support.apple.com/HT210176).
LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
LOCAL_NAMES = ("localhost", "patient.localhost", "personal.localhost")


def local_certificate(folder: Path, addresses: list[str], now: datetime) -> tuple[Path, Path]:
    """The certificate and its key in ``folder``; made anew if it ends soon or lacks an address."""
    certificate, key = folder / "local-cert.pem", folder / "local-key.pem"
    if not (certificate.is_file() and key.is_file() and _serves(certificate, addresses, now)):
        folder.mkdir(parents=True, exist_ok=True)
        _make(certificate, key, addresses, now)
    return certificate, key


def _serves(path: Path, addresses: list[str], now: datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    known = {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    return found.not_valid_after_utc > now + RENEW_BEFORE and known >= set(addresses)


def _make(certificate: Path, key: Path, addresses: list[str], now: datetime) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vardrum on this machine")])
    names: list[x509.GeneralName] = [x509.DNSName(each) for each in LOCAL_NAMES]
    names += [x509.IPAddress(ip_address(each)) for each in addresses]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.chmod(0o600)
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
