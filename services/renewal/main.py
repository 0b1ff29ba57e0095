"""The composition root: it builds the flows, each on the ones before."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal import core as cores
from services.renewal.core import Core
from services.renewal.desk import composition as desk
from services.renewal.desk.composition import DeskFlow
from services.renewal.desk.renewers import renewer_of
from services.renewal.domain.desk.appointment import RenewerAppointment
from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.domain.seen_notice import SeenNotice
from services.renewal.handlers import RenewalHandlers
from services.renewal.invoice import composition as invoice
from services.renewal.licences import Licences
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.rest.documents import document_routes
from services.renewal.office.rest.subscriptions import product_routes
from services.renewal.page_routes import PageRoutes
from services.renewal.pages.site import Site
from services.renewal.paper import composition as paper
from services.renewal.paper.composition import PaperFlow
from services.renewal.payment import composition as payment
from services.renewal.payment.composition import PaymentFlow
from services.renewal.recovery.rest import recovery_routes
from services.renewal.recovery.service import INDEX as RECOVERIES
from services.renewal.recovery.service import RecoveryService
from services.renewal.registration import composition as registration
from services.renewal.registration.composition import RegistrationFlow
from services.renewal.seen_notices import SeenNotices
from services.renewal.settings import RenewalSettings
from shared.runtime.process import serve
from shared.runtime.service import Plan, Service
from shared.runtime.settings import read
from shared.web.pages.auth import session_routes
from shared.web.pages.ended_sessions import INDEX as ENDED
from shared.web.pages.ended_sessions import EndedSessions, SessionVerifier
from shared.web.pages.guard import RequestGuard
from shared.web.pages.origins import Origins


@dataclass(frozen=True, slots=True)
class _Flows:
    core: Core
    registration: RegistrationFlow
    recovery: RecoveryService
    desk: DeskFlow
    paper: PaperFlow
    payment: PaymentFlow
    invoices: invoice.InvoiceFlow


def compose(settings: RenewalSettings) -> tuple[Service, Plan]:
    service = Service("renewal", settings)
    core = cores.build(service, settings)
    named = service.store("renewer_appointments", RenewerAppointment, audited=True)
    ended = EndedSessions(service.collection("ended_sessions", ENDED), service.real)
    verifier = SessionVerifier(settings.platform, renewer_of(named), ended)
    recoveries = service.store("recoveries", RecoveryRequest, RECOVERIES)
    registration_flow = registration.build(core)
    flows = _Flows(
        core=core,
        registration=registration_flow,
        recovery=RecoveryService(recoveries, core.licences, core.clock),
        desk=desk.build(core, registration_flow.restatements, named),
        paper=paper.build(core),
        payment=payment.build(core),
        invoices=invoice.InvoiceFlow.of(core),
    )
    return service, Plan(
        _handlers(flows).routes(),
        [*_rest(flows, verifier), *_pages(flows, verifier)],
        [*flows.paper.loops(flows.desk.desk), *registration_flow.loops(), *flows.payment.loops()],
        larger_bodies=paper.LARGER_BODIES
        | desk.LARGER_BODIES
        | payment.LARGER_BODIES
        | invoice.LARGER_BODIES,
        starting=[core.renderer.warm, flows.desk.offices.complete],
        closing=[core.renderer.close, flows.payment.reader.close, *flows.paper.closing()],
    )


def _handlers(flows: _Flows) -> RenewalHandlers:
    core = flows.core
    return RenewalHandlers(
        core.renewals,
        Licences(core.licences),
        flows.recovery,
        core.service.documents,
        core.contract_factory,
        core.fact_reader,
        core.clock,
        flows.desk.items,
        flows.registration.restatements,
        flows.invoices.handlers,
    )


def _rest(flows: _Flows, verifier: SessionVerifier) -> list[APIRouter]:
    core, zone = flows.core, flows.core.settings.vendor_zone
    return [
        *flows.registration.routers(verifier),
        *flows.desk.routers(verifier),
        *flows.paper.routers(verifier),
        document_routes(core.renewals, core.service.documents, verifier),
        product_routes(core.licences, core.catalogue, core.clock, zone, verifier),
        recovery_routes(flows.recovery, verifier),
        *flows.payment.routers(verifier),
        *flows.invoices.routers(verifier),
        session_routes(verifier),
    ]


def _pages(flows: _Flows, verifier: SessionVerifier) -> list[APIRouter]:
    core, registration = flows.core, flows.registration
    settings = core.settings
    secure = settings.environment == "production"
    site = Site.of(settings.vendor, settings.sign_in_url, settings.signing_url, secure=secure)
    return PageRoutes(
        site,
        RequestGuard(verifier, Origins.read(settings.sign_in_origins, secure=secure)),
        OfficeQueries(
            core.licences,
            core.renewals,
            registration.drafts.typed_draft,
            core.catalogue,
            core.receivables,
            core.invoices,
            core.clock,
        ),
        registration.drafts,
        registration.registrations,
        registration.restatements,
        flows.paper.copies,
        flows.recovery,
        flows.paper.pages(flows.desk.search),
        flows.desk.board(site),
        core,
        flows.payment,
        flows.invoices,
        flows.desk.extra_pages(),
        SeenNotices(core.service.store("seen_notices", SeenNotice), core.clock),
    ).routers()


def main() -> None:
    settings = read(RenewalSettings)
    serve("renewal", lambda: compose(settings), settings.port_base + 2)
