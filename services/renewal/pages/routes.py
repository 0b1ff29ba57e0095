"""All pages, in the order in which addresses are looked for."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.domain.money import Dialect
from services.renewal.drafts import Drafts
from services.renewal.pages.again import again
from services.renewal.pages.changing import changing
from services.renewal.pages.conditions import conditions
from services.renewal.pages.declaring import declaring
from services.renewal.pages.desk_extras import ExtraPages
from services.renewal.pages.desk_routes import desk_pages
from services.renewal.pages.desk_view import Board
from services.renewal.pages.door import Door
from services.renewal.pages.entrance import entrance, nowhere
from services.renewal.pages.following import following
from services.renewal.pages.home import start
from services.renewal.pages.intake_routes import IntakePages
from services.renewal.pages.looking import looking
from services.renewal.pages.reading import Reading
from services.renewal.pages.recovering import recovering
from services.renewal.pages.sending import sending
from services.renewal.pages.showing import showing
from services.renewal.pages.site import Site
from services.renewal.recoveries import Recoveries
from services.renewal.registering import Registering
from services.renewal.restating import Restating
from services.renewal.seen_notices import SeenNotices
from services.renewal.showing import Showing
from shared.documents import Documents


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
