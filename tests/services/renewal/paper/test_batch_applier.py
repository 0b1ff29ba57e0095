"""The forms of a closed batch are received once, although the process dies around each save.

The rows are those of the table in `services.renewal.paper.batch_applier`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.renewal.desk.service import Desk
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.paper import batch as batching
from services.renewal.domain.paper import entry as entries
from services.renewal.domain.paper.entry import Entry, EntryStatus, ManualInput
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.paper.sheet import Sheet, SheetStatus
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.paper.batch_applier import BatchApplier
from services.renewal.settings import EXAMPLE_VENDOR
from shared.background.leader_loop import LeaderLoop
from shared.events.base import SendBy
from shared.ids import derived, fresh
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from tests.services.renewal.dying_parts import Died, DyingPart
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, registration
from tests.services.renewal.messages import document
from tests.services.renewal.stores import renewal_stores
from tests.support.clock import FixedClock

BATCH = derived("batch", 1)
ENTRY = entries.entry_id(BATCH, RENEWAL, 1)


class Binder:
    """Binds images by putting them one after the other."""

    async def document(self, images: list[bytes]) -> bytes:
        return b"".join(images)


@dataclass
class Closed:
    service: Service
    applying: BatchApplier

    async def step(self, **parts: Any) -> None:
        async def check_leadership() -> None:
            pass

        work = self.applying
        if "entries" in parts:
            work = replace(work, batches=replace(work.batches, entries=parts["entries"]))
        if "renewals" in parts:
            work = replace(work, desk=replace(work.desk, renewals=parts["renewals"]))
        await work._step(check_leadership)

    async def entry(self) -> Entry:
        return await self.applying.batches.entry(BATCH, ENTRY)

    async def told(self) -> list[str]:
        found = await self.service.database["renewals"].find({}).to_list(None)
        return [dict(event["headers"])["ce_type"].decode() for one in found for event in one["outbox"]]


@pytest.fixture
async def closed(settings: Settings) -> AsyncIterator[Closed]:
    """A closed batch with one form, of two pages."""
    service = Service("renewal", settings)
    service.clock = clock = FixedClock(NOW)
    renewals, batches = renewal_stores(service)
    made = form.register(registration(send_by=SendBy.PAPER), document("form 1"), EXAMPLE_VENDOR, NOW)
    await renewals.add(made, Cause.command())
    batch = batching.open_batch(BATCH, Post(received_on=TODAY), "clerk-1", TODAY, NOW).state
    entered = entries.enter(None, batch, made.state, 1, ManualInput(by="clerk-1"), NOW)
    assert entered is not None
    await batches.entries.save(None, entered, Cause.command(), id=ENTRY)
    feed = fresh()
    for n in (2, 1):
        image = await service.documents.put(f"page {n}.".encode(), media_type="image/jpeg", name=f"{n}.jpg")
        sheet = Sheet(
            id=fresh(), batch_id=BATCH, feed_id=feed, n=n, fed_at=NOW, image=image, code=None,
            shows=SheetStatus.MATCHED, entry_id=ENTRY,
        )  # fmt: skip
        await batches.sheets.save(None, Decision(sheet), Cause.command(), id=sheet.id)
    await batches.batches.save(
        None, batching.close_batch(batch, 0, "clerk-1", NOW), Cause.command(), id=BATCH
    )
    leader_loop: LeaderLoop = None  # type: ignore[assignment]  # one step is taken here, without a lease
    none: Any = None
    desk = Desk(renewals, none, _NoContract(), none, clock, none)  # type: ignore[arg-type]
    yield Closed(service, BatchApplier(batches, desk, Binder(), service.documents, leader_loop))  # type: ignore[arg-type]
    service.client.close()


class _NoContract:
    async def with_contract(self, decision: Decision[Renewal], now: object) -> Decision[Renewal]:
        return decision


async def received_once(closed: Closed) -> None:
    entry = await closed.entry()
    assert (entry.at, entry.refused) == (EntryStatus.RECEIVED, None)
    stored = await closed.applying.desk.renewals.load(RENEWAL)
    assert stored is not None
    assert stored.state.status is RegistrationStatus.PAPER_RECEIVED
    assert entry.scan == stored.state.newest_document("paper_scan")
    assert entry.scan is not None
    assert await closed.service.documents.get(entry.scan.sha256) == b"page 1.page 2."
    assert [type.count("paper_form_received") for type in await closed.told()].count(1) == 1


async def recovers(closed: Closed, **parts: Any) -> None:
    """The process dies with these parts; the next rounds finish the work, once."""
    with pytest.raises(Died):
        await closed.step(**parts)
    for _ in range(2):
        await closed.step()
        await received_once(closed)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_death_around_taking_the_entry(closed: Closed, when: str) -> None:
    await recovers(closed, entries=DyingPart(closed.applying.batches.entries, "save", when))


@pytest.mark.parametrize("when", ["before", "after"])
async def test_death_around_receiving_the_form(closed: Closed, when: str) -> None:
    await recovers(closed, renewals=DyingPart(closed.applying.desk.renewals, "change", when))


@pytest.mark.parametrize("when", ["before", "after"])
async def test_death_around_noting_the_outcome(closed: Closed, when: str) -> None:
    with pytest.raises(Died):
        await closed.step(renewals=DyingPart(closed.applying.desk.renewals, "change", "after"))
    await recovers(closed, entries=DyingPart(closed.applying.batches.entries, "save", when))


async def test_form_without_a_scan_is_refused_with_an_event(closed: Closed) -> None:
    await closed.service.database["sheets"].delete_many({})
    await closed.step()
    entry = await closed.entry()
    assert entry.at is EntryStatus.REFUSED
    assert entry.refused is not None
    assert entry.refused.reason == "scan-missing"


async def test_entry_undone_in_the_moment_of_closing_is_not_received(closed: Closed) -> None:
    stored = await closed.applying.batches.entries.load(ENTRY)
    assert stored is not None
    undone = entries.undo(stored.state)
    assert undone is not None
    await closed.applying.batches.entries.save(stored, undone, Cause.command(), id=ENTRY)
    await closed.step()
    assert (await closed.entry()).at is EntryStatus.UNDONE
    assert not [type for type in await closed.told() if "received" in type]
