"""What to speak HTTPS with."""

import ssl

from server.kit.settings import Settings
from server.main.refusal import RefusalError


def context(settings: Settings) -> ssl.SSLContext | None:
    """What to speak HTTPS with; None for plain HTTP."""
    if settings.tls_cert is None:
        if settings.tls_key is not None:
            raise RefusalError("VARDRUM_TLS_KEY is set without VARDRUM_TLS_CERT. Set both.")
        return None
    if settings.tls_key is None:
        raise RefusalError("VARDRUM_TLS_CERT is set without VARDRUM_TLS_KEY. Set both.")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise RefusalError(
            f"The certificate {settings.tls_cert} can't be used with the key {settings.tls_key} "
            f"({error.strerror or 'they do not fit'}). Set VARDRUM_TLS_CERT and VARDRUM_TLS_KEY "
            "to a PEM chain and its key."
        ) from None
    return made
