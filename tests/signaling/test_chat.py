"""Two people chat through a network that loses and doubles everything, exactly once."""

import asyncio
import random
from typing import Any

import pytest

from server.kit.ids import new_id
from tests.signaling.stage import Person, Stage, Tab, eventually

LOSS = 0.3
LINES = 40


class Chatter:
    """What a client does: send until there is an answer, fill gaps over HTTP, drop repeats."""

    def __init__(self, stage: Stage, person: Person, visit_id: str, chance: random.Random) -> None:
        self._stage = stage
        self._person = person
        self._visit_id = visit_id
        self._chance = chance
        self.tab: Tab | None = None
        self.last = 0
        self.view: list[tuple[int, str | None, str]] = []
        self.dropped = 0
        self._catching = asyncio.Lock()

    async def connect(self) -> None:
        self.tab = await self._stage.tab(self._person, unhurried=True)
        self.tab.client.on("message.posted", self._pushed, namespace=self._person.namespace)
        await self.catch_up()

    async def send(self, body: str) -> str:
        client_id = new_id()
        payload = {"visit_id": self._visit_id, "client_id": client_id, "body": body}
        while True:
            if self._lost():
                continue
            assert self.tab is not None
            asked = [self.tab.ask("message.send", payload)]
            if self._lost():
                asked.append(self.tab.ask("message.send", payload))
            for answer in await asyncio.gather(*asked):
                assert answer["ok"], answer
                assert answer["message"]["client_id"] == client_id
                assert answer["message"]["body"] == body
            if not self._lost():
                return client_id

    async def catch_up(self) -> None:
        async with self._catching:
            path = f"/api/v1{self._person.namespace}/visits/{self._visit_id}/messages"
            async with self._stage.http.get(
                path, params={"after": self.last}, headers=self._person.headers
            ) as response:
                assert response.status == 200
                found = await response.json()
            for message in found["messages"]:
                self._take(message)

    async def heartbeat(self) -> None:
        assert self.tab is not None
        known = {"visit_id": self._visit_id, "version": 0, "last_seq": self.last}
        answer = await self.tab.ok("sync", visits=[known], tickets=[], queue=None)
        if answer["visits"][0]["last_seq"] > self.last:
            await self.catch_up()

    async def _pushed(self, message: dict[str, Any]) -> None:
        if self._lost():
            self.dropped += 1
            return
        for _ in range(2 if self._lost() else 1):
            if message["seq"] > self.last + 1:
                await self.catch_up()
            else:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if message["seq"] == self.last + 1:
            self.last = message["seq"]
            self.view.append((message["seq"], message["client_id"], message["body"]))

    def _lost(self) -> bool:
        return self._chance.random() < LOSS


@pytest.mark.property
@pytest.mark.parametrize("seed", [1, 2])
async def test_exactly_once_in_one_order(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    people = [Chatter(stage, each, visit_id, chance) for each in (anna, bo)]
    for each in people:
        await each.connect()

    async def write(who: Chatter, name: str) -> list[str]:
        sent = []
        for number in range(LINES):
            sent.append(await who.send(f"{name} {number}"))
            if chance.random() < 0.1:
                assert who.tab is not None
                await who.tab.cut()
                await who.connect()
            if chance.random() < 0.1:
                await who.heartbeat()
        return sent

    written = await asyncio.gather(write(people[0], "A"), write(people[1], "B"))
    await asyncio.sleep(0.2)
    for each in people:
        await each.heartbeat()
    first, second = people
    assert first.view == second.view
    assert [seq for seq, _, _ in first.view] == list(range(1, 2 * LINES + 2))
    assert {client_id for _, client_id, _ in first.view[1:]} == {*written[0], *written[1]}
    for ids in written:
        assert [each for _, each, _ in first.view if each in ids] == ids, "kept in order"
    assert first.dropped
    assert second.dropped


async def test_a_line_reaches_every_tab_of_both_and_nobody_else(stage: Stage) -> None:
    anna, bo, cia = await stage.patient(), await stage.clinician(), await stage.patient("Cia")
    visit_id = await stage.visit(anna, bo)
    tabs = [await stage.tab(each) for each in (anna, anna, bo)]
    stranger = await stage.tab(cia)
    client_id = new_id()
    ack = await tabs[0].ok("message.send", visit_id=visit_id, client_id=client_id, body=" Hej! ")
    assert ack["message"]["body"] == "Hej!"
    assert ack["message"]["sender_name"] == "Anna"
    for tab in tabs:
        pushed = await tab.until("message.posted", client_id=client_id)
        assert pushed == {**ack["message"], "type": "message.posted"}
    assert (
        await tabs[0].refused("message.send", visit_id=visit_id, client_id=client_id, body="Nej")
        == "message.id_reuse"
    )
    await eventually(lambda: len(tabs[2].hints("message.posted")) == 1)
    assert not stranger.heard
