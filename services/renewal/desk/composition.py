"""The vendor's desk: its queue, its decisions, its other work items, and the renewers that it appoints."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.desk.bulk import Bulk
from services.renewal.desk.case import CaseReader
from services.renewal.desk.claims import INDEXES as CLAIMS
from services.renewal.desk.claims import Claims
from services.renewal.desk.export import QueueExport
from services.renewal.desk.items.item_list import ItemList
from services.renewal.desk.items.items import INDEXES as ITEMS
from services.renewal.desk.items.items import DeskItems
from services.renewal.desk.items.waiting_dossiers import WaitingDossiers
from services.renewal.desk.meters import VoidProposalMeter
from services.renewal.desk.office_search import OfficeSearch
from services.renewal.desk.pages.board import Board
from services.renewal.desk.pages.extras import ExtraPages
from services.renewal.desk.pages.renewers import LARGER
from services.renewal.desk.queue import Queue
from services.renewal.desk.renewers import RenewerAppointments
from services.renewal.desk.rest.bulk import bulk_routes
from services.renewal.desk.rest.decisions import decision_routes, paper_decision_routes, void_decision_routes
from services.renewal.desk.rest.items import item_routes
from services.renewal.desk.rest.queue import case_routes, queue_routes
from services.renewal.desk.rest.renewers import LARGEST, RENEWER, renewer_routes
from services.renewal.desk.rest.search import search_routes
from services.renewal.desk.rest.void_proposals import void_proposal_routes
from services.renewal.desk.search import RegistrationSearch
from services.renewal.desk.service import Desk
from services.renewal.domain.desk.appointment import RenewerAppointment
from services.renewal.domain.desk.desk_item import DeskItem
from services.renewal.pages.site import Site
from services.renewal.registration.restatement import RestatementService
from services.renewal.scans.evidence import Evidence
from services.renewal.stores.void_proposals import VoidProposals
from shared.storage.store import Store
from shared.web.people import TokenVerifier

LARGER_BODIES = {RENEWER: LARGEST, **LARGER}
"""The largest request bodies in bytes, by path."""


@dataclass(frozen=True, slots=True)
class DeskFlow:
    core: Core
    desk: Desk
    queue: Queue
    cases: CaseReader
    bulk: Bulk
    export: QueueExport
    search: RegistrationSearch
    offices: OfficeSearch
    items: DeskItems
    item_list: ItemList
    appointments: RenewerAppointments
    void_proposals: VoidProposals

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [
            decision_routes(self.desk, verifier),
            paper_decision_routes(self.desk, verifier),
            void_decision_routes(self.desk, verifier),
            void_proposal_routes(self.void_proposals, verifier),
            search_routes(self.search, self.offices, verifier),
            queue_routes(self.queue, self.export, verifier),
            case_routes(self.queue, self.cases, verifier),
            bulk_routes(self.bulk, verifier),
            item_routes(self.items, self.item_list, verifier),
            renewer_routes(self.appointments, self.core.service.documents, verifier),
        ]

    def board(self, site: Site) -> Board:
        search = (self.search, self.offices)
        own = (self.queue, self.cases, self.bulk)
        waiting = (self.item_list.dossiers, self.void_proposals)
        return Board(site, self.desk, *own, *search, self.export, *waiting)

    @property
    def meter(self) -> VoidProposalMeter:
        return VoidProposalMeter(self.void_proposals)

    def extra_pages(self) -> ExtraPages:
        return ExtraPages(self.items, self.item_list, self.appointments, self.core.service.documents)


def build(core: Core, restatements: RestatementService, named: Store[RenewerAppointment]) -> DeskFlow:
    service, settings, clock = core.service, core.settings, core.clock
    renewals, licences = core.renewals, core.licences
    claims = Claims(service.collection("claims", *CLAIMS), clock)
    desk = Desk(
        renewals, licences, core.contract_factory, core.fact_reader, clock, restatements,
        settings.answer_seconds,
    )  # fmt: skip
    queue = Queue(renewals, claims, clock, settings.vendor_zone)
    items = DeskItems(service.store("desk_items", DeskItem, *ITEMS, audited=True), licences, clock)
    dossiers = WaitingDossiers(core.retained, clock, settings.dossier_hold_days)
    return DeskFlow(
        core=core,
        desk=desk,
        queue=queue,
        cases=CaseReader(renewals, licences, claims, named, clock),
        bulk=Bulk(desk, claims),
        export=QueueExport(queue),
        search=RegistrationSearch(renewals),
        offices=OfficeSearch(licences),
        items=items,
        item_list=ItemList(items.store, renewals, licences, dossiers),
        appointments=RenewerAppointments(named, licences, Evidence(core.scans, service.documents), clock),
        void_proposals=VoidProposals(core.subscription_renewals.store),
    )
