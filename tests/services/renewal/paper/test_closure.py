"""One clerk closes a batch while others still change it: nothing is closed that was not counted."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.renewal.domain.paper.entry import ManualInput
from services.renewal.domain.paper.sheet import SheetStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.paper.batches import Batches, BatchTally
from services.renewal.paper.intake import Intake
from tests.services.renewal.dying_parts import BeforeCall, Died, DyingPart
from tests.services.renewal.fed_batch import BATCH, CLERK, NUMBER, FedBatch, fed_batch

__all__ = ["fed_batch"]


def _intake(fed_batch: FedBatch) -> Intake:
    return Intake(
        fed_batch.reading.feeder.batches, fed_batch.reading.entry_service, fed_batch.clock, "Asia/Ho_Chi_Minh"
    )


async def _nothing_to_do(fed_batch: FedBatch) -> None:
    """All pages are read and looked at, so the batch could be closed."""
    await fed_batch.step()
    (unread,) = await fed_batch.reading.feeder.batches.sheets_with(BATCH, SheetStatus.UNREAD)
    await _intake(fed_batch).mark_sheet(BATCH, unread.id, SheetStatus.BLANK, CLERK)


async def test_file_fed_while_another_clerk_closes_keeps_the_batch_open(
    fed_batch: FedBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: an entry that joins the batch between the count and the save isn't in the count."""
    await _nothing_to_do(fed_batch)
    counted, late = Batches.tally, b"late pile"

    async def then_a_file_is_read(batches: Batches, batch_id: UUID) -> BatchTally:
        nonlocal late
        found = await counted(batches, batch_id)
        if late:
            late = b""
            await fed_batch.reading.feeder.feed(BATCH, b"late pile", CLERK)
            await fed_batch.step()
        return found

    monkeypatch.setattr(Batches, "tally", then_a_file_is_read)
    with pytest.raises(RenewalError, match="batch-unfinished"):
        await _intake(fed_batch).close(BATCH, CLERK)
    assert (await fed_batch.reading.feeder.batches.batch(BATCH)).status == "open"


async def test_file_that_is_saved_after_the_closing_is_not_read(fed_batch: FedBatch) -> None:
    await _nothing_to_do(fed_batch)

    async def close_first() -> None:
        await _intake(fed_batch).close(BATCH, CLERK)

    feeds: Any = BeforeCall(fed_batch.store("feeds"), "change", close_first)
    feeding = replace(
        fed_batch.reading.feeder, batches=replace(fed_batch.reading.feeder.batches, feeds=feeds)
    )
    late = await feeding.feed(BATCH, b"late pile", CLERK)
    await fed_batch.step()
    found = await fed_batch.store("feeds").load(late.id)
    assert (found.state.reading, found.state.read, found.state.fault) == (False, 0, "batch-closed")
    assert await fed_batch.reading.feeder.batches.sheets_with(BATCH, SheetStatus.UNREAD) == []


async def test_form_entered_after_the_closing_is_refused(fed_batch: FedBatch) -> None:
    await _nothing_to_do(fed_batch)

    async def close_first() -> None:
        await _intake(fed_batch).close(BATCH, CLERK)

    entries: Any = BeforeCall(fed_batch.store("entries"), "change", close_first)
    batches = replace(fed_batch.reading.feeder.batches, entries=entries)
    late = replace(
        _intake(fed_batch),
        batches=batches,
        entry_service=replace(fed_batch.reading.entry_service, batches=batches),
    )
    with pytest.raises(RenewalError, match="batch-closed"):
        await late.enter(BATCH, NUMBER, ManualInput(by="clerk-2", envelope=1))


@pytest.mark.parametrize("what", ["a page put away", "a page told"])
async def test_what_a_clerk_says_while_another_closes_keeps_the_batch_open(
    fed_batch: FedBatch, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put away: its form has no scan any more. Told: closed between a form and its page, the form would be
    refused for want of a scan."""
    await _nothing_to_do(fed_batch)
    intake, counted, batches = _intake(fed_batch), Batches.tally, fed_batch.reading.feeder.batches
    matched, (blank,) = (
        await batches.sheets_with(BATCH, SheetStatus.MATCHED),
        await batches.sheets_with(BATCH, SheetStatus.BLANK),
    )
    renewal = await intake.entry_service.find_renewal(FormCode(number=NUMBER, revision=1))
    said: list[str] = []

    async def say() -> None:
        if what == "a page told":
            late: Any = DyingPart(batches.sheets, "change", "before")
            with pytest.raises(Died):
                await replace(intake, batches=replace(batches, sheets=late)).match(
                    BATCH, blank.id, renewal, FormCode(number=NUMBER, revision=2), CLERK
                )
        else:
            for page in matched:
                await intake.mark_sheet(BATCH, page.id, SheetStatus.SET_ASIDE, CLERK)

    async def then_it_is_said(kept: Batches, batch_id: UUID) -> BatchTally:
        found = await counted(kept, batch_id)
        if not said:
            said.append(what)
            await say()
        return found

    monkeypatch.setattr(Batches, "tally", then_it_is_said)
    with pytest.raises(RenewalError, match="batch-unfinished"):
        await intake.close(BATCH, CLERK)
