"""The dossier flow: one registration's dossier, and how long its documents are kept."""

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.dossier.copies import DossierCopies
from services.renewal.dossier.document_owners import DocumentOwners, PagePictures
from services.renewal.dossier.meters import RetentionMeter
from services.renewal.dossier.pages.dossier import DossierPage, dossier_pages
from services.renewal.dossier.pages.retention import RetentionDesk, retention_pages
from services.renewal.dossier.rest import dossier_routes
from services.renewal.dossier.retention import DossierRetentionService
from services.renewal.dossier.retention_rest import deletion_routes, hold_routes, retention_list_routes
from services.renewal.dossier.service import DossierService
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.site import Site
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard
from shared.web.people import TokenVerifier


@dataclass(frozen=True, slots=True)
class DossierFlow:
    """`retention.finish_all` is for the service's start."""

    service: DossierService
    retention: DossierRetentionService

    @classmethod
    def of(cls, core: Core, pictures: PagePictures) -> Self:
        told = DossierCopies.of(core)
        service = DossierService(core, told)
        owners = DocumentOwners(core, pictures, told.reports)
        return cls(service, DossierRetentionService(service, owners, core.settings.dossier_years))

    @property
    def meter(self) -> RetentionMeter:
        return RetentionMeter(self.service.core.retained)

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [
            dossier_routes(self.service, verifier),
            retention_list_routes(self.retention, verifier),
            hold_routes(self.retention, verifier),
            deletion_routes(self.retention, verifier),
        ]

    def pages(self, site: Site, guard: RequestGuard, queries: OfficeQueries) -> list[APIRouter]:
        shell = DeskShell(site, "", self.service.core.settings.vendor_zone)
        return [
            dossier_pages(DossierPage(site, queries, self.service), guard),
            retention_pages(RetentionDesk(shell, self.retention), DeskGuard(guard)),
        ]
