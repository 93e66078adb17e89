"""A process that takes and gives back permits all the time: `<redis url> <limit> <lease> <name>`.

Who is inside is kept in a Redis set, with the largest number ever seen.
"""

from __future__ import annotations

import asyncio
import random
import sys

from redis.asyncio import Redis

from pipeline_defs.runtime.permits import Permits

ENTER = """
redis.call('SADD', KEYS[1], ARGV[1])
local inside = redis.call('SCARD', KEYS[1])
if inside > tonumber(redis.call('GET', KEYS[2]) or '0') then redis.call('SET', KEYS[2], inside) end
redis.call('INCR', KEYS[3])
"""


async def main(url: str, limit: int, lease: float, name: str) -> None:
    """Hold permits in eight tasks of two groups until killed."""
    redis = Redis.from_url(url)
    enter = redis.register_script(ENTER)
    async with Permits.open(redis, {"text": limit}, lease, rates={}) as permits:

        async def work(number: int) -> None:
            me = f"{name}:{number}"
            while True:
                async with permits.hold("text", group=f"group-{number % 2}"):
                    await enter(keys=["inside", "most", "entered"], args=[me])
                    await asyncio.sleep(random.uniform(0.001, 0.02))
                    await redis.srem("inside", me)

        await asyncio.gather(*[work(number) for number in range(8)])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
