"""All pages, in the order in which their addresses are matched."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.desk.pages.routes import desk_pages
from services.renewal.flows import Flows
from services.renewal.guide.pages.guide import guide_pages
from services.renewal.office.composition import history_export
from services.renewal.office.pages.conditions import conditions_pages
from services.renewal.office.pages.history import history_pages
from services.renewal.office.pages.home import home_pages
from services.renewal.office.pages.registration import registration_pages
from services.renewal.office.pages.subscription import subscription_pages
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.corner_button import corner_button_routes
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.site import ASSETS, Site
from services.renewal.paper.pages.copy import copy_pages
from services.renewal.payment.pages.allocation import allocation_pages
from services.renewal.payment.pages.commitment import commitment_pages
from services.renewal.payment.pages.desk import PaymentDesk, payment_desk_pages, reversal_pages
from services.renewal.recovery.pages import recovery_pages
from services.renewal.registration.pages.change import cancellation_pages, change_pages
from services.renewal.registration.pages.declaration import declaration_pages
from services.renewal.registration.pages.draft_copy import draft_copy_pages
from services.renewal.registration.pages.submission import submission_pages
from shared.web.pages.assets import asset_routes
from shared.web.pages.auth import auth_routes, not_found_route
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard


@dataclass(frozen=True, slots=True)
class PageRoutes:
    site: Site
    guard: RequestGuard
    queries: OfficeQueries
    core: Core
    flows: Flows

    def routers(self) -> list[APIRouter]:
        site, guard, queries = self.site, self.guard, self.queries
        flows, desk_guard = self.flows, DeskGuard(guard)
        board = flows.desk.board(site)
        return [
            auth_routes(site, guard),
            asset_routes(site, ASSETS),
            corner_button_routes(site),
            guide_pages(site),
            registration_pages(site, guard, queries, self.core.service.documents, self.core.dialect),
            *flows.payment.office_pages(site, guard, queries),
            *flows.invoice.pages(site, guard, queries),
            *flows.dossier.pages(site, guard, queries),
            *flows.resources.pages(site, guard, queries),
            *flows.joint.pages(site, guard, queries),
            *self._registration(),
            recovery_pages(site, guard, queries, flows.recovery),
            *flows.paper.pages(flows.desk.search).routers(site, guard),
            *desk_pages(board, guard),
            *flows.desk.extra_pages().routers(board, guard),
            *self._payment_desk(desk_guard),
            *flows.payment.statement_pages(site, desk_guard, self.core.settings.vendor_zone),
            conditions_pages(site, flows.registration.drafts.conditions),
            home_pages(site, guard, queries),
            history_pages(site, guard, queries, history_export(self.core)),
            subscription_pages(site, guard, queries, self.core.seen),
            not_found_route(site),
        ]

    def _registration(self) -> list[APIRouter]:
        site, guard, queries, flow = self.site, self.guard, self.queries, self.flows.registration
        return [
            change_pages(site, guard, queries, flow.registrations, flow.restatements),
            cancellation_pages(site, guard, queries, flow.registrations),
            copy_pages(site, guard, queries, self.flows.paper.copies),
            declaration_pages(site, guard, queries, flow.drafts),
            draft_copy_pages(site, guard, queries, flow.drafts),
            submission_pages(site, guard, queries, flow.drafts, flow.registrations),
        ]

    def _payment_desk(self, guard: DeskGuard) -> list[APIRouter]:
        flow = self.flows.payment
        shell = DeskShell(self.site, "payments", self.core.settings.vendor_zone)
        desk = PaymentDesk(shell, flow.payments, flow.commitments, flow.allocations)
        return [
            payment_desk_pages(desk, guard),
            reversal_pages(desk, guard),
            commitment_pages(desk, guard),
            allocation_pages(desk, guard),
        ]
