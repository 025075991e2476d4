"""Which passwords are taken: long enough, and not what is guessed first (NIST SP 800-63B)."""

import string
import unicodedata

from server.kit.errors import Invalid

FEWEST_DIFFERENT = 4

# Alone, or with digits and signs around them.
_USUAL = frozenset(
    (
        "admin", "administrator", "administratör", "demo", "hemlig", "hemligt", "höst", "iloveyou",
        "letmein", "losenord", "lösen", "lösenord", "lösenordet", "monkey", "passw0rd", "password",
        "qwerty", "region", "sjukhus", "sommar", "sommaren", "sverige", "test", "vardcentral",
        "vardrum", "valkommen", "vinter", "vintern", "vår", "våren", "vårdcentral", "vårdrum",
        "välkommen", "welcome",
    )
)  # fmt: skip
_ROWS = (
    "01234567890123456789", "98765432109876543210", "qwertyuiopåasdfghjklöäzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb", "abcdefghijklmnopqrstuvwxyzåäö",
)  # fmt: skip


class PasswordTooEasy(Invalid):
    """422: it would be among the first that somebody tries."""

    code = "password.too_easy"
    title = "That password is too easy to guess"


def check_password(password: str, username: str, field: str = "password") -> None:
    """Pass, or raise ``PasswordTooEasy`` about the ``field``. Length is the shape's matter."""
    plain = unicodedata.normalize("NFC", password).casefold()
    word = plain.strip(string.digits + string.punctuation + " ")
    if (
        len(set(plain)) < FEWEST_DIFFERENT
        or word in _USUAL
        or word == username.casefold()
        or plain == username.casefold()
        or any(plain in row for row in _ROWS)
    ):
        raise PasswordTooEasy("It is among the first that somebody would try.", field=field)
