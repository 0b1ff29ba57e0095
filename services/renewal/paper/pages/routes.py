"""The pages of the intake, in the order in which addresses are looked for."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.search import Finding
from services.renewal.pages.desk_guard import DeskDoor
from services.renewal.pages.door import Door
from services.renewal.pages.site import Site
from services.renewal.paper.feeder import Feeding
from services.renewal.paper.intake import Intake
from services.renewal.paper.pages.batch import entering, opening
from services.renewal.paper.pages.closure import closing
from services.renewal.paper.pages.scans import feeding, looking
from services.renewal.paper.pages.unread import told, unread
from services.renewal.paper.pages.view import Desk
from shared.storage.documents import Documents


@dataclass(frozen=True, slots=True)
class IntakePages:
    intake: Intake
    feeding: Feeding
    findings: Finding
    documents: Documents

    def routers(self, site: Site, door: Door) -> list[APIRouter]:
        desk, desks = Desk(site, self.intake), DeskDoor(door)
        return [
            opening(desk, desks),
            entering(desk, desks),
            closing(desk, desks),
            unread(desk, desks, self.findings),
            told(desk, desks),
            feeding(desk, desks, self.feeding),
            looking(desk, desks, self.documents),
        ]
