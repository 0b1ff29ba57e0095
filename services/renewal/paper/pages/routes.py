"""The intake's pages, in the order in which their addresses are matched."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.search import RegistrationSearch
from services.renewal.pages.site import Site
from services.renewal.paper.feeder import Feeder
from services.renewal.paper.intake import Intake
from services.renewal.paper.pages.batch import batch_pages, entry_pages
from services.renewal.paper.pages.closure import closure_pages
from services.renewal.paper.pages.scans import scan_pages, sheet_pages
from services.renewal.paper.pages.unread import correction_pages, unread_pages
from services.renewal.paper.pages.view import IntakeDesk
from shared.storage.documents import Documents
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard


@dataclass(frozen=True, slots=True)
class IntakePages:
    intake: Intake
    feeder: Feeder
    search: RegistrationSearch
    documents: Documents

    def routers(self, site: Site, guard: RequestGuard) -> list[APIRouter]:
        desk, desk_guard = IntakeDesk(site, self.intake), DeskGuard(guard)
        return [
            batch_pages(desk, desk_guard),
            entry_pages(desk, desk_guard),
            closure_pages(desk, desk_guard),
            unread_pages(desk, desk_guard, self.search),
            correction_pages(desk, desk_guard),
            scan_pages(desk, desk_guard, self.feeder),
            sheet_pages(desk, desk_guard, self.documents),
        ]
