"""The media workers of this machine."""

import os

from server.kit.settings import Settings
from server.main.refusal import RefusalError
from signaling.media.address import default_addresses
from signaling.rooms.media_port import MediaUnavailable
from signaling.worker.place import Place
from signaling.worker.pool import WorkerPool


async def workers(settings: Settings) -> WorkerPool:
    """The media workers that the settings ask for, started; or a refusal that says why not."""
    count = settings.media_workers or os.cpu_count() or 1
    where = settings.media_address or default_addresses()
    tcp = settings.media_tcp_port
    place = Place(where, settings.media_port, tcp, settings.media_tcp_announced)
    media = WorkerPool(place, count)
    try:
        await media.start()
    except (MediaUnavailable, OSError):
        ports = _ports("UDP", settings.media_port, count)
        if tcp is not None:
            ports += f" and {_ports('TCP', tcp, count)}"
        raise RefusalError(
            f"The media worker could not start (it says why above). It needs {ports} on "
            f"{', '.join(where)}; choose others with VARDRUM_MEDIA_PORT, VARDRUM_MEDIA_TCP_PORT "
            "and VARDRUM_MEDIA_ADDRESS."
        ) from None
    return media


def _ports(kind: str, first: int, count: int) -> str:
    if not first:
        return f"a {kind} port"
    return f"{kind} port {first}" if count == 1 else f"{kind} ports {first} to {first + count - 1}"
