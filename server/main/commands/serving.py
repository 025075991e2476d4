"""``vardrum serve`` and ``vardrum media``: what goes on until it is told to end."""

import argparse
import gc
import os
import sys
from typing import Any

import uvloop

from server.kit.clock import utc_now
from server.kit.settings import Settings
from server.main import addresses, node, serve
from server.main.announce import announcement
from server.main.commands import Commands

# A thread that wants the interpreter back, as each one that speaks to the database does at every
# step, asks the one that has it to let go after so long. At Python's 5 ms a heartbeat amid much
# else came back up to four times as late, and nothing else became cheaper by it.
_TURN_SECONDS = 0.0005
# How many more objects there are than before until Python looks for cycles among the young ones,
# how often it does until it looks among the older ones, and how often it does that until it looks
# among all. At its own 700 a busy server looked some fifty times a second.
_LOOKS = (3_000, 5, 20)


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser("serve", help="run the server")
    command.add_argument("--demo", action="store_true", help="with a made-up region and logins")
    command.add_argument(
        "--tls", action="store_true", help="with a local certificate, for phones on the network"
    )
    command.set_defaults(command=_serve)
    command = commands.add_parser("media", help="run this machine's media workers for the servers")
    command.set_defaults(command=_media)


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    changed: dict[str, Any] = {}
    if arguments.demo:
        changed["demo"] = True
    settings = settings.model_copy(update=changed)
    # Without --tls this is what VARDRUM_HOST says, whether or not a certificate is set.
    hosts = addresses.listening_on(settings, local_tls=arguments.tls)
    serve.refuse_early(settings, hosts)
    if arguments.tls and not settings.tls:
        # What makes one takes 8 MB, which a server that needs none should not hold.
        from server.main.local_certificate import local_certificate

        certificate, key = local_certificate(
            settings.data / "tls", [addresses.LOOPBACK, *addresses.lan_addresses()], utc_now()
        )
        settings = settings.model_copy(update={"tls_cert": certificate, "tls_key": key})

    def announce(server: serve.Running) -> None:
        leave_what_stays()
        sys.stdout.write(announcement(settings, server))
        sys.stdout.flush()

    sys.setswitchinterval(_TURN_SECONDS)
    status = uvloop.run(serve.until_told(settings, hosts, announce))
    # Everything is closed and on disk. Taking the interpreter down piece by piece would only cost
    # time: half a second, and several on a busy machine.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def leave_what_stays() -> None:
    """Look for garbage among what comes and goes from now on, not among all that was imported.

    To look through that as well held everybody up for an eighth of a second, now and then.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_LOOKS)


def _media(settings: Settings, _arguments: argparse.Namespace) -> int:
    addresses.refuse_unusable_media(settings)
    place = node.refuse_early(settings)

    def announce(address: str) -> None:
        sys.stdout.write(f"Media for the servers, at {address}. Ctrl-C ends it.\n")
        sys.stdout.flush()

    status: int = uvloop.run(node.run(settings, place, announce))
    return status
