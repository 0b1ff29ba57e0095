"""All pages, in the order in which addresses are looked for."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.pages.extras import ExtraPages
from services.renewal.desk.pages.routes import desk_pages
from services.renewal.desk.pages.view import Board
from services.renewal.domain.money import Dialect
from services.renewal.office.pages.conditions import conditions
from services.renewal.office.pages.home import start
from services.renewal.office.pages.registration import following
from services.renewal.office.pages.subscription import looking
from services.renewal.office.queries import Reading
from services.renewal.pages.door import Door
from services.renewal.pages.entrance import entrance, nowhere
from services.renewal.pages.site import Site
from services.renewal.paper.copy import Showing
from services.renewal.paper.pages.copy import showing
from services.renewal.paper.pages.routes import IntakePages
from services.renewal.recovery.pages import recovering
from services.renewal.recovery.service import Recoveries
from services.renewal.registration.drafts import Drafts
from services.renewal.registration.pages.change import changing
from services.renewal.registration.pages.declaration import declaring
from services.renewal.registration.pages.draft_copy import again
from services.renewal.registration.pages.submission import sending
from services.renewal.registration.restatement import Restating
from services.renewal.registration.service import Registering
from services.renewal.seen_notices import SeenNotices
from shared.storage.documents import Documents


@dataclass(frozen=True, slots=True)
class Pages:
    site: Site
    door: Door
    reading: Reading
    drafts: Drafts
    registering: Registering
    restating: Restating
    showing: Showing
    recoveries: Recoveries
    intake: IntakePages
    board: Board
    documents: Documents
    dialect: Dialect
    extras: ExtraPages
    seen: SeenNotices

    def routers(self) -> list[APIRouter]:
        site, door, reading = self.site, self.door, self.reading
        return [
            entrance(site, door),
            following(site, door, reading, self.documents, self.dialect),
            changing(site, door, reading, self.registering, self.restating),
            showing(site, door, reading, self.showing),
            declaring(site, door, reading, self.drafts),
            again(site, door, reading, self.drafts),
            sending(site, door, reading, self.drafts, self.registering),
            recovering(site, door, reading, self.recoveries),
            *self.intake.routers(site, door),
            *desk_pages(self.board, door),
            *self.extras.routers(self.board, door),
            conditions(site, self.drafts.conditions),
            start(site, door, reading),
            looking(site, door, reading, self.seen),
            nowhere(site),
        ]
