"""The dossier flow: one registration's dossier over REST and on its page."""

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.dossier.pages.dossier import DossierPage, dossier_pages
from services.renewal.dossier.rest import dossier_routes
from services.renewal.dossier.service import DossierService
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.site import Site
from shared.web.pages.guard import RequestGuard
from shared.web.people import TokenVerifier


@dataclass(frozen=True, slots=True)
class DossierFlow:
    service: DossierService

    @classmethod
    def of(cls, core: Core) -> Self:
        return cls(DossierService(core))

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [dossier_routes(self.service, verifier)]

    def pages(self, site: Site, guard: RequestGuard, queries: OfficeQueries) -> list[APIRouter]:
        return [dossier_pages(DossierPage(site, queries, self.service), guard)]
