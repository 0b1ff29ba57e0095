"""A copy never goes back, in whatever order and however often its events come."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.messaging.envelope import Position
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.projection import CopyWrite, Fold, Projection, divide


class Copy(BaseModel):
    stage: str
    ends: date | None = None


@pytest.fixture
async def copies(settings: Settings) -> AsyncIterator[Projection[Copy]]:
    service = Service("notifier", settings)
    yield service.projection("copies", Copy)
    service.client.close()


def _at(sequence: int, aggregate: str = "subscription/a") -> Position:
    return Position(aggregate, sequence)


async def test_older_and_repeated_events_change_nothing(copies: Projection[Copy]) -> None:
    await copies.write([copies.put("a", _at(3), {"stage": "locked", "ends": date(2028, 2, 29)})])
    await copies.write([copies.put("a", _at(2), {"stage": "active"})])
    await copies.write([copies.put("a", _at(3), {"stage": "active"})])
    assert await copies.get("a") == Copy(stage="locked", ends=date(2028, 2, 29))
    await copies.write([copies.put("a", _at(4), {"stage": "active"})])
    assert await copies.get("a") == Copy(stage="active", ends=date(2028, 2, 29))


async def test_events_that_come_at_once_for_a_missing_copy_all_count(copies: Projection[Copy]) -> None:
    """Guards against: two concurrent inserts of the same missing key, of which one fails or is lost."""
    fields: list[dict[str, object]] = [{"stage": "locked"}, {"ends": date(2028, 2, 29)}]
    for id in map(str, range(20)):
        writes = (
            copies.write([copies.put(id, _at(1, f"source/{n}"), field)]) for n, field in enumerate(fields)
        )
        await asyncio.gather(*writes)
        assert await copies.get(id) == Copy(stage="locked", ends=date(2028, 2, 29))


async def test_every_source_aggregate_has_its_own_order(copies: Projection[Copy]) -> None:
    await copies.write([copies.put("a", _at(9), {"stage": "locked"})])
    await copies.write([copies.put("a", _at(1, "renewal/b"), {"stage": "active"})])
    found = await copies.get("a")
    assert found
    assert found.stage == "active"


async def test_amending_a_missing_copy_waits(copies: Projection[Copy]) -> None:
    amendment = copies.amend("a", _at(2), {"stage": "locked"})
    assert await copies.write([amendment]) == [amendment]
    assert amendment.document == "copies/a"
    await copies.write([copies.put("a", _at(1), {"stage": "active"})])
    await copies.write([copies.amend("a", _at(2), {"stage": "locked"})])
    await copies.write([copies.amend("a", _at(1), {"stage": "active"})])
    found = await copies.get("a")
    assert found
    assert found.stage == "locked"


async def test_unknown_copy_is_none(copies: Projection[Copy]) -> None:
    assert await copies.get("a") is None
    assert await copies.find({"stage": "active"}) == []


IDS, AGGREGATES, FIELDS = st.sampled_from("ab"), st.sampled_from(["s", "r"]), st.sampled_from("xyz")
Copies = dict[str, dict[str, dict[str, int]]]
"""Documents by id, each with its fields and what it has seen."""


def _write(id: str, aggregate: str, sequence: int, field: str, creates: bool) -> CopyWrite:
    nowhere: Any = None
    return CopyWrite(nowhere, id, Position(aggregate, sequence), {field: sequence}, creates)


WRITES = st.lists(st.builds(_write, IDS, AGGREGATES, st.integers(1, 6), FIELDS, st.booleans()), max_size=12)


def _one_by_one(copies: Copies, writes: Sequence[CopyWrite]) -> list[CopyWrite]:
    """Each write alone; those that wait are tried again after each write of their document. Returns those
    that wait in the end."""
    waiting: list[CopyWrite] = []
    for write in writes:
        if not write.creates and write.id not in copies:
            waiting.append(write)
            continue
        _apply(copies, write)
        for late in [one for one in waiting if one.id == write.id]:
            _apply(copies, late)
            waiting.remove(late)
    return waiting


def _apply(copies: Copies, write: CopyWrite) -> None:
    document = copies.setdefault(write.id, {"fields": {}, "seen": {}})
    if write.at.sequence > document["seen"].get(write.at.aggregate, 0):
        document["fields"] |= write.fields
        document["seen"][write.at.aggregate] = write.at.sequence


def _together(copies: Copies, writes: Sequence[CopyWrite]) -> list[CopyWrite]:
    known = {id: document["seen"] for id, document in copies.items()}
    waiting, here = divide(writes, known)
    for id, group in here.items():
        fold = Fold.of(group, known.get(id, {}))
        assert fold.before == {aggregate: known.get(id, {}).get(aggregate) for aggregate in fold.seen}
        document = copies.setdefault(id, {"fields": {}, "seen": {}})
        document["fields"] |= fold.fields
        document["seen"] |= fold.seen
    return waiting


@given(WRITES, WRITES, WRITES)
def test_many_writes_come_to_what_they_come_to_one_by_one(
    before: list[CopyWrite], writes: list[CopyWrite], after: list[CopyWrite]
) -> None:
    alone: Copies = {}
    together: Copies = {}
    for window in (before, writes, after):
        key = attrgetter("id")
        late = sorted(_one_by_one(alone, window), key=key)
        assert sorted(_together(together, window), key=key) == late
        assert together == alone


@given(WRITES, st.integers(0, 12))
def test_a_suffix_that_comes_again_changes_nothing(writes: list[CopyWrite], cut: int) -> None:
    """The writes of one aggregate come in their order, as its topic has them."""
    writes = sorted((replace(each, creates=True) for each in writes), key=lambda write: write.at.sequence)
    once: Copies = {}
    twice: Copies = {}
    _together(once, writes)
    _together(twice, writes[: cut + 3])
    _together(twice, writes[cut:])
    assert twice == once


async def test_many_writes_reach_all_their_documents(copies: Projection[Copy]) -> None:
    writes = [copies.put(str(n), _at(1), {"stage": "active"}) for n in range(300)]
    writes += [copies.amend(str(n), _at(2), {"stage": "locked"}) for n in range(300)]
    late = [copies.amend("missing", _at(n), {"stage": "locked"}) for n in (1, 2)]
    assert await copies.write([*writes, *late]) == late
    assert await copies.collection.count_documents({"stage": "locked"}) == 300
    assert await copies.write(writes) == []
    assert await copies.collection.count_documents({"stage": "locked"}) == 300


async def test_another_process_that_writes_meanwhile_loses_nothing(
    copies: Projection[Copy], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the read and the write, another process writes a newer event to one document and creates
    another: both are read and folded again."""
    await copies.write([copies.put("a", _at(1), {"stage": "active"})])
    read = Projection._seen
    others = [
        copies.put("a", _at(3), {"stage": "terminated"}),
        copies.put("b", _at(3), {"stage": "terminated"}),
    ]

    async def read_and_lose(self: Projection[Copy], ids: set[str]) -> dict[str, Any]:
        known = await read(self, ids)
        monkeypatch.setattr(Projection, "_seen", read)
        assert await copies.write(others) == []
        return dict(known)

    monkeypatch.setattr(Projection, "_seen", read_and_lose)
    ours = [copies.put(id, _at(2), {"stage": "locked", "ends": date(2028, 2, 29)}) for id in "abc"]
    assert await copies.write(ours) == []
    assert [await copies.get(id) for id in "abc"] == [
        Copy(stage="terminated"),
        Copy(stage="terminated"),
        Copy(stage="locked", ends=date(2028, 2, 29)),
    ]
