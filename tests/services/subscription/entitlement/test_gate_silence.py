"""mongod is frozen while the gate answers: it uses what it read last, which locks nobody."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.local.host.ports import free_port
from deploy.local.servers.mongod import EmbeddedMongo
from shared.runtime.settings import Settings
from shared.storage import last_known
from tests.services.subscription.rest_steps import create
from tests.services.subscription.world import World, world
from tests.support.people import People
from tests.support.service_process import until

READ_S = 0.6
AT_ONCE_S = 15.0
"""The gate's own limit is under a second; a loaded machine adds to it. The driver's is half a minute."""


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[EmbeddedMongo]:
    mongod = EmbeddedMongo(tmp_path, free_port())
    mongod.start(tied=True)
    yield mongod
    mongod.stop()


@contextmanager
def frozen(mongod: EmbeddedMongo) -> Iterator[None]:
    pid = mongod.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_gate_answers_at_once_while_the_database_is_frozen(
    settings: Settings, mongod: EmbeddedMongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = settings.model_copy(update={"mongo": SecretStr(mongod.uri)})
    async with world(own, People(Path(own.jwks)), "api") as it:
        for office, left in (("dv-open", 0), ("dv-locked", -5), ("dv-unasked", 0)):
            await create(it, office, left)
        for office in ("dv-open", "dv-locked"):
            assert "stale" not in (await it.client.get(f"/v1/access/{office}/qlts")).json()
        it.move_days(2)  # now the last answer is two days old, and the calendar would lock the office
        monkeypatch.setattr(last_known, "_READ_SECONDS", READ_S)
        with frozen(mongod):
            assert await _access(it, "dv-open") == (True, ["read", "write", "print", "export"])
            assert await _access(it, "dv-locked") == (True, [])
            async with asyncio.timeout(AT_ONCE_S):
                unknown = await it.client.get("/v1/access/dv-unasked/qlts")
            assert (unknown.status_code, unknown.json()["type"]) == (503, "urn:giahan:problem:unavailable")
            assert int(unknown.headers["retry-after"]) > 0
            assert "ghi nhận" not in unknown.json()["title"]
            await asyncio.gather(*(_access(it, "dv-open") for _ in range(100)))

        async def fresh() -> bool:
            return not (await it.client.get("/v1/access/dv-open/qlts")).json().get("stale")

        await until(fresh, "the gate asking the database again")
        assert (await it.client.get("/v1/access/dv-open/qlts")).json()["products"][0]["access"] == []


async def _access(it: World, office: str) -> tuple[bool, list[str]]:
    async with asyncio.timeout(AT_ONCE_S):
        answer = await it.client.get(f"/v1/access/{office}/qlts")
    body = answer.json()
    (product,) = body["products"]
    assert (product["steps"], product["valid_until"]) == ([], None)
    assert "etag" not in answer.headers
    return body["stale"], product["access"]
