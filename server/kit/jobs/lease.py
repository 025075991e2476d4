"""The time that a run has: as long as its kind may take, and as the job is ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.kit import tasks
from server.kit.db import Database
from server.kit.jobs import store
from server.kit.jobs.store import LEASE, Claim
from server.kit.log import get_logger

log = get_logger(__name__)

RENEW_SECONDS = LEASE.total_seconds() / 3


class LeaseLost(Exception):
    """The job is not ours any more, so nothing of what is not committed may be kept."""


class TooLong(Exception):
    """A run took longer than its kind may."""


@asynccontextmanager
async def limited(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Cut the block off after so many seconds, with ``TooLong``.

    A ``TimeoutError`` of its own is an error like others.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield limit
    except TimeoutError as error:
        if limit.expired():
            raise TooLong from error
        raise


@asynccontextmanager
async def renewed(database: Database, held: Claim, seconds: float) -> AsyncIterator[None]:
    """The same, and renew the lease meanwhile; ``LeaseLost`` when it is lost, or may be."""
    lost: list[bool] = []
    try:
        async with limited(seconds) as limit:
            renewing = tasks.spawn(_renew(database, held, limit, lost), "job.renew")
            try:
                yield
            finally:
                await tasks.cancel(renewing)
    except TooLong:
        if lost:
            raise LeaseLost from None
        raise


async def _renew(database: Database, held: Claim, limit: asyncio.Timeout, lost: list[bool]) -> None:
    """Renew until cancelled, or until the job may be somebody else's."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LEASE.total_seconds()
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        asked = loop.time()
        try:
            async with asyncio.timeout(max(ends - asked, 0)):
                if await database.write(store.renew, held):
                    ends = asked + LEASE.total_seconds()
                    continue
        except Exception as error:
            log.warning("job.not_renewed", job=held.id, error=error)
            if loop.time() + RENEW_SECONDS < ends:
                continue
        lost.append(True)
        limit.reschedule(loop.time())
        return
