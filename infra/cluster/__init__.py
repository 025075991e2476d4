"""A whole cluster as plain processes on loopback: for trying it out, and for the tests.

    with Cluster(folder, Plan(servers=3, media=2)) as cluster:
        cluster.url                     # where browsers go: haproxy
        cluster.kill("server-2")        # or stop, pause, resume, restart; by name
        cluster.start("server-2")

`make cluster` runs one until Ctrl-C.
"""

from infra.cluster.cluster import Cluster
from infra.cluster.member import Member, NotStarted
from infra.cluster.plan import Plan
from infra.cluster.programs import ProgramMissing

__all__ = ["Cluster", "Member", "NotStarted", "Plan", "ProgramMissing"]
