"""Two servers, and the Redis between them."""

import asyncio
from dataclasses import dataclass

from tests.redis import RedisServer
from tests.signaling.stage import Stage, eventually

PATIENCE = 20


@dataclass
class Town:
    """Two servers, and the Redis between them."""

    a: Stage
    b: Stage
    redis: RedisServer

    async def lose_redis(self, how: str) -> None:
        """It dies, or stands still; both servers have noticed when this returns."""
        await asyncio.to_thread(self.redis.kill if how == "killed" else self.redis.stop)
        await eventually(lambda: not (self.up(self.a) or self.up(self.b)), PATIENCE)

    async def give_redis_back(self, how: str) -> None:
        await asyncio.to_thread(self.redis.start if how == "killed" else self.redis.go_on)
        await eventually(lambda: self.up(self.a) and self.up(self.b), PATIENCE)

    @staticmethod
    def up(stage: Stage) -> bool:
        return stage.bus is not None and stage.bus.up
