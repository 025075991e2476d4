"""What a person is to send of the camera, by how many are in the call. Pure.

Six pictures of 720p are more than a phone can decode or its link carry, and each is shown small.
"""

from typing import NamedTuple


class Profile(NamedTuple):
    """At most: the picture's height in lines, bits a second, pictures a second."""

    height: int
    bitrate: int
    frame_rate: int


_BY_PEOPLE = ((2, Profile(720, 1_700_000, 30)), (4, Profile(360, 500_000, 30)))
_CROWD = Profile(240, 250_000, 25)


def profile(people: int) -> Profile:
    """For a call of so many, oneself included."""
    return next((found for most, found in _BY_PEOPLE if people <= most), _CROWD)
