"""The pages of the intake, in the order in which addresses are looked for."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.feeding import Feeding
from services.renewal.finding import Finding
from services.renewal.intake import Intake
from services.renewal.pages.desk_door import DeskDoor
from services.renewal.pages.door import Door
from services.renewal.pages.intake import entering, opening
from services.renewal.pages.intake_closing import closing
from services.renewal.pages.intake_scans import feeding, looking
from services.renewal.pages.intake_unread import told, unread
from services.renewal.pages.intake_view import Desk
from services.renewal.pages.site import Site
from shared.documents import Documents


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
