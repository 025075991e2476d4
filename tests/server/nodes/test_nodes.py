"""Media nodes in the database: who is there, and that all servers agree on who holds a visit."""

import asyncio
from datetime import timedelta

from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.ids import new_id
from server.nodes import service as nodes
from server.nodes.domain import KEPT, STALE, Node, Placement


async def beat(database: Database, *, draining: bool = False, node_id: str = "") -> str:
    node = Node(node_id or new_id(), "10.0.0.5:9470", 400, 3, draining, database.clock.now())
    await database.write(nodes.beat, node)
    return node.id


async def test_a_node_is_there_while_it_says_so(database: Database, clock: FrozenClock) -> None:
    first, second = await beat(database), await beat(database)
    assert {node.id for node in await database.read(nodes.alive)} == {first, second}
    clock.advance(STALE - timedelta(seconds=1))
    await beat(database, draining=True, node_id=second)
    clock.advance(timedelta(seconds=2))
    (left,) = await database.read(nodes.alive)
    assert (left.id, left.draining, left.legs, left.capacity) == (second, True, 3, 400)
    assert left.address == "10.0.0.5:9470"
    await database.write(nodes.leave, second)
    assert await database.read(nodes.alive) == []


async def test_a_visit_stays_where_it_was_put(database: Database) -> None:
    first, second = await beat(database), await beat(database)
    visit = new_id()
    assert await database.write(nodes.place, visit, [first, second]) == Placement(first, fresh=True)
    # Another server likes the other better, and follows all the same; also when it can't reach it.
    for usable in ([second, first], [second]):
        assert (await database.write(nodes.place, visit, usable)).node_id == first
    assert (await database.write(nodes.place, new_id(), [second])).node_id == second


async def test_servers_that_ask_at_once_get_one_answer(database: Database) -> None:
    ids = [await beat(database) for _ in range(4)]
    visit = new_id()
    asked = (database.write(nodes.place, visit, [ids[n % 4], *ids]) for n in range(12))
    placed = await asyncio.gather(*asked)
    assert len({each.node_id for each in placed}) == 1
    assert sum(each.fresh for each in placed) == 1


async def test_a_visit_leaves_a_node_that_drains_died_or_was_full(
    database: Database, clock: FrozenClock
) -> None:
    first, second = await beat(database), await beat(database)
    visits = [new_id() for _ in range(3)]
    for visit in visits:
        await database.write(nodes.place, visit, [first])
    placed = await database.write(nodes.place, visits[0], [second], first)
    assert (placed.node_id, placed.fresh) == (second, True)
    await beat(database, draining=True, node_id=first)
    assert (await database.write(nodes.place, visits[1], [second])).node_id == second
    clock.advance(STALE + timedelta(seconds=1))
    await beat(database, node_id=second)
    moved = await database.write(nodes.place, visits[2], [second])
    assert (moved.node_id, moved.fresh) == (second, True)
    again = await database.write(nodes.place, visits[2], [first, second])
    assert (again.node_id, again.fresh) == (second, False)


async def test_yesterday_is_forgotten(database: Database, clock: FrozenClock) -> None:
    first, visit = await beat(database), new_id()
    await database.write(nodes.place, visit, [first])
    await database.write(nodes.forget_old)
    assert not (await database.write(nodes.place, visit, [first])).fresh
    clock.advance(KEPT + timedelta(seconds=1))
    await database.write(nodes.forget_old)
    await beat(database, node_id=first)
    assert (await database.write(nodes.place, visit, [first])).fresh
