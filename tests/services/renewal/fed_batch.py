"""A batch with a fed file of three pages, and the loop that reads it, which the test runs step by step."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.renewal.domain.paper import batch as batching
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.paper.sheet import Feed
from services.renewal.domain.registration import form
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.paper.entry import EntryService
from services.renewal.paper.feeder import Feeder, FeedReader
from services.renewal.scans.page import ScannedPage
from services.renewal.settings import EXAMPLE_VENDOR
from shared.background.leader_loop import LeaderLoop
from shared.events.base import SendBy
from shared.ids import derived
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from shared.storage.documents import MongoDocuments
from shared.web.people import Person, Role
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document
from tests.services.renewal.stores import renewal_stores
from tests.support.clock import FixedClock

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
class FedBatch:
    reading: FeedReader
    feed: Feed
    clock: FixedClock

    async def step(self, uploads: Any = None, **stores: Any) -> None:
        async def check_leadership() -> None:
            pass

        batches = replace(self.reading.feeder.batches, **stores)
        feeder = replace(self.reading.feeder, batches=batches)
        if uploads:
            feeder = replace(feeder, uploads=uploads)
        entry_service = replace(self.reading.entry_service, batches=batches)
        await replace(self.reading, feeder=feeder, entry_service=entry_service)._step(check_leadership)

    def store(self, name: str) -> Any:
        return getattr(self.reading.feeder.batches, name)


@pytest.fixture
async def fed_batch(settings: Settings) -> AsyncIterator[FedBatch]:
    service = Service("renewal", settings)
    service.clock = clock = FixedClock(NOW)
    renewals, batches = renewal_stores(service)
    made = form.register(registration(send_by=SendBy.PAPER), document("form 1"), EXAMPLE_VENDOR, NOW)
    await renewals.add(made, Cause.command())
    batch = batching.open_batch(BATCH, Post(received_on=TODAY), "clerk-1", TODAY, NOW)
    await batches.batches.save(None, batch, Cause.command(), id=BATCH)
    scans: Any = Reader()
    uploads = MongoDocuments(service.client[settings.database("uploads")], clock)
    feeding = Feeder(batches, scans, uploads, service.documents, clock)
    leader_loop: LeaderLoop = None  # type: ignore[assignment]  # one step is taken here, without a lease
    feed = await feeding.feed(BATCH, b"pile", CLERK)
    yield FedBatch(FeedReader(feeding, EntryService(batches, renewals, clock), leader_loop), feed, clock)
    service.client.close()
