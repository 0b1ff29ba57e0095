"""`python -m tests.support.unreadable KAFKA TOPIC` puts a record there whose header name isn't UTF-8.

Only aiokafka's Python codec can be made to write one, so this runs in a process of its own
(AIOKAFKA_NO_EXTENSIONS).
"""

import asyncio
import os
import sys
from typing import Any

from aiokafka import AIOKafkaProducer


class _Name(str):
    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"\xc3\x28"


async def publish_unreadable(bootstrap: str, topic: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, bootstrap, topic),
        env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"},
    )
    assert await process.wait() == 0


async def _main(bootstrap: str, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(topic, b"{}", key=b"key", partition=0, headers=[(_Name("x"), b"1")])


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
