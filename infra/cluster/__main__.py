"""`make cluster`: run a cluster until Ctrl-C or `make cluster-down`, and bring back who dies."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from infra.cluster.cluster import Cluster
from infra.cluster.member import ROOT, NotStarted
from infra.cluster.plan import Plan
from infra.cluster.ports import is_free
from infra.cluster.programs import ProgramMissing
from infra.cluster.state import State
from server import demo
from server.kit.edge import PATIENT_NAME, STAFF_NAME
from server.main.announce import people

FOLDER = ROOT / "build/cluster"
PORT = 8080
#: As systemd does by our units.
RESTART_AFTER = 1.0


class Refused(Exception):
    """It can't be done; it says why and what to do."""


def say(text: str) -> None:
    """To whoever started it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def announcement(cluster: Cluster) -> str:
    """Where to go, as whom, and what there is to kill."""
    folder = cluster.folder
    lines = [
        "",
        "A Vårdrum cluster is running.",
        f"  Patients:  http://{PATIENT_NAME}:{cluster.port}",
        f"  Staff:     http://{STAFF_NAME}:{cluster.port}",
        *(people(demo.demo_logins()) if cluster.plan.demo else ()),
        "",
        f"{'member':<10}  {'pid':>7}  {'port':>5}  log",
        *(
            f"{each.name:<10}  {each.pid:>7}  {each.port:>5}  {_shown(each.log)}"
            for each in cluster.members.values()
        ),
        "",
        "Kill what you like: it comes back after a second, as under systemd.",
        f"Settings of haproxy and who runs: {_shown(folder)}. Its database goes when it ends.",
        "Ctrl-C or `make cluster-down` ends it.",
        "",
    ]
    return "\n".join(lines)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def up(folder: Path, plan: Plan) -> None:
    """Run until told to end. Raises `Refused`, `ProgramMissing` or `NotStarted`."""
    file = folder / "state.json"
    before = State.read(file)
    if before is not None:
        if before.kept:
            raise Refused(
                f"A cluster runs already, on port {before.port}. `make cluster-down` ends it."
            )
        if left := before.sweep():
            say(f"Ended what a former cluster had left: {', '.join(left)}.")
        file.unlink()
    if plan.port and not is_free(plan.port):
        raise Refused(
            f"Port {plan.port} is taken by another program. Stop that one, or choose another "
            f"port: make cluster PORT={plan.port + 1}"
        )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    say("Starting PostgreSQL, Redis, haproxy, servers and media nodes …")
    cluster = Cluster(folder, plan)
    # From here on whatever is started is known, however we end.
    cluster.on_change = lambda: State.of(cluster, os.getpid()).write(file)
    try:
        with cluster:
            say(announcement(cluster))
            _keep(cluster)
    except KeyboardInterrupt:
        say("The cluster has ended.")
    finally:
        file.unlink(missing_ok=True)


def _keep(cluster: Cluster) -> None:
    while True:
        time.sleep(RESTART_AFTER)
        for each in cluster.ended():
            say(f"{each.name} ended with status {each.status}; starting it again.")
            try:
                cluster.start(each.name)
            except NotStarted as error:
                each.kill()
                say(str(error))
            else:
                say(f"{each.name} is back, as process {each.pid}.")


def _interrupt(_number: int, _frame: object) -> None:
    # Once is enough: ending in order takes a moment.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def down(folder: Path) -> None:
    """End the cluster, whoever started it. Raises `Refused`."""
    file = folder / "state.json"
    state = State.read(file)
    if state is None:
        say("No cluster is running.")
        return
    if state.kept and not state.end_keeper():
        raise Refused(f"The cluster's process {state.keeper[0]} does not end.")
    state.sweep()
    file.unlink(missing_ok=True)
    say("The cluster has ended.")


def main(arguments: Sequence[str] | None = None, plan: Plan | None = None) -> int:
    """Run the command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.cluster", description=__doc__)
    parser.add_argument("what", choices=("up", "down"))
    parser.add_argument("--port", type=int, default=PORT, help="where browsers go")
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--media", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for logs and state")
    chosen = parser.parse_args(arguments)
    plan = replace(
        plan or Plan(durable=True), port=chosen.port, servers=chosen.servers, media=chosen.media
    )
    try:
        if chosen.what == "up":
            up(chosen.folder, plan)
        else:
            down(chosen.folder)
    except (Refused, ProgramMissing, NotStarted) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
