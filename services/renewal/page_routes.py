"""All pages, in the order in which their addresses are matched."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.pages.board import Board
from services.renewal.desk.pages.extras import ExtraPages
from services.renewal.desk.pages.routes import desk_pages
from services.renewal.domain.money import Dialect
from services.renewal.office.pages.conditions import conditions_page
from services.renewal.office.pages.home import start_page
from services.renewal.office.pages.registration import registration_page
from services.renewal.office.pages.subscription import office_pages
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.corner_button import corner_button_route
from services.renewal.pages.site import ASSETS, Site
from services.renewal.paper.copy import CopyService
from services.renewal.paper.pages.copy import copy_page
from services.renewal.paper.pages.routes import IntakePages
from services.renewal.recovery.pages import recovery_page
from services.renewal.recovery.service import RecoveryService
from services.renewal.registration.drafts import Drafts
from services.renewal.registration.pages.change import cancellation_page, change_page
from services.renewal.registration.pages.declaration import declaration_page
from services.renewal.registration.pages.draft_copy import draft_copy_page
from services.renewal.registration.pages.submission import submission_page
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from services.renewal.seen_notices import SeenNotices
from shared.storage.documents import Documents
from shared.web.pages.assets import asset_routes
from shared.web.pages.auth import auth_routes, not_found_route
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
    documents: Documents
    dialect: Dialect
    extras: ExtraPages
    seen: SeenNotices

    def routers(self) -> list[APIRouter]:
        site, guard, queries = self.site, self.guard, self.queries
        return [
            auth_routes(site, guard),
            asset_routes(site, ASSETS),
            corner_button_route(site),
            registration_page(site, guard, queries, self.documents, self.dialect),
            change_page(site, guard, queries, self.registrations, self.restatements),
            cancellation_page(site, guard, queries, self.registrations),
            copy_page(site, guard, queries, self.copies),
            declaration_page(site, guard, queries, self.drafts),
            draft_copy_page(site, guard, queries, self.drafts),
            submission_page(site, guard, queries, self.drafts, self.registrations),
            recovery_page(site, guard, queries, self.recoveries),
            *self.intake.routers(site, guard),
            *desk_pages(self.board, guard),
            *self.extras.routers(self.board, guard),
            conditions_page(site, self.drafts.conditions),
            start_page(site, guard, queries),
            office_pages(site, guard, queries, self.seen),
            not_found_route(site),
        ]
