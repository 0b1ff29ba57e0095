"""The office's part over HTTP: its documents, its products, and the progress of its registrations."""

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.office.history_export import HistoryExport
from services.renewal.office.progress import ProgressReader
from services.renewal.office.rest.documents import document_routes
from services.renewal.office.rest.history import history_routes
from services.renewal.office.rest.progress import progress_routes
from services.renewal.office.rest.subscriptions import product_routes
from shared.web.people import TokenVerifier


def progress_reader(core: Core) -> ProgressReader:
    return ProgressReader(core.office_renewals, core.licences, core.receivables, core.invoices, core.clock)


def history_export(core: Core) -> HistoryExport:
    return HistoryExport(core.office_renewals, progress_reader(core), core.ledgers, core.settings.vendor_zone)


def routers(core: Core, verifier: TokenVerifier) -> list[APIRouter]:
    return [
        document_routes(core.renewals, core.service.documents, verifier),
        product_routes(core.licences, core.catalogue, core.clock, core.settings.vendor_zone, verifier),
        progress_routes(core.renewals, progress_reader(core), verifier),
        history_routes(history_export(core), verifier),
    ]
