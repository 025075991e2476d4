"""The machine: disk, clock, open files, and the buffers that media needs. Linux tells all of it."""

import ctypes
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

from server.kit.settings import Settings
from server.main.doctor.finding import Finding, fail, ok, warn
from signaling.media.limits import SOCKET_BUFFER
from signaling.media.sockets import widen

GB = 1 << 30
MB = 1 << 20
LEAST_FREE = 200 * MB
LITTLE_FREE = GB
# Each socket of a browser is a file, and so is each of the proxy's connections.
FEW_FILES = 4096
# One in so many datagrams: below that nobody sees or hears it.
DROPPED = 1e-4
# What adjtimex(2) returns when nobody keeps the clock right, and more than its struct needs.
_TIME_ERROR = 5
_TIMEX_OCTETS = 512


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at what the machine gives."""
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    system = os.statvfs(folder)
    database = settings.database_file
    size = database.stat().st_size if database.is_file() else 0
    yield judge_disk(
        folder,
        free=system.f_bavail * system.f_frsize,
        whole=system.f_blocks * system.f_frsize,
        database=size,
    )
    yield judge_inodes(folder, free=system.f_favail, whole=system.f_files)
    yield judge_clock(synchronised=_synchronised())
    yield judge_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    if not settings.media_nodes:
        yield judge_buffer(_buffer())
        yield judge_drops(*_datagrams())
        yield judge_workers(settings.media_workers, os.cpu_count() or 1)


def judge_disk(folder: Path, *, free: int, whole: int, database: int) -> Finding:
    """Room on the disk, in octets."""
    said = f"{free / GB:.1f} GB of {whole / GB:.1f} are free at {folder}."
    if free < LEAST_FREE:
        return fail("disk", said, "Make room now: soon nothing can be written.")
    if free < LITTLE_FREE or free < whole // 20:
        return warn("disk", said, "Make room: a twentieth, and a gigabyte, should stay free.")
    if free < database:
        return warn(
            "disk",
            f"{said} The database is larger: neither a backup nor some migrations fit beside it.",
            "Make room, and put backups on another disk.",
        )
    return ok("disk", said)


def judge_inodes(folder: Path, *, free: int, whole: int) -> Finding:
    """Room for more files. Some file systems count none."""
    if whole and free < whole // 50:
        return warn("disk", f"{folder} has room for {free} more files.", "Remove what is not used.")
    return ok("disk", f"There is room for files at {folder}.")


def judge_clock(*, synchronised: bool | None) -> Finding:
    """Whether somebody keeps the clock right; None: this system does not say."""
    if synchronised:
        return ok("clock", "The clock is kept right.")
    if synchronised is None:
        return warn("clock", "This system does not say whether its clock is kept right.", _NTP)
    return warn(
        "clock",
        "Nobody keeps the clock right: the access log, opening hours and ends of sessions go by "
        "it, and media nodes whose clocks differ by seconds take each other for dead.",
        _NTP,
    )


_NTP = "Run an NTP client (`timedatectl set-ntp true`, or chrony); `timedatectl` shows if it works."


def judge_files(limit: int) -> Finding:
    """How many files this shell's processes may open. A service has a limit of its own."""
    if limit != resource.RLIM_INFINITY and limit < FEW_FILES:
        return warn(
            "files",
            f"A process that is started from here may open {limit} files; each person connected "
            "is one or two.",
            f"`ulimit -n 65536`, or LimitNOFILE=65536 in the unit (not below {FEW_FILES}).",
        )
    return ok("files", "Enough files may be open at once.")


def judge_buffer(octets: int) -> Finding:
    """What the kernel gives a media socket of the 8 MB that it is asked for."""
    if octets >= SOCKET_BUFFER:
        return ok("buffers", f"A media socket gets its {octets // MB} MB.")
    return warn(
        "buffers",
        f"A media socket gets {octets / MB:.1f} MB of {SOCKET_BUFFER // MB}: in a burst, "
        "packets of many calls are lost at once.",
        f"sysctl -w net.core.rmem_max={SOCKET_BUFFER} net.core.wmem_max={SOCKET_BUFFER} (and into "
        "/etc/sysctl.d), or give the service CAP_NET_ADMIN.",
    )


def judge_drops(received: int, dropped: int) -> Finding:
    """UDP datagrams that the whole machine received and dropped for want of buffer, since boot."""
    said = f"{dropped} of {received + dropped} datagrams were dropped for want of buffer since boot"
    if dropped > DROPPED * (received + dropped):
        return warn(
            "buffers",
            f"{said} (RcvbufErrors, of all programs).",
            "If it grows during calls (vardrum_media_rcvbuf_errors_total): larger buffers, more "
            "VARDRUM_MEDIA_WORKERS, or fewer other programs on this machine.",
        )
    return ok("buffers", f"{said}.")


def judge_workers(workers: int, cores: int) -> Finding:
    """Media workers beside the machine's cores. 0: one for each."""
    if workers > cores:
        return warn(
            "media",
            f"{workers} media workers share {cores} cores: each call waits for the others.",
            "Set VARDRUM_MEDIA_WORKERS to the number of cores at most (0 does that).",
        )
    return ok("media", f"{workers or cores} media workers on {cores} cores.")


def _synchronised() -> bool | None:
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_OCTETS))
    except AttributeError:
        return None
    return None if state < 0 else state != _TIME_ERROR


def _buffer() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        widen(probe)
        # The kernel doubles what it was asked for, for its own bookkeeping (socket(7)).
        given = [
            probe.getsockopt(socket.SOL_SOCKET, each) // 2
            for each in (socket.SO_RCVBUF, socket.SO_SNDBUF)
        ]
    return min(given)


def _datagrams() -> tuple[int, int]:
    """Received and dropped, over IPv4 and IPv6."""
    lines = [
        line.split()[1:]
        for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
        if line.startswith("Udp: ")
    ]
    four = dict(zip(*lines, strict=True))
    six_file = Path("/proc/net/snmp6")
    six = (
        dict(line.split() for line in six_file.read_text(encoding="ascii").splitlines())
        if six_file.exists()
        else {}
    )
    received = int(four["InDatagrams"]) + int(six.get("Udp6InDatagrams", 0))
    return received, int(four["RcvbufErrors"]) + int(six.get("Udp6RcvbufErrors", 0))
