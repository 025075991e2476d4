"""What a person is to send of the camera, by how many are in the call, and who of them signs. Pure.

Six pictures of 720p are more than a phone can decode or its link carry, and each is shown small.

Signing is read off moving hands and a face: ITU-T H-series Supplement 1 asks for 25 pictures a
second and more, and for movement that is not smeared. So who signs keeps that and the bits for it
in a call of any size, and the others, who are heard, give way.
"""

from typing import NamedTuple


class Profile(NamedTuple):
    """At most: the picture's height in lines, bits a second, pictures a second."""

    height: int
    bitrate: int
    frame_rate: int


_Steps = tuple[tuple[int, Profile], ...]
"""Up to how many people, and what then."""

#: Nobody signs.
_ALIKE: _Steps = (
    (2, Profile(720, 1_700_000, 30)),
    (4, Profile(360, 500_000, 30)),
    (6, Profile(240, 250_000, 25)),
)
#: For who signs.
_SIGNING: _Steps = (
    (2, Profile(720, 2_200_000, 30)),
    (4, Profile(480, 1_000_000, 30)),
    (6, Profile(360, 600_000, 30)),
)
#: For the others then. Between two nobody needs to give way.
_GIVING_WAY: _Steps = (
    (2, Profile(720, 1_700_000, 30)),
    (4, Profile(240, 250_000, 25)),
    (6, Profile(180, 150_000, 25)),
)


def profile(people: int, *, signs: bool = False, signers: int = 0) -> Profile:
    """For a call of so many, oneself included, of whom `signers` sign, oneself perhaps."""
    steps = _SIGNING if signs else _GIVING_WAY if signers else _ALIKE
    return next((found for most, found in steps if people <= most), steps[-1][1])
