"""The paper flow: batches of posted forms, files from the scanner's feeder, and copies that offices
upload."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.desk.search import RegistrationSearch
from services.renewal.desk.service import Desk
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import Entry
from services.renewal.domain.paper.sheet import Feed, Sheet
from services.renewal.invoice.closure import InvoiceClosure
from services.renewal.paper import batches as collections
from services.renewal.paper.batch_applier import BatchApplier
from services.renewal.paper.batches import Batches
from services.renewal.paper.copy import CopyService
from services.renewal.paper.entry import EntryService
from services.renewal.paper.feeder import Feeder, FeedReader
from services.renewal.paper.intake import Intake
from services.renewal.paper.pages import scans as scan_pages
from services.renewal.paper.pages.copy import LARGEST, SHOW
from services.renewal.paper.pages.routes import IntakePages
from services.renewal.paper.rest import copies, sheets
from services.renewal.paper.rest.batches import batch_routes, entry_routes
from services.renewal.reminders import ReminderJob
from services.renewal.scans.limits import FEEDER
from services.renewal.scans.scanned_form import ScannedFormReader
from services.renewal.scans.scans import Scans
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.runtime.service import Loop, Service
from shared.storage.documents import DocumentCollector, MongoDocuments
from shared.web.people import TokenVerifier

_INTAKE_SECONDS = 1
LARGER_BODIES = {
    **dict.fromkeys((copies.COPY, SHOW, sheets.SCAN), LARGEST),
    sheets.FEEDS: FEEDER.bytes + 1,
    **scan_pages.LARGER,
}


@dataclass(frozen=True, slots=True)
class PaperFlow:
    core: Core
    entries: EntryService
    intake: Intake
    feeder: Feeder
    copies: CopyService
    uploads: MongoDocuments

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [
            copies.copy_routes(self.copies, verifier),
            batch_routes(self.intake, verifier),
            entry_routes(self.intake, verifier),
            sheets.feed_routes(self.feeder, verifier),
            sheets.sheet_routes(self.intake, self.core.service.documents, verifier),
        ]

    def pages(self, search: RegistrationSearch) -> IntakePages:
        return IntakePages(self.intake, self.feeder, search, self.core.service.documents)

    def loops(self, desk: Desk) -> list[Loop]:
        core, batches = self.core, self.entries.batches
        feeds, applying = (core.service.leader_loop(name, _INTAKE_SECONDS) for name in ("feeds", "applying"))
        applier = BatchApplier(batches, desk, core.scans, core.service.documents, applying)
        return [
            self._document_collector(),
            self._reminders(),
            Loop(FeedReader(self.feeder, self.entries, feeds).run, Heartbeat("feeds", limit=120)),
            Loop(applier.run, Heartbeat("applying", limit=120)),
        ]

    def closing(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.core.scans.close, self.copies.reader.close]

    def _document_collector(self) -> Loop:
        """The collector works for all services, because they share the document store."""
        pause = self.core.settings.collect_seconds
        stores = (self.core.service.documents, self.uploads)
        collector = DocumentCollector(stores, self._leader_loop("documents", pause))
        return Loop(collector.run, Heartbeat("documents", limit=3 * pause + 30))

    def _reminders(self) -> Loop:
        core, has_pending = self.core, self.entries.batches.has_pending
        pause = core.settings.chase_seconds
        closure = InvoiceClosure(core.renewals, core.invoices, core.clock)
        turns = self._leader_loop("chasing", pause)
        job = ReminderJob(core.renewals, has_pending, core.clock, turns, closure.follow)
        return Loop(job.run, Heartbeat("chasing", limit=3 * pause + 30))

    def _leader_loop(self, name: str, pause_seconds: float) -> LeaderLoop:
        """A loop whose work comes with time."""
        return LeaderLoop(name, self.core.service.lease(name), lambda: True, pause_seconds)


def build(core: Core) -> PaperFlow:
    service, settings, clock = core.service, core.settings, core.clock
    uploads = MongoDocuments(service.client[settings.database("uploads")], service.real)
    service.indexes |= service.documents.indexes | uploads.indexes
    entries = EntryService(_batches(service), core.renewals, clock)
    scans = Scans(processes=settings.copy_processes, limit=settings.scan_seconds)
    return PaperFlow(
        core=core,
        entries=entries,
        intake=Intake(entries.batches, entries, clock, settings.vendor_zone),
        feeder=Feeder(entries.batches, core.scans, uploads, service.documents, clock),
        copies=CopyService(core.renewals, ScannedFormReader(scans, service.documents), clock),
        uploads=uploads,
    )


def _batches(service: Service) -> Batches:
    return Batches(
        service.store("batches", Batch, *collections.BATCHES, audited=True),
        service.store("entries", Entry, *collections.ENTRIES, audited=True),
        service.store("sheets", Sheet, *collections.SHEETS, audited=True),
        service.store("feeds", Feed, *collections.FEEDS),
    )
