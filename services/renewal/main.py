"""The composition root: everything the service is made of is made here."""

from services.renewal import api, numbers
from services.renewal.desk import Desk
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.money import Dialect
from services.renewal.domain.renewal import Renewal
from services.renewal.handlers import Handlers
from services.renewal.licences import Licences
from services.renewal.numbers import Numbers
from services.renewal.papers import Papers
from services.renewal.render.renderer import Renderer
from services.renewal.settings import RenewalSettings, load_catalogue
from services.renewal.store import INDEXES, Renewals
from shared.documents import Collecting
from shared.process import serve
from shared.pulse import Pulse
from shared.service import Loop, Plan, Service
from shared.settings import read
from shared.turns import Turns


def compose(settings: RenewalSettings) -> tuple[Service, Plan]:
    service = Service("renewal", settings)
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES))
    licences = service.projection("licences", LicenceCopy)
    renderer = Renderer(processes=settings.render_processes, limit=settings.render_seconds)
    papers = Papers(
        renderer,
        service.documents,
        Numbers(service.collection("numbers", *numbers.INDEXES)),
        settings.vendor,
        Dialect(settings.zero_tens, settings.thousand),
    )
    desk = Desk(renewals, licences, papers, load_catalogue(settings.catalogue), service.clock)
    handlers = Handlers(renewals, Licences(licences), papers, service.clock)
    routers = [
        api.registrations(desk, renewals, service.keys),
        api.dossiers(renewals, service.documents, service.keys),
    ]
    plan = Plan(
        handlers.routes(),
        routers,
        [_collecting(service, settings.collect_seconds)],
        starting=[renderer.warm],
        closing=[renderer.close],
    )
    return service, plan


def _collecting(service: Service, pause_seconds: float) -> Loop:
    """For all services: they share the documents."""
    turns = Turns("documents", service.lease("documents"), lambda: True, pause_seconds)
    collecting = Collecting(service.documents, turns)
    return Loop(collecting.run, Pulse("documents", limit=3 * pause_seconds + 30))


def main() -> None:
    settings = read(RenewalSettings)
    serve("renewal", lambda: compose(settings), settings.port_base + 2)
