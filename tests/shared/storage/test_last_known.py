"""While the database is silent, one request probes it, and all others get the last known value at once."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared.storage import last_known
from shared.storage.last_known import LastKnown, Silent
from tests.support.clock import FixedClock

NOON = datetime(2026, 12, 31, 5, tzinfo=UTC)


class Database:
    """Returns the number of reads so far, or does not answer."""

    def __init__(self) -> None:
        self.silent = False
        self.reads = 0

    async def read(self, key: str) -> list[int]:
        self.reads += 1
        if self.silent:
            await asyncio.Event().wait()
        return [self.reads] if key != "nobody" else []


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(last_known, "_READ_SECONDS", 0.05)
    return Database()


def _known(database: Database, most: int = 10) -> LastKnown[str, list[int]]:
    return LastKnown(database.read, FixedClock(NOON), most)


async def test_after_one_timeout_no_request_asks_the_database(database: Database) -> None:
    known = _known(database)
    assert (await known.get("a")).value == [1]
    database.silent = True
    values = [await known.get("a") for _ in range(50)]
    assert {(one.stale, one.at, tuple(one.value)) for one in values} == {(True, NOON, (1,))}
    assert database.reads == 2


async def test_one_probe_at_a_time_notices_that_the_database_answers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _known(database)
    await known.get("a")
    database.silent = True
    await known.get("a")
    monkeypatch.setattr(last_known, "_BETWEEN_PROBES_SECONDS", 0)
    before = database.reads
    values = await asyncio.gather(*(known.get("a") for _ in range(50)))
    assert all(one.stale for one in values)
    assert database.reads == before + 1
    database.silent = False
    assert not (await known.get("a")).stale
    assert not (await known.get("b")).stale


async def test_unknown_or_forgotten_key_raises_silent(database: Database) -> None:
    """A key that was never read, one whose value was empty, and one that others displaced."""
    known = _known(database, most=2)
    for key in ("first", "nobody", "second", "third"):
        await known.get(key)
    database.silent = True
    for key in ("never", "nobody", "first"):
        with pytest.raises(Silent):
            await known.get(key)
    assert (await known.get("third")).stale
    assert (await known.get("second")).stale


async def test_other_errors_do_not_count_as_silence(database: Database) -> None:
    async def faulty(key: str) -> list[int]:
        raise ValueError(key)

    known = LastKnown(faulty, FixedClock(NOON), 10)
    with pytest.raises(ValueError, match="a"):
        await known.get("a")
    assert not known._silent
