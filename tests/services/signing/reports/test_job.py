"""The job that reports signed files: tried again a day later, published once, none for a deleted file. On
real MongoDB."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import PreservedFile
from services.signing.domain.report.report import ValidationReport
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.preservation.files import INDEXES, PreservedFiles
from services.signing.reports.job import ReportJob
from services.signing.reports.printer import ReportPrinter
from services.signing.reports.service import ReportService
from services.signing.store import Contracts
from shared.background.leader_loop import LeaderLoop
from shared.ids import fresh
from shared.storage.aggregate import Cause
from shared.storage.indexes import ensure
from tests.services.signing.service import MARGIN, World
from tests.support.clock import FixedClock

DAY = timedelta(days=1)


class Died(Exception):
    """The process ends here."""


@dataclass
class Reports:
    """In place of the reader of PDFs. `refused`: how many of the next reports can't be made."""

    at: datetime
    refused: int = 0
    made: int = 0

    async def of_file(self, file: PreservedFile, form: object, seal: object) -> ValidationReport:
        """No signature is decided in it."""
        self.made += 1
        if self.made <= self.refused:
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX)
        return ValidationReport(
            sha256=file.document.sha256,
            size=1,
            pages=1,
            judged_at=self.at,
            made_at=self.at,
            signatures=(),
            time_stamps=(),
        )


@dataclass
class Printer:
    zone: str = "Asia/Ho_Chi_Minh"

    async def print(self, report: ValidationReport, language: str, kind: str) -> bytes:
        return f"%PDF {language} {kind} {report.sha256}".encode()


@dataclass
class Listed:
    """A signed form on a list of its own."""

    world: World
    files: PreservedFiles
    clock: FixedClock
    renewal: UUID
    sha256: str
    reports: Reports = field(init=False)

    def __post_init__(self) -> None:
        self.reports = Reports(self.clock.now())

    def job(self, files: object = None) -> ReportJob:
        return ReportJob(
            cast("PreservedFiles", files or self.files),
            self.world.forms,
            cast("Contracts", NoContracts()),
            cast("ReportService", self.reports),
            cast("ReportPrinter", Printer()),
            self.world.signing.documents,
            self.clock,
            cast("LeaderLoop", None),
        )

    def passes_a_day(self) -> None:
        self.clock.move_to(self.clock.now() + DAY)

    async def told(self) -> list[str]:
        """The types of the events that wait to be published."""
        kept = await self.files.store.collection.find_one({"_id": self.sha256})
        assert kept
        return [dict(event["headers"])["ce_type"].decode() for event in kept["outbox"]]

    async def stored(self) -> int:
        """How many files are stored as reports on the signed form."""
        database = self.world.signing.client[self.world.signing.settings.database("documents")]
        about = {"_id": {"$regex": f"/validation_report/{self.sha256}$"}}
        found = [row["_id"].split("/")[0] async for row in database["provenance"].find(about)]
        return len(await self.world.signing.documents.find_stored(found))


class NoContracts:
    async def get(self, renewal: UUID) -> None:
        return None


async def leads() -> None:
    """It leads."""


@pytest.fixture
async def listed(signing: World) -> AsyncIterator[Listed]:
    clock = FixedClock(signing.signing.clock.now())
    store = signing._store(f"preserved_{fresh().hex}", PreservedFile)
    await ensure(store.collection, INDEXES)
    files, renewal = PreservedFiles(store, clock, MARGIN), await signing.form()
    document = await signing.put(f"%PDF signed {renewal}".encode())
    await files.add("signed_form", renewal, "hagiang-stc", document, SignatureLevel.BASIC)
    yield Listed(signing, files, clock, renewal, document.sha256)
    await store.collection.drop()


async def test_an_undecided_report_is_made_again_a_day_later(listed: Listed) -> None:
    job = listed.job()
    assert await job.step(leads)
    assert (await listed.told(), await listed.stored()) == ([], 0)
    assert not await job.step(leads)
    listed.passes_a_day()
    assert await job.step(leads)
    assert await listed.told() == ["vn.giahan.signing.signatures_reported.v1"]
    assert await listed.stored() == 2
    listed.passes_a_day()
    assert not await job.step(leads)


async def test_a_report_that_can_not_be_made_is_tried_every_day(listed: Listed) -> None:
    listed.reports.refused = 3
    job = listed.job()
    for _ in range(3):
        assert await job.step(leads)
        assert not await job.step(leads)
        assert await listed.told() == []
        listed.passes_a_day()
    await job.step(leads)
    assert len(await listed.told()) == 1


async def test_a_deleted_file_gets_no_report(listed: Listed) -> None:
    await listed.files.postpone_report(listed.sha256)
    listed.passes_a_day()

    class Deleting:
        """The file is deleted while its report is made."""

        def __getattr__(self, name: str) -> Any:
            return getattr(listed.files, name)

        async def publish_report(self, report: Any) -> bool:
            file = await listed.files.find(listed.sha256)
            assert file
            await listed.files.record_deletion(file, Cause.command("delete"))
            return await listed.files.publish_report(report)

    await listed.job(Deleting()).step(leads)
    assert (await listed.told(), await listed.stored()) == ([], 0)
    assert not await listed.job().step(leads)


async def test_a_death_before_or_after_the_save_publishes_once(listed: Listed) -> None:
    await listed.files.postpone_report(listed.sha256)
    listed.passes_a_day()

    class Dying:
        def __init__(self, *, saves: bool) -> None:
            self.saves = saves

        def __getattr__(self, name: str) -> Any:
            return getattr(listed.files, name)

        async def publish_report(self, report: Any) -> bool:
            if self.saves:
                await listed.files.publish_report(report)
            raise Died

    for saves, published in ((False, 0), (True, 1)):
        with pytest.raises(Died):
            await listed.job(Dying(saves=saves)).step(leads)
        assert len(await listed.told()) == published
    assert not await listed.job().step(leads)
    assert len(await listed.told()) == 1


async def test_the_list_is_read_from_its_index(listed: Listed) -> None:
    query = {"reported_at": None, "deleted_at": None, "$or": [{"report_after": None}]}
    found = listed.files.store.collection.find(query)
    assert "'indexName': 'unreported'" in str((await found.explain())["queryPlanner"]["winningPlan"])
