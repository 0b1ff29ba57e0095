"""All pages, in the order in which their addresses are matched."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.desk.pages.board import Board
from services.renewal.desk.pages.extras import ExtraPages
from services.renewal.desk.pages.routes import desk_pages
from services.renewal.invoice.composition import InvoiceFlow
from services.renewal.office.pages.conditions import conditions_pages
from services.renewal.office.pages.home import home_pages
from services.renewal.office.pages.registration import registration_pages
from services.renewal.office.pages.subscription import subscription_pages
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.corner_button import corner_button_routes
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.site import ASSETS, Site
from services.renewal.paper.copy import CopyService
from services.renewal.paper.pages.copy import copy_pages
from services.renewal.paper.pages.routes import IntakePages
from services.renewal.payment.composition import PaymentFlow
from services.renewal.payment.pages.commitment import commitment_pages
from services.renewal.payment.pages.desk import PaymentDesk, payment_desk_pages, reversal_pages
from services.renewal.payment.pages.transfer import TransferPage, transfer_pages
from services.renewal.recovery.pages import recovery_pages
from services.renewal.recovery.service import RecoveryService
from services.renewal.registration.drafts import Drafts
from services.renewal.registration.pages.change import cancellation_pages, change_pages
from services.renewal.registration.pages.declaration import declaration_pages
from services.renewal.registration.pages.draft_copy import draft_copy_pages
from services.renewal.registration.pages.submission import submission_pages
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from services.renewal.seen_notices import SeenNotices
from shared.web.pages.assets import asset_routes
from shared.web.pages.auth import auth_routes, not_found_route
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard


@dataclass(frozen=True, slots=True)
class PageRoutes:
    site: Site
    guard: RequestGuard
    queries: OfficeQueries
    drafts: Drafts
    registrations: RegistrationService
    restatements: RestatementService
    copies: CopyService
    recoveries: RecoveryService
    intake: IntakePages
    board: Board
    core: Core
    payment: PaymentFlow
    invoices: InvoiceFlow
    extras: ExtraPages
    seen: SeenNotices

    def routers(self) -> list[APIRouter]:
        site, guard, queries = self.site, self.guard, self.queries
        payment_desk = PaymentDesk(
            DeskShell(site, "payments", self.core.settings.vendor_zone),
            self.payment.payments,
            self.payment.commitments,
        )
        return [
            auth_routes(site, guard),
            asset_routes(site, ASSETS),
            corner_button_routes(site),
            registration_pages(site, guard, queries, self.core.service.documents, self.core.dialect),
            transfer_pages(
                TransferPage(site, queries, self.payment.payments, self.core.settings.vendor), guard
            ),
            *self.invoices.pages(site, guard, queries),
            change_pages(site, guard, queries, self.registrations, self.restatements),
            cancellation_pages(site, guard, queries, self.registrations),
            copy_pages(site, guard, queries, self.copies),
            declaration_pages(site, guard, queries, self.drafts),
            draft_copy_pages(site, guard, queries, self.drafts),
            submission_pages(site, guard, queries, self.drafts, self.registrations),
            recovery_pages(site, guard, queries, self.recoveries),
            *self.intake.routers(site, guard),
            *desk_pages(self.board, guard),
            *self.extras.routers(self.board, guard),
            payment_desk_pages(payment_desk, DeskGuard(guard)),
            reversal_pages(payment_desk, DeskGuard(guard)),
            commitment_pages(payment_desk, DeskGuard(guard)),
            *self.payment.statement_pages(site, DeskGuard(guard), self.core.settings.vendor_zone),
            conditions_pages(site, self.drafts.conditions),
            home_pages(site, guard, queries),
            subscription_pages(site, guard, queries, self.seen),
            not_found_route(site),
        ]
