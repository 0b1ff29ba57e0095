"""The composition root: it builds the flows, and mounts what they give on the process."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from services.renewal import core as cores
from services.renewal.contract.void_contract import VoidContractHandlers
from services.renewal.core import Core
from services.renewal.desk.renewers import renewer_name, renewer_of
from services.renewal.domain.desk.appointment import RenewerAppointment
from services.renewal.flows import LARGER_BODIES, Flows
from services.renewal.handlers import RenewalHandlers
from services.renewal.licences import Licences
from services.renewal.office import composition as office
from services.renewal.office.queries import OfficeQueries
from services.renewal.page_routes import PageRoutes
from services.renewal.pages.site import Site
from services.renewal.recovery.rest import recovery_routes
from services.renewal.settings import RenewalSettings
from shared.runtime.process import serve
from shared.runtime.service import Plan, Service
from shared.runtime.settings import read
from shared.web.pages.auth import session_routes
from shared.web.pages.ended_sessions import INDEX as ENDED
from shared.web.pages.ended_sessions import EndedSessions, SessionVerifier
from shared.web.pages.guard import RequestGuard
from shared.web.pages.origins import Origins


def compose(settings: RenewalSettings) -> tuple[Service, Plan]:
    service = Service("renewal", settings)
    core = cores.build(service, settings)
    named = service.store("renewer_appointments", RenewerAppointment, audited=True)
    ended = EndedSessions(service.collection("ended_sessions", ENDED), service.real)
    verifier = SessionVerifier(settings.platform, renewer_of(named), ended)
    flows = Flows.of(core, named)
    return service, Plan(
        _handlers(core, flows).routes(),
        [*_rest(core, flows, verifier), *_pages(core, flows, verifier, renewer_name(named))],
        flows.loops(),
        larger_bodies=LARGER_BODIES,
        meters=flows.meters(),
        starting=[core.renderer.warm, *flows.starting()],
        closing=[core.renderer.close, *flows.closing()],
    )


def _handlers(core: Core, flows: Flows) -> RenewalHandlers:
    return RenewalHandlers(
        core.renewals,
        Licences(core.licences, core.clock),
        flows.recovery,
        core.service.documents,
        core.contract_factory,
        core.fact_reader,
        core.clock,
        flows.desk.items,
        flows.registration.restatements,
        flows.invoice.handlers,
        flows.resources.handlers,
        flows.dossier.service.told,
        VoidContractHandlers(core.renewals, core.receivables, core.invoices, core.clock),
    )


def _rest(core: Core, flows: Flows, verifier: SessionVerifier) -> list[APIRouter]:
    return [
        *flows.routers(verifier),
        *office.routers(core, verifier),
        recovery_routes(flows.recovery, verifier),
        session_routes(verifier),
    ]


def _pages(
    core: Core, flows: Flows, verifier: SessionVerifier, appointed: Callable[[str], Awaitable[str | None]]
) -> list[APIRouter]:
    settings, drafts = core.settings, flows.registration.drafts
    secure = settings.environment == "production"
    queries = OfficeQueries(
        core.licences,
        core.renewals,
        core.office_renewals,
        appointed,
        drafts.typed_draft,
        core.catalogue,
        core.receivables,
        core.invoices,
        core.ledgers,
        core.clock,
    )
    return PageRoutes(
        Site.of(settings.vendor, settings.sign_in_url, settings.signing_url, secure=secure),
        RequestGuard(verifier, Origins.read(settings.sign_in_origins, secure=secure)),
        queries,
        core,
        flows,
    ).routers()


def main() -> None:
    settings = read(RenewalSettings)
    serve("renewal", lambda: compose(settings), settings.port_base + 2)
