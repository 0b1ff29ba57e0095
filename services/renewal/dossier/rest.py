"""HTTP: the dossier of a registration: what is in it, and all of it as a ZIP."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.papers import INVOICE_FILE, DossierPaper, PaperSource
from services.renewal.dossier.archive_response import (
    ARCHIVE_COST,
    REPORT_COST,
    archive_response,
    report_response,
)
from services.renewal.dossier.service import DossierService, edition_for
from services.renewal.dossier.texts import text_of
from services.renewal.rest.requests import refusals, unknown
from shared.text.i18n import Text
from shared.web.people import Person, TokenVerifier, require_person

_PATH = "/v1/registrations/{id}/dossier"


class PaperView(BaseModel):
    """A document of the dossier, to be fetched at `href`. `what_text`: what it is, in Vietnamese and English.
    `void`: it no longer counts. `missing`: its bytes aren't stored any more. `about`: the hash of the
    document on which a validation report reports."""

    what: str
    what_text: Text
    revision: int | None
    filed_at: datetime
    void: bool
    missing: bool
    source: PaperSource
    name: str
    media_type: str
    size: int
    sha256: str
    href: str
    about: str | None

    @classmethod
    def of(cls, id: UUID, paper: DossierPaper, missing: Collection[str]) -> Self:
        document = paper.document
        return cls(
            what_text=text_of(paper),
            missing=document.sha256 in missing,
            href=_href(id, paper),
            **paper.model_dump(include={"what", "revision", "filed_at", "void", "source", "about"}),
            **document.model_dump(),
        )


def _href(id: UUID, paper: DossierPaper) -> str:
    sha256 = paper.document.sha256
    if paper.what == INVOICE_FILE:
        return f"/v1/registrations/{id}/invoice/files/{sha256}"
    return f"/v1/registrations/{id}/dossier/reports/{sha256}" if paper.about else f"/v1/documents/{sha256}"


class DossierView(BaseModel):
    """The dossier of a registration. `edition`: for whom it is made, the office or the desk. `archive`: where
    all of it is fetched as a ZIP."""

    renewal_id: UUID
    registration_no: str
    edition: DossierEdition
    papers: list[PaperView]
    archive: str

    @classmethod
    def of(cls, facts: DossierFacts, edition: DossierEdition, missing: Collection[str]) -> Self:
        made = facts.renewal.registration
        return cls(
            renewal_id=made.renewal_id,
            registration_no=made.number,
            edition=edition,
            papers=[PaperView.of(made.renewal_id, paper, missing) for paper in facts.papers],
            archive=f"/v1/registrations/{made.renewal_id}/dossier.zip",
        )


def dossier_routes(service: DossierService, verifier: TokenVerifier) -> APIRouter:
    routes, anyone = APIRouter(), Depends(require_person(verifier))

    async def gathered(id: UUID, who: Person) -> DossierFacts:
        with refusals():
            facts = await service.gather(id)
        if not who.may_see(facts.renewal.registration.office_ref):
            raise unknown()
        return facts

    @routes.get(_PATH)
    async def dossier(id: UUID, who: Annotated[Person, anyone]) -> DossierView:
        """Every document that belongs to the registration."""
        facts = await gathered(id, who)
        return DossierView.of(facts, edition_for(who), await service.find_missing(facts))

    @routes.get(f"{_PATH}.zip", response_class=Response)
    async def archive(id: UUID, who: Annotated[Person, anyone]) -> Response:
        """All documents and records of the registration with a manifest. `tools/dossier` checks it."""
        verifier.spend(who, ARCHIVE_COST)
        facts = await gathered(id, who)
        return archive_response(service, facts, edition_for(who))

    @routes.get(f"{_PATH}/reports/{{sha256}}", response_class=Response)
    async def report(id: UUID, sha256: str, who: Annotated[Person, anyone]) -> Response:
        """A validation report on a signed document of the registration, as JSON or PDF."""
        verifier.spend(who, REPORT_COST)
        facts = await gathered(id, who)
        with refusals():
            return report_response(*await service.read_report(facts, sha256))

    return routes
