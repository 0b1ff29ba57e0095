"""`python -m tests.support.unreadable KAFKA TOPIC` publishes a record whose header name is not UTF-8. It is
in one batch with the records whose bodies and headers come as JSON on stdin, before the last of them.

Only aiokafka's Python codec can write such a record, so this runs in a process of its own
(AIOKAFKA_NO_EXTENSIONS).
"""

import asyncio
import json
import os
import sys
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.support.topic import Raw


class _Name(str):
    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"\xc3\x28"


async def publish_unreadable(bootstrap: str, topic: str, *others: Raw) -> None:
    """`others` are the records of the same batch."""
    as_json = [
        ((record.value or b"").decode(), [(name, value.decode()) for name, value in record.headers])
        for record in others
    ]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, bootstrap, topic),
        env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"},
        stdin=asyncio.subprocess.PIPE,
    )
    await process.communicate(json.dumps(as_json).encode())
    assert process.returncode == 0


async def _main(bootstrap: str, topic: str) -> None:
    records = [
        (body.encode(), [(name, value.encode()) for name, value in headers])
        for body, headers in json.load(sys.stdin)
    ]
    records.insert(len(records) - 1 if records else 0, (b"{}", [(_Name("x"), b"1")]))
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        batch = producer.create_batch()
        for body, headers in records:
            batch.append(timestamp=None, key=b"key", value=body, headers=headers)
        await (await producer.send_batch(batch, topic, partition=0))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
