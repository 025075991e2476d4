"""Names and passwords for a TURN server, for who can't send media to the relay directly.

Short-lived, and made without asking the TURN server: both share a secret (coturn's
`use-auth-secret`; draft-uberti-behave-turn-rest-00, section 2.2).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from signaling.wire.requests import IceServer

#: Longer than any visit: a TURN server asks again when an allocation is renewed.
VALID_FOR = timedelta(hours=4)


class TurnServer:
    """One TURN server, under all the addresses that it answers at."""

    def __init__(self, urls: Sequence[str], secret: str) -> None:
        self._urls = list(urls)
        self._secret = secret.encode()

    def for_leg(self, leg_id: str, now: datetime) -> IceServer:
        """What a browser needs to be relayed: a name that ends, and says nothing of the person."""
        username = f"{int((now + VALID_FOR).timestamp())}:{leg_id}"
        # SHA-1 is what the scheme prescribes; as an HMAC's hash it is not broken.
        digest = hmac.digest(self._secret, username.encode(), hashlib.sha1)
        return IceServer(
            urls=self._urls, username=username, credential=base64.b64encode(digest).decode()
        )
