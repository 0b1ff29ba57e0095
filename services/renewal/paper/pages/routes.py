"""The pages of the intake, in the order in which addresses are looked for."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.search import RegistrationSearch
from services.renewal.pages.desk_guard import DeskGuard
from services.renewal.pages.door import RequestGuard
from services.renewal.pages.site import Site
from services.renewal.paper.feeder import Feeder
from services.renewal.paper.intake import Intake
from services.renewal.paper.pages.batch import batch_pages, entry_pages
from services.renewal.paper.pages.closure import closure_page
from services.renewal.paper.pages.scans import scan_pages, sheet_pages
from services.renewal.paper.pages.unread import correction_pages, unread_pages
from services.renewal.paper.pages.view import IntakeDesk
from shared.storage.documents import Documents


@dataclass(frozen=True, slots=True)
class IntakePages:
    intake: Intake
    feeding: Feeder
    findings: RegistrationSearch
    documents: Documents

    def routers(self, site: Site, door: RequestGuard) -> list[APIRouter]:
        desk, desks = IntakeDesk(site, self.intake), DeskGuard(door)
        return [
            batch_pages(desk, desks),
            entry_pages(desk, desks),
            closure_page(desk, desks),
            unread_pages(desk, desks, self.findings),
            correction_pages(desk, desks),
            scan_pages(desk, desks, self.feeding),
            sheet_pages(desk, desks, self.documents),
        ]
