"""HTTP: the papers for the State Treasury, filled in from the registration and the contract, as PDFs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.treasury.download import paper_response
from services.renewal.payment.treasury.papers import COST, TreasuryPapers
from services.renewal.payment.treasury.texts import NAMES, NEEDED
from services.renewal.rest.requests import refusals, unknown
from services.renewal.stores.renewals import Renewals
from shared.text.i18n import Text
from shared.web.people import Person, TokenVerifier, require_person

_PAPERS = "/v1/registrations/{id}/payment/papers"


class TreasuryPaperView(BaseModel):
    """`needed`: when the office needs it. `href`: where the PDF is."""

    paper: TreasuryPaper
    name: Text
    needed: Text
    href: str


def treasury_routes(renewals: Renewals, papers: TreasuryPapers, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter()
    anyone = Depends(require_person(verifier))

    async def known(id: UUID, who: Person) -> Renewal:
        stored = await renewals.load(id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise unknown()
        return stored.state

    @routes.get(_PAPERS)
    async def offered(id: UUID, who: Annotated[Person, anyone]) -> list[TreasuryPaperView]:
        """The papers that can be drawn now: two while something is to be paid, the record of acceptance once
        the contract is signed."""
        found = await papers.offered(await known(id, who))
        href = _PAPERS.format(id=id)
        return [
            TreasuryPaperView(paper=each, name=NAMES[each], needed=NEEDED[each], href=f"{href}/{each}")
            for each in found
        ]

    @routes.get(f"{_PAPERS}/{{paper}}")
    async def paper(id: UUID, paper: TreasuryPaper, who: Annotated[Person, anyone]) -> Response:
        """The paper with what is true now, to print and sign. It is a draft, and isn't kept."""
        renewal = await known(id, who)
        verifier.spend(who, COST)
        with refusals():
            data = await papers.draw(renewal, paper)
        return paper_response(paper, renewal.registration.number, data)

    return routes
