"""What a test did to its database is not there for the next."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from server.kit.database_url import DatabaseUrl
from tests.databases import Databases


async def do(url: DatabaseUrl, statement: str) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(url.dsn)
    try:
        return list(await conn.fetch(statement))
    finally:
        await conn.close()


@pytest.mark.postgres
def test_an_emptied_database_has_the_products_tables_alone(postgres: Databases) -> None:
    url = postgres.empty()
    fresh = asyncio.run(do(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    asyncio.run(do(url, "CREATE TABLE theirs (id int)"))
    url = postgres.empty()
    emptied = asyncio.run(do(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    assert sorted(emptied) == sorted(fresh)
