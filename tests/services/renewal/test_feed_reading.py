"""A feeder's file is read through deaths around each save: each page once, each form entered once.

The rows are those of the table in `services.renewal.feeding`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.renewal import batches as batches_store
from services.renewal.batches import Batches
from services.renewal.domain import batch as batching
from services.renewal.domain import form
from services.renewal.domain.batch import Batch
from services.renewal.domain.entry import At, Entry, Given
from services.renewal.domain.form_code import FormCode
from services.renewal.domain.post import Post
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.sheet import Feed, Sheet, Shows
from services.renewal.entering import Entering
from services.renewal.feeding import Feeding, FeedReading
from services.renewal.intake import Intake
from services.renewal.scans.page import ScannedPage
from services.renewal.store import INDEXES, Renewals
from shared.aggregate import Cause
from shared.clock import FixedClock
from shared.documents import MongoDocuments
from shared.events.base import SendBy
from shared.faults import MissingDocument
from shared.ids import derived
from shared.mongo import Collection, Document
from shared.people import Person, Role
from shared.service import Service
from shared.settings import Settings
from shared.turns import Turns
from tests.services.renewal.dying import Before, Died, Dying
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

BATCH = derived("batch", 1)
CLERK = Person(sub="clerk-1", roles=frozenset({Role.DESK}))
NUMBER = registration().number
CODES = (FormCode(number=NUMBER, revision=1), FormCode(number=NUMBER, revision=1), None)


class Reader:
    """A file of three pages: two of a form, and one without a code."""

    async def open(self, upload: bytes, limits: object) -> Any:
        @asynccontextmanager
        async def opened() -> AsyncIterator[SimpleNamespace]:
            yield SimpleNamespace(pages=len(CODES))

        return opened()

    async def page(self, opened: object, n: int) -> ScannedPage:
        return ScannedPage(
            number=n, image=f"{n}".encode(), width=1, height=1, dpi=None, resolution=None,
            code=CODES[n - 1], upside=0, warnings=(),
        )  # fmt: skip


@dataclass
class Fed:
    reading: FeedReading
    feed: Feed
    clock: FixedClock

    async def step(self, uploads: Any = None, **stores: Any) -> None:
        async def alive() -> None:
            pass

        batches = replace(self.reading.feeding.batches, **stores)
        feeding = replace(self.reading.feeding, batches=batches)
        if uploads:
            feeding = replace(feeding, uploads=uploads)
        entering = replace(self.reading.entering, batches=batches)
        await replace(self.reading, feeding=feeding, entering=entering)._step(alive)

    def store(self, name: str) -> Any:
        return getattr(self.reading.feeding.batches, name)


@pytest.fixture
async def fed(settings: Settings) -> AsyncIterator[Fed]:
    service = Service("renewal", settings)
    service.clock = clock = FixedClock(NOW)
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    batches = Batches(
        service.store("batches", Batch, audited=True),
        service.store("entries", Entry, audited=True),
        service.store("sheets", Sheet, audited=True),
        service.store("feeds", Feed),
    )
    made = form.register(registration(send_by=SendBy.PAPER), document("form 1"), NOW)
    await renewals.add(made, Cause.command())
    batch = batching.opened(BATCH, Post(received_on=TODAY), "clerk-1", TODAY, NOW)
    await batches.batches.save(None, batch, Cause.command(), id=BATCH)
    scans: Any = Reader()
    uploads = MongoDocuments(service.client[settings.database("uploads")], clock)
    feeding = Feeding(batches, scans, uploads, service.documents, clock)
    turns: Turns = None  # type: ignore[assignment]  # one step is taken here, without a lease
    feed = await feeding.feed(BATCH, b"pile", CLERK)
    yield Fed(FeedReading(feeding, Entering(batches, renewals, clock), turns), feed, clock)
    service.client.close()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["entries", "sheets", "feeds"])
async def test_death_then_the_next_turn(fed: Fed, name: str, when: str) -> None:
    method = "change" if name == "entries" else "save"
    with pytest.raises(Died):
        await fed.step(**{name: Dying(fed.store(name), method, when)})
    await fed.step()
    batches = fed.reading.feeding.batches
    tally = await batches.tally(BATCH)
    assert (tally.entries[At.ENTERED], tally.waiting, tally.reading) == (1, 0, 0)
    assert (tally.sheets[Shows.MATCHED], tally.sheets[Shows.UNREAD]) == (2, 1)
    (entry,) = await batches.standing(BATCH)
    assert [sheet.n for sheet in await batches.pages(entry.id)] == [1, 2]


async def test_same_file_again_is_the_same_and_another_of_the_form_is_told(fed: Fed) -> None:
    await fed.step()
    feeding = fed.reading.feeding
    again = await feeding.feed(BATCH, b"pile", CLERK)
    assert (again.id, again.reading) == (fed.feed.id, False)
    await feeding.feed(BATCH, b"the same forms, fed twice", CLERK)
    await fed.step()
    tally = await feeding.batches.tally(BATCH)
    assert (tally.sheets[Shows.MATCHED], tally.sheets[Shows.REPEATED]) == (2, 2)
    assert tally.entries[At.ENTERED] == 1


async def _is_kept(fed: Fed) -> bool:
    try:
        await fed.reading.feeding.uploads.get(fed.feed.file.sha256)
    except MissingDocument:
        return False
    return True


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("part", ["uploads", "feeds"])
async def test_file_is_let_go_a_day_after_it_came_whatever_dies(fed: Fed, part: str, when: str) -> None:
    await fed.step()
    await fed.step()
    assert await _is_kept(fed)
    fed.clock.move_to(NOW + timedelta(days=1, seconds=1))
    method = "forget" if part == "uploads" else "save"
    dying = fed.reading.feeding.uploads if part == "uploads" else fed.store("feeds")
    with pytest.raises(Died):
        await fed.step(**{part: Dying(dying, method, when)})
    await fed.step()
    assert not await _is_kept(fed)
    again = await fed.reading.feeding.feed(BATCH, b"pile", CLERK)
    assert (again.kept, again.reading) == (False, False)
    assert not await _is_kept(fed)


async def test_file_that_another_batch_has_to_read_stays(fed: Fed) -> None:
    await fed.step()
    feeding, other = fed.reading.feeding, derived("batch", 2)
    batch = batching.opened(other, Post(received_on=TODAY), "clerk-1", TODAY, NOW)
    await feeding.batches.batches.save(None, batch, Cause.command(), id=other)
    await feeding.feed(other, b"pile", CLERK)
    fed.clock.move_to(NOW + timedelta(days=1, seconds=1))
    assert await fed.reading._let_go()
    assert await _is_kept(fed)


async def test_batch_never_seems_finished_while_its_last_page_is_kept(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kind of fault: pages are counted, then the last one is kept, then nothing is being read any more: the
    sum says that all was looked at, and the batch is closed over a page that nobody saw."""
    counted, read = batches_store._counted, False

    async def then_the_rest_is_read(collection: Collection, query: Document, by: str) -> dict[str, int]:
        nonlocal read
        found = await counted(collection, query, by)
        if by == "shows" and not read:
            read = True
            await fed.step()
        return found

    monkeypatch.setattr(batches_store, "_counted", then_the_rest_is_read)
    assert (await fed.reading.feeding.batches.tally(BATCH)).unfinished
    tally = await fed.reading.feeding.batches.tally(BATCH)
    assert (tally.reading, tally.sheets[Shows.UNREAD]) == (0, 1)


def _intake(fed: Fed) -> Intake:
    return Intake(fed.reading.feeding.batches, fed.reading.entering, fed.clock, "Asia/Ho_Chi_Minh")


async def _nothing_to_do(fed: Fed) -> None:
    """All read and looked at: the batch could be closed."""
    await fed.step()
    (unread,) = await fed.reading.feeding.batches.showing(BATCH, Shows.UNREAD)
    await _intake(fed).put_away(BATCH, unread.id, Shows.BLANK, CLERK)


async def test_file_fed_while_another_clerk_closes_keeps_the_batch_open(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kind of fault: what joins a batch between the count and the save isn't in the count."""
    await _nothing_to_do(fed)
    counted, late = Batches.tally, b"late pile"

    async def then_a_file_is_read(batches: Batches, batch_id: UUID) -> batches_store.Tally:
        nonlocal late
        found = await counted(batches, batch_id)
        if late:
            late = b""
            await fed.reading.feeding.feed(BATCH, b"late pile", CLERK)
            await fed.step()
        return found

    monkeypatch.setattr(Batches, "tally", then_a_file_is_read)
    with pytest.raises(Refused, match="batch-unfinished"):
        await _intake(fed).close(BATCH, CLERK)
    assert (await fed.reading.feeding.batches.batch(BATCH)).status == "open"


async def test_file_on_record_only_after_the_closing_is_given_up_and_said(fed: Fed) -> None:
    await _nothing_to_do(fed)

    async def close_first() -> None:
        await _intake(fed).close(BATCH, CLERK)

    feeds: Any = Before(fed.store("feeds"), "change", close_first)
    feeding = replace(fed.reading.feeding, batches=replace(fed.reading.feeding.batches, feeds=feeds))
    late = await feeding.feed(BATCH, b"late pile", CLERK)
    await fed.step()
    found = await fed.store("feeds").load(late.id)
    assert (found.state.reading, found.state.read, found.state.fault) == (False, 0, "batch-closed")
    assert await fed.reading.feeding.batches.showing(BATCH, Shows.UNREAD) == []


async def test_form_entered_only_after_the_closing_is_told_so(fed: Fed) -> None:
    await _nothing_to_do(fed)

    async def close_first() -> None:
        await _intake(fed).close(BATCH, CLERK)

    entries: Any = Before(fed.store("entries"), "change", close_first)
    batches = replace(fed.reading.feeding.batches, entries=entries)
    late = replace(_intake(fed), batches=batches, entering=replace(fed.reading.entering, batches=batches))
    with pytest.raises(Refused, match="batch-closed"):
        await late.enter(BATCH, NUMBER, Given(by="clerk-2", envelope=1))
