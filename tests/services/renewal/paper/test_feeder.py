"""A feeder's file is read, although the process dies around each save: each page once, and each form entered
once.

The rows are those of the table in `services.renewal.paper.feeder`.
"""

from datetime import timedelta

import pytest

from services.renewal.domain.paper import batch as batching
from services.renewal.domain.paper.entry import EntryStatus
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.paper.sheet import SheetStatus
from services.renewal.paper import batches as batches_store
from services.renewal.scans.page import ScannedPage
from shared.ids import derived
from shared.resilience.errors import MissingDocument
from shared.storage.aggregate import Cause
from shared.storage.mongo import Collection, Document
from tests.services.renewal.dying_parts import Died, DyingPart
from tests.services.renewal.examples import NOW, TODAY
from tests.services.renewal.fed_batch import BATCH, CLERK, FedBatch, Reader, fed_batch

__all__ = ["fed_batch"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["entries", "sheets", "feeds"])
async def test_death_then_the_next_round(fed_batch: FedBatch, name: str, when: str) -> None:
    method = "change" if name == "entries" else "save"
    with pytest.raises(Died):
        await fed_batch.step(**{name: DyingPart(fed_batch.store(name), method, when)})
    await fed_batch.step()
    batches = fed_batch.reading.feeder.batches
    tally = await batches.tally(BATCH)
    assert (tally.entries[EntryStatus.ENTERED], tally.waiting, tally.reading) == (1, 0, 0)
    assert (tally.sheets[SheetStatus.MATCHED], tally.sheets[SheetStatus.UNREAD]) == (2, 1)
    (entry,) = await batches.active_entries(BATCH)
    assert [sheet.n for sheet in await batches.pages(entry.id)] == [1, 2]


async def test_same_file_again_is_one_feed_and_repeated_pages_are_marked(fed_batch: FedBatch) -> None:
    await fed_batch.step()
    feeding = fed_batch.reading.feeder
    again = await feeding.feed(BATCH, b"pile", CLERK)
    assert (again.id, again.reading) == (fed_batch.feed.id, False)
    await feeding.feed(BATCH, b"the same forms, fed twice", CLERK)
    await fed_batch.step()
    tally = await feeding.batches.tally(BATCH)
    assert (tally.sheets[SheetStatus.MATCHED], tally.sheets[SheetStatus.REPEATED]) == (2, 2)
    assert tally.entries[EntryStatus.ENTERED] == 1


async def test_form_as_printed_is_no_scan_of_it(fed_batch: FedBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clerk feeds the form's own PDF: it waits for a person, with a remark."""
    page = Reader.page

    async def from_a_computer(reader: Reader, opened: object, n: int) -> ScannedPage:
        return (await page(reader, opened, n)).model_copy(update={"digital": True})

    monkeypatch.setattr(Reader, "page", from_a_computer)
    await fed_batch.step()
    tally = await fed_batch.reading.feeder.batches.tally(BATCH)
    assert (tally.entries[EntryStatus.ENTERED], tally.sheets[SheetStatus.UNREAD]) == (0, 3)
    sheets = await fed_batch.reading.feeder.batches.sheets_with(BATCH, SheetStatus.UNREAD)
    assert {sheet.remarks for sheet in sheets} == {("as_printed",)}


async def _is_kept(fed_batch: FedBatch) -> bool:
    try:
        await fed_batch.reading.feeder.uploads.get(fed_batch.feed.file.sha256)
    except MissingDocument:
        return False
    return True


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("part", ["uploads", "feeds"])
async def test_file_is_let_go_a_day_after_it_came_whatever_dies(
    fed_batch: FedBatch, part: str, when: str
) -> None:
    await fed_batch.step()
    await fed_batch.step()
    assert await _is_kept(fed_batch)
    fed_batch.clock.move_to(NOW + timedelta(days=1, seconds=1))
    method = "forget" if part == "uploads" else "save"
    dying = fed_batch.reading.feeder.uploads if part == "uploads" else fed_batch.store("feeds")
    with pytest.raises(Died):
        await fed_batch.step(**{part: DyingPart(dying, method, when)})
    await fed_batch.step()
    assert not await _is_kept(fed_batch)
    again = await fed_batch.reading.feeder.feed(BATCH, b"pile", CLERK)
    assert (again.kept, again.reading) == (False, False)
    assert not await _is_kept(fed_batch)


async def test_file_that_another_batch_has_to_read_stays(fed_batch: FedBatch) -> None:
    await fed_batch.step()
    feeding, other = fed_batch.reading.feeder, derived("batch", 2)
    batch = batching.open_batch(other, Post(received_on=TODAY), "clerk-1", TODAY, NOW)
    await feeding.batches.batches.save(None, batch, Cause.command(), id=other)
    await feeding.feed(other, b"pile", CLERK)
    fed_batch.clock.move_to(NOW + timedelta(days=1, seconds=1))
    assert await fed_batch.reading._release_old_file()
    assert await _is_kept(fed_batch)


async def test_batch_never_seems_finished_while_its_last_page_is_saved(
    fed_batch: FedBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: the pages are counted, then the last page is saved and its file is read. The tally then
    seems finished, and the batch is closed with a page that nobody saw."""
    counted, read = batches_store._count_by, False

    async def then_the_rest_is_read(collection: Collection, query: Document, by: str) -> dict[str, int]:
        nonlocal read
        found = await counted(collection, query, by)
        if by == "shows" and not read:
            read = True
            await fed_batch.step()
        return found

    monkeypatch.setattr(batches_store, "_count_by", then_the_rest_is_read)
    assert (await fed_batch.reading.feeder.batches.tally(BATCH)).unfinished
    tally = await fed_batch.reading.feeder.batches.tally(BATCH)
    assert (tally.reading, tally.sheets[SheetStatus.UNREAD]) == (0, 1)
