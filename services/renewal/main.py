"""The composition root: everything the service is made of is made here."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.contract.approval import ApprovalFactReader
from services.renewal.contract.licences import Licences
from services.renewal.contract.reminders import ReminderJob
from services.renewal.contract.vendor_seal import VendorSeal, VendorSealCopy
from services.renewal.desk import office_search
from services.renewal.desk.bulk import Bulk
from services.renewal.desk.case import CaseReader
from services.renewal.desk.claims import INDEXES as CLAIMS
from services.renewal.desk.claims import Claims
from services.renewal.desk.export import QueueExport
from services.renewal.desk.item_list import ItemList
from services.renewal.desk.items import INDEXES as ITEMS
from services.renewal.desk.items import DeskItems
from services.renewal.desk.office_search import OfficeSearch
from services.renewal.desk.pages import renewers as desk_renewer
from services.renewal.desk.pages.extras import ExtraPages
from services.renewal.desk.pages.view import Board
from services.renewal.desk.queue import Queue
from services.renewal.desk.renewers import RenewerAppointments, renewer_of
from services.renewal.desk.rest import renewers as renewers_rest
from services.renewal.desk.rest.bulk import bulk_routes
from services.renewal.desk.rest.decisions import decision_routes
from services.renewal.desk.rest.items import item_routes
from services.renewal.desk.rest.queue import case_routes, queue_routes
from services.renewal.desk.rest.renewers import renewer_routes
from services.renewal.desk.rest.search import search_routes
from services.renewal.desk.search import RegistrationSearch
from services.renewal.desk.service import Desk
from services.renewal.documents import numbers
from services.renewal.documents.factory import DocumentFactory
from services.renewal.documents.numbers import Numbers
from services.renewal.domain.desk.appointment import RenewerAppointment
from services.renewal.domain.desk.desk_item import DeskItem
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.money import Dialect
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import Entry
from services.renewal.domain.paper.sheet import Feed, Sheet
from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.domain.registration.catalogue import Catalogue
from services.renewal.domain.registration.draft import Draft
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.seen_notice import SeenNotice
from services.renewal.handlers import RenewalHandlers
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.rest import documents
from services.renewal.office.rest import subscriptions as offices
from services.renewal.page_routes import PageRoutes
from services.renewal.pages.door import RequestGuard
from services.renewal.pages.origins import Origins
from services.renewal.pages.site import Site
from services.renewal.paper import batches as intake_store
from services.renewal.paper.application import BatchApplier
from services.renewal.paper.batches import Batches
from services.renewal.paper.copy import CopyService
from services.renewal.paper.entry import EntryService
from services.renewal.paper.feeder import Feeder, FeedReader
from services.renewal.paper.intake import Intake
from services.renewal.paper.pages import scans as intake_scans
from services.renewal.paper.pages.copy import LARGEST, SHOW
from services.renewal.paper.pages.routes import IntakePages
from services.renewal.paper.rest import batches, sheets
from services.renewal.paper.rest import copies as stamped
from services.renewal.recovery.rest import recovery_routes
from services.renewal.recovery.service import INDEX as RECOVERIES
from services.renewal.recovery.service import Recoveries
from services.renewal.registration.drafts import Drafts
from services.renewal.registration.replacement import ReplacementRepair, ReplacementService
from services.renewal.registration.rest import drafts, registrations
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from services.renewal.render.conditions import ConditionsArchive
from services.renewal.render.renderer import TEMPLATES, Renderer
from services.renewal.rest.session import session_routes
from services.renewal.scans.evidence import Evidence
from services.renewal.scans.limits import FEEDER
from services.renewal.scans.scanned_form import ScannedFormReader
from services.renewal.scans.scans import Scans
from services.renewal.seen_notices import SeenNotices
from services.renewal.sessions import INDEX as ENDED
from services.renewal.sessions import EndedSessions, SessionKeys
from services.renewal.settings import RenewalSettings, load_catalogue
from services.renewal.store import INDEXES, Renewals
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.runtime.process import serve
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import read
from shared.storage.documents import DocumentCollector, MongoDocuments
from shared.storage.projection import Projection

_REPLACES_SECONDS = 5
_INTAKE_SECONDS = 1


@dataclass(frozen=True, slots=True)
class _Work:
    """What the service can do, whoever asks for it."""

    catalogue: Catalogue
    dialect: Dialect
    renderer: Renderer
    scans: Scans
    renewals: Renewals
    licences: Projection[LicenceCopy]
    recoveries: Recoveries
    drafts: Drafts
    replacing: ReplacementService
    registering: RegistrationService
    restating: RestatementService
    showing: CopyService
    desk: Desk
    queue: Queue
    casework: CaseReader
    bulk: Bulk
    exporting: QueueExport
    entering: EntryService
    intake: Intake
    feeding: Feeder
    uploads: MongoDocuments
    finding: RegistrationSearch
    offices: OfficeSearch
    items: DeskItems
    listed: ItemList
    appointing: RenewerAppointments
    keys: SessionKeys
    handlers: RenewalHandlers


def compose(settings: RenewalSettings) -> tuple[Service, Plan]:
    service = Service("renewal", settings)
    work = _work(service, settings)
    return service, Plan(
        work.handlers.routes(),
        [*_rest(service, settings, work), *_pages(service, settings, work)],
        _loops(service, settings, work),
        larger_bodies={
            **dict.fromkeys((stamped.COPY, SHOW, sheets.SCAN), LARGEST),
            sheets.FEEDS: FEEDER.bytes + 1,
            **intake_scans.LARGER,
            renewers_rest.RENEWER: renewers_rest.LARGEST,
            **desk_renewer.LARGER,
        },
        starting=[work.renderer.warm, work.offices.complete],
        closing=[work.renderer.close, work.scans.close, work.showing.scanned.close],
    )


def _work(service: Service, settings: RenewalSettings) -> _Work:
    clock, dialect = service.clock, Dialect(settings.zero_tens, settings.thousand)
    limit = settings.answer_seconds
    renderer = Renderer(processes=settings.render_processes, limit=settings.render_seconds)
    scans = Scans(processes=settings.scan_processes, limit=settings.scan_seconds)
    catalogue = load_catalogue(settings.catalogue)
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    licences = service.projection("licences", LicenceCopy, *office_search.INDEXES)
    given = Numbers(service.collection("numbers", *numbers.INDEXES))
    conditions = ConditionsArchive(TEMPLATES, settings.conditions_url)
    papers = DocumentFactory(renderer, service.documents, given, settings.vendor, dialect, conditions)
    recoveries = Recoveries(service.store("recoveries", RecoveryRequest, RECOVERIES), licences, clock)
    seal = VendorSeal(service.projection("vendor_seal", VendorSealCopy))
    replacing, judging = ReplacementService(renewals, clock), ApprovalFactReader(renewals, seal)
    shown = ScannedFormReader(
        Scans(processes=settings.copy_processes, limit=settings.scan_seconds), service.documents
    )
    uploads = MongoDocuments(service.client[settings.database("uploads")], service.real)
    service.indexes |= service.documents.indexes | uploads.indexes
    entering = EntryService(_batches(service), renewals, clock)
    claims = Claims(service.collection("claims", *CLAIMS), clock)
    restating = RestatementService(renewals, licences, papers, judging, clock)
    desk = Desk(renewals, licences, papers, judging, clock, restating, limit)
    queue = Queue(renewals, claims, clock, settings.vendor_zone)
    to_do = DeskItems(service.store("desk_items", DeskItem, *ITEMS, audited=True), licences, clock)
    appointments = service.store("renewer_appointments", RenewerAppointment, audited=True)
    ended = EndedSessions(service.collection("ended_sessions", ENDED), service.real)
    return _Work(
        catalogue=catalogue,
        dialect=dialect,
        renderer=renderer,
        scans=scans,
        renewals=renewals,
        licences=licences,
        recoveries=recoveries,
        drafts=Drafts(
            service.store("drafts", Draft), renewals, licences, catalogue, dialect, clock, conditions
        ),
        replacing=replacing,
        registering=RegistrationService(
            renewals, licences, replacing, papers, catalogue, clock, restating, limit
        ),
        restating=restating,
        showing=CopyService(renewals, shown, clock),
        desk=desk,
        queue=queue,
        casework=CaseReader(renewals, licences, claims, clock),
        bulk=Bulk(desk, claims),
        exporting=QueueExport(queue),
        entering=entering,
        intake=Intake(entering.batches, entering, clock, settings.vendor_zone),
        feeding=Feeder(entering.batches, scans, uploads, service.documents, clock),
        uploads=uploads,
        finding=RegistrationSearch(renewals),
        offices=OfficeSearch(licences),
        items=to_do,
        listed=ItemList(to_do.kept, renewals, licences),
        appointing=RenewerAppointments(appointments, licences, Evidence(scans, service.documents), clock),
        keys=SessionKeys(settings.platform, renewer_of(appointments), ended),
        handlers=RenewalHandlers(
            renewals, Licences(licences), recoveries, papers, judging, clock, to_do, restating
        ),
    )


def _rest(service: Service, settings: RenewalSettings, work: _Work) -> list[APIRouter]:
    keys = work.keys
    return [
        registrations.registration_routes(work.renewals, keys),
        registrations.change_routes(work.registering, work.restating, keys),
        decision_routes(work.desk, keys),
        search_routes(work.finding, work.offices, keys),
        queue_routes(work.queue, work.exporting, keys),
        case_routes(work.queue, work.casework, keys),
        bulk_routes(work.bulk, keys),
        stamped.copy_routes(work.showing, keys),
        batches.batch_routes(work.intake, keys),
        batches.entry_routes(work.intake, keys),
        sheets.feed_routes(work.feeding, keys),
        sheets.sheet_routes(work.intake, service.documents, keys),
        documents.router(work.renewals, service.documents, keys),
        drafts.router(work.drafts, keys),
        drafts.draft_copy_routes(work.drafts, keys),
        offices.products(work.licences, work.catalogue, service.clock, settings.vendor_zone, keys),
        recovery_routes(work.recoveries, keys),
        item_routes(work.items, work.listed, keys),
        renewer_routes(work.appointing, service.documents, keys),
        session_routes(keys),
    ]


def _pages(service: Service, settings: RenewalSettings, work: _Work) -> list[APIRouter]:
    site, found = _site(settings), (work.finding, work.offices)
    return PageRoutes(
        site,
        _door(settings, work.keys),
        OfficeQueries(work.licences, work.renewals, work.drafts.saved, work.catalogue, service.clock),
        work.drafts,
        work.registering,
        work.restating,
        work.showing,
        work.recoveries,
        IntakePages(work.intake, work.feeding, work.finding, service.documents),
        Board(site, work.desk, work.queue, work.casework, work.bulk, *found, work.exporting),
        service.documents,
        work.dialect,
        ExtraPages(work.items, work.listed, work.appointing, service.documents),
        SeenNotices(service.store("seen_notices", SeenNotice), service.clock),
    ).routers()


def _loops(service: Service, settings: RenewalSettings, work: _Work) -> list[Loop]:
    return [
        _collecting(service, work.uploads, settings.collect_seconds),
        _half_replaced(service, work.replacing),
        _chasing(service, work.renewals, work.entering.batches, settings.chase_seconds),
        _feed_reading(service, work.feeding, work.entering),
        _applying(service, work.entering.batches, work.desk, work.scans),
    ]


def _batches(service: Service) -> Batches:
    return Batches(
        service.store("batches", Batch, *intake_store.BATCHES, audited=True),
        service.store("entries", Entry, *intake_store.ENTRIES, audited=True),
        service.store("sheets", Sheet, *intake_store.SHEETS, audited=True),
        service.store("feeds", Feed, *intake_store.FEEDS),
    )


def _site(settings: RenewalSettings) -> Site:
    return Site(
        settings.environment == "production", settings.sign_in_url, settings.signing_url, settings.vendor
    )


def _door(settings: RenewalSettings, keys: SessionKeys) -> RequestGuard:
    secure = settings.environment == "production"
    origins = Origins.read(settings.sign_in_origins, secure=secure)
    return RequestGuard(keys, origins)


def _collecting(service: Service, uploads: MongoDocuments, pause_seconds: float) -> Loop:
    """For all services: they share the documents."""
    turns = LeaderLoop("documents", service.lease("documents"), lambda: True, pause_seconds)
    collecting = DocumentCollector((service.documents, uploads), turns)
    return Loop(collecting.run, Heartbeat("documents", limit=3 * pause_seconds + 30))


def _half_replaced(service: Service, replacing: ReplacementService) -> Loop:
    turns = LeaderLoop("replacing", service.lease("replacing"), lambda: True, _REPLACES_SECONDS)
    return Loop(ReplacementRepair(replacing, turns).run, Heartbeat("replacing", limit=60))


def _chasing(service: Service, renewals: Renewals, batches: Batches, pause_seconds: float) -> Loop:
    turns = LeaderLoop("chasing", service.lease("chasing"), lambda: True, pause_seconds)
    chasing = ReminderJob(renewals, batches.lies_in, service.clock, turns)
    return Loop(chasing.run, Heartbeat("chasing", limit=3 * pause_seconds + 30))


def _feed_reading(service: Service, feeding: Feeder, entering: EntryService) -> Loop:
    turns = LeaderLoop("feeds", service.lease("feeds"), lambda: True, _INTAKE_SECONDS)
    return Loop(FeedReader(feeding, entering, turns).run, Heartbeat("feeds", limit=120))


def _applying(service: Service, batches: Batches, desk: Desk, scans: Scans) -> Loop:
    turns = LeaderLoop("applying", service.lease("applying"), lambda: True, _INTAKE_SECONDS)
    return Loop(
        BatchApplier(batches, desk, scans, service.documents, turns).run, Heartbeat("applying", limit=120)
    )


def main() -> None:
    settings = read(RenewalSettings)
    serve("renewal", lambda: compose(settings), settings.port_base + 2)
