"""The job that reports signed files: tried again later, published once, none for a deleted file. On
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
from services.signing.preservation.handlers import PreservationHandlers
from services.signing.reports.job import ReportJob
from services.signing.reports.printer import ReportPrinter
from services.signing.reports.service import ReportService
from services.signing.store import Contracts
from shared.background.leader_loop import LeaderLoop
from shared.background.workers import WorkEnded
from shared.events.dossier import DossierDeleted
from shared.ids import fresh
from shared.storage.aggregate import Cause
from shared.storage.indexes import ensure
from tests.contracts.specimen import specimen
from tests.services.signing.service import MARGIN, World
from tests.support.clock import FixedClock

DAY = timedelta(days=1)


class Died(BaseException):
    """The process ends here."""


@dataclass
class Reports:
    """In place of the reader of PDFs. `failures` come instead of the next reports."""

    at: datetime
    failures: list[Exception] = field(default_factory=list)
    made: int = 0

    async def of_file(self, file: PreservedFile, form: object, seal: object) -> ValidationReport:
        """No signature is decided in it."""
        if self.failures:
            raise self.failures.pop(0)
        self.made += 1
        return ValidationReport(
            sha256=file.document.sha256,
            size=1,
            pages=1,
            judged_at=self.at,
            made_at=self.at + timedelta(seconds=self.made),
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

    def passes(self, time: timedelta = DAY) -> None:
        self.clock.move_to(self.clock.now() + time)

    async def add(self) -> str:
        """The hash of another signed form on the list."""
        document = await self.world.put(f"%PDF signed {fresh()}".encode())
        await self.files.add("signed_form", self.renewal, "hagiang-stc", document, SignatureLevel.BASIC)
        return document.sha256

    async def file(self) -> PreservedFile:
        found = await self.files.find(self.sha256)
        assert found
        return found

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
    listed.passes()
    assert await job.step(leads)
    assert await listed.told() == ["vn.giahan.signing.signatures_reported.v1"]
    assert await listed.stored() == 2
    listed.passes()
    assert not await job.step(leads)


async def test_a_report_that_can_not_be_made_is_listed_and_tried_ever_more_seldom(listed: Listed) -> None:
    listed.reports.failures = [Rejected(InvalidityReason.FILE_TOO_COMPLEX) for _ in range(4)]
    job, since = listed.job(), listed.clock.now()
    for hours in (1, 1, 2, 4):
        assert await job.step(leads)
        (failed,) = await listed.files.report_failed()
        assert failed.report_failed
        assert (failed.report_failed.reason, failed.report_failed.since) == ("file_too_complex", since)
        assert failed.report_after == listed.clock.now() + timedelta(hours=hours)
        assert await listed.files.count_report_failed() == {"file_too_complex": 1}
        assert await listed.files.count_unreported() == 0, "it isn't one of those that are still to be made"
        listed.passes(timedelta(hours=hours, seconds=-1))
        assert not await job.step(leads)
        listed.passes(timedelta(seconds=1))
    await job.step(leads)
    listed.passes()
    await job.step(leads)
    assert len(await listed.told()) == 1
    assert await listed.files.report_failed() == []


async def test_what_was_interrupted_is_none_of_the_two_tries(listed: Listed) -> None:
    """The workers end with the service."""
    listed.reports.failures = [WorkEnded("the workers were closed")]
    job = listed.job()
    await job.step(leads)
    listed.passes(timedelta(hours=1))
    await job.step(leads)
    assert await listed.told() == [], "an authority may still decide it"
    assert (await listed.file()).report_undecided
    listed.passes()
    await job.step(leads)
    assert len(await listed.told()) == 1


async def test_one_file_that_fails_in_whatever_way_does_not_hold_up_the_others(listed: Listed) -> None:
    await listed.add()
    listed.reports.failures = [ValueError("not foreseen")]
    assert await listed.job().step(leads)
    assert listed.reports.made == 1
    assert await listed.files.count_report_failed() == {"unexpected": 1}


async def test_a_transient_error_is_no_failure_of_the_file(listed: Listed) -> None:
    listed.reports.failures = [ConnectionError()]
    with pytest.raises(ConnectionError):
        await listed.job().step(leads)
    assert (await listed.file()).report_after is None


async def test_the_newest_file_comes_first_and_those_of_an_older_release_last(listed: Listed) -> None:
    listed.passes()
    newer = await listed.add()
    older = await listed.add()
    await listed.files.store.collection.update_one({"_id": older}, {"$unset": {"listed_at": ""}})
    found = [file.document.sha256 for file in await listed.files.unreported(9)]
    assert found == [newer, listed.sha256, older]


async def test_reports_made_twice_go_with_their_file(listed: Listed) -> None:
    """The process dies after they are stored; the next one makes others."""
    await listed.files.postpone_report(listed.sha256)
    listed.passes()

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(listed.files, name)

        async def publish_report(self, report: Any) -> bool:
            raise Died

    with pytest.raises(Died):
        await listed.job(Dying()).step(leads)
    await listed.job().step(leads)
    assert (len(await listed.told()), await listed.stored()) == (1, 3), "the PDF is the same"
    documents = listed.world.signing.documents
    await documents.forget(listed.sha256)
    known = specimen(DossierDeleted.model_json_schema())
    event = DossierDeleted.model_validate(
        known | {"renewal_id": listed.renewal, "files": (listed.sha256,), "shared": ()}
    )
    handlers = PreservationHandlers(listed.files, documents, listed.world.forms)
    await handlers.delete_versions(event, Cause.command("delete"))
    assert await listed.stored() == 0
    assert (await listed.file()).deleted_at


async def test_a_deleted_file_gets_no_report(listed: Listed) -> None:
    await listed.files.postpone_report(listed.sha256)
    listed.passes()

    class Deleting:
        """The file is deleted while its report is made."""

        def __getattr__(self, name: str) -> Any:
            return getattr(listed.files, name)

        async def publish_report(self, report: Any) -> bool:
            await listed.files.record_deletion(await listed.file(), Cause.command("delete"))
            return await listed.files.publish_report(report)

    await listed.job(Deleting()).step(leads)
    assert (await listed.told(), await listed.stored()) == ([], 0)
    assert not await listed.job().step(leads)


async def test_a_death_before_or_after_the_save_publishes_once(listed: Listed) -> None:
    await listed.files.postpone_report(listed.sha256)
    listed.passes()

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


async def test_the_list_is_read_from_its_index_in_its_order(listed: Listed) -> None:
    query = {"reported_at": None, "deleted_at": None, "$or": [{"report_after": None}]}
    found = listed.files.store.collection.find(query).sort("listed_at", -1)
    plan = str((await found.explain())["queryPlanner"]["winningPlan"])
    assert "'indexName': 'unreported'" in plan
    assert "'stage': 'SORT'" not in plan
