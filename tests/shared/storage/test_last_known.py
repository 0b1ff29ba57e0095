"""While the database is silent one probe asks, everybody else is told what was read last, at once."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared.storage import last_known
from shared.storage.last_known import LastKnown, Silent
from shared.time.clock import FixedClock

NOON = datetime(2026, 12, 31, 5, tzinfo=UTC)


class Database:
    """Answers with how often it was asked, or not at all."""

    def __init__(self) -> None:
        self.silent = False
        self.asked = 0

    async def read(self, key: str) -> list[int]:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        return [self.asked] if key != "nobody" else []


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(last_known, "_READ_SECONDS", 0.05)
    return Database()


def _known(database: Database, most: int = 10) -> LastKnown[str, list[int]]:
    return LastKnown(database.read, FixedClock(NOON), most)


async def test_silence_is_met_once_and_then_nobody_asks(database: Database) -> None:
    known = _known(database)
    assert (await known.get("a")).value == [1]
    database.silent = True
    told = [await known.get("a") for _ in range(50)]
    assert {(one.stale, one.at, tuple(one.value)) for one in told} == {(True, NOON, (1,))}
    assert database.asked == 2


async def test_one_probe_at_a_time_finds_the_database_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _known(database)
    await known.get("a")
    database.silent = True
    await known.get("a")
    monkeypatch.setattr(last_known, "_BETWEEN_PROBES_SECONDS", 0)
    before = database.asked
    told = await asyncio.gather(*(known.get("a") for _ in range(50)))
    assert all(one.stale for one in told)
    assert database.asked == before + 1
    database.silent = False
    assert not (await known.get("a")).stale
    assert not (await known.get("b")).stale


async def test_what_is_not_remembered_is_no_answer(database: Database) -> None:
    """Neither what was never asked for, nor what nothing was known of, nor what fell out for others."""
    known = _known(database, most=2)
    for key in ("first", "nobody", "second", "third"):
        await known.get(key)
    database.silent = True
    for key in ("never", "nobody", "first"):
        with pytest.raises(Silent):
            await known.get(key)
    assert (await known.get("third")).stale
    assert (await known.get("second")).stale


async def test_fault_of_the_question_itself_is_no_silence(database: Database) -> None:
    async def faulty(key: str) -> list[int]:
        raise ValueError(key)

    known = LastKnown(faulty, FixedClock(NOON), 10)
    with pytest.raises(ValueError, match="a"):
        await known.get("a")
    assert not known._silent
