"""What commands may ask of a running server (see ``control``)."""

from server.main.commands import dead_letters, people

ACTIONS = (
    dead_letters.LIST,
    dead_letters.SHOW,
    dead_letters.REPLAY,
    dead_letters.DISCARD,
    people.CREATE_ADMIN,
)
