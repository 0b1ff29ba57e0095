"""Builds the flow of validation reports: its service, its routes and its pages."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.signing.domain.contract import ContractSeal
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.uploaded.file import LARGEST
from services.signing.pades.worker_tasks import configure_report_worker
from services.signing.pages.site import ROOT, build_site
from services.signing.preservation.files import PreservedFiles
from services.signing.reports.authorized import AuthorizedReports
from services.signing.reports.job import ReportJob
from services.signing.reports.kept_reports import KeptReports
from services.signing.reports.origins import OriginFinder
from services.signing.reports.pages import ReportPages, report_pages
from services.signing.reports.printer import ReportPrinter
from services.signing.reports.rest import report_routes
from services.signing.reports.service import ReportService
from services.signing.settings import SigningSettings
from services.signing.store import Contracts, Forms
from shared.background.heartbeat import Heartbeat
from shared.background.workers import Workers
from shared.runtime.service import Loop, Service
from shared.storage.store import Store
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.guard import RequestGuard
from shared.web.pages.origins import Origins
from shared.web.people import Role, require_person

_FORM_FIELDS = 64 * 1024
LARGER_BODIES = {"/v1/reports": LARGEST, f"{ROOT}/report": LARGEST + _FORM_FIELDS}
"""Bytes by path."""
_COST = 4  # as for a page with a file
_NAME, _PAUSE_SECONDS = "reports", 1.0


@dataclass(frozen=True, slots=True)
class ReportFlow:
    """`routers` come before the one that answers unknown addresses. `workers` are its own: a file that is
    slow to read must not hold up signatures and seals, which also go first where the machine is busy. `loop`
    makes the reports for the dossiers."""

    routers: tuple[APIRouter, ...]
    workers: Workers
    loop: Loop


def build(
    service: Service,
    settings: SigningSettings,
    forms: Forms,
    contracts: Store[ContractSeal],
    deferred_signer: DeferredSigner,
    verifier: SessionVerifier,
    files: PreservedFiles,
) -> ReportFlow:
    workers = Workers(1, limit=settings.pdf_seconds, prepare=configure_report_worker)
    policy, authorities = deferred_signer.current_policy, deferred_signer.evidence
    inspector, sealed = Inspector(workers, policy, authorities), Contracts(contracts)
    reports = ReportService(
        inspector,
        service.documents,
        OriginFinder(inspector, service.documents, forms, sealed),
        KeptReports(service.collection("validation_reports")),
        service.clock,
        settings.answer_seconds,
    )
    authorized, printer = (
        AuthorizedReports(reports, forms, sealed),
        ReportPrinter(workers, settings.stamp_zone),
    )
    site = build_site(settings)
    guard = RequestGuard(verifier, Origins.read(settings.sign_in_origins, secure=site.secure))
    reader = require_person(verifier, Role.RENEWER, Role.MEMBER, Role.DESK, Role.OPS, cost=_COST)
    pages = report_pages(ReportPages(site, authorized, printer), guard)
    turns = service.leader_loop(_NAME, _PAUSE_SECONDS)
    job = ReportJob(files, forms, sealed, reports, printer, service.documents, service.clock, turns)
    limit = turns.silence_limit + 2 * settings.answer_seconds
    loop = Loop(job.run, Heartbeat(_NAME, limit=limit))
    return ReportFlow((report_routes(authorized, printer, reader), pages), workers, loop)
