"""The flow of resources: the ledger that follows the facts, the platform's answers, REST, and the pages of
office and desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.site import Site
from services.renewal.resources.handlers import ResourceHandlers
from services.renewal.resources.lapse_loop import LapseLoop
from services.renewal.resources.meters import GrantMeter
from services.renewal.resources.open_grants import OpenGrants
from services.renewal.resources.pages.desk import GrantDesk, grant_desk_pages
from services.renewal.resources.pages.office import ResourcePage, resource_pages
from services.renewal.resources.rest import grant_desk_routes, resource_routes
from services.renewal.resources.service import ResourceService
from shared.background.heartbeat import Heartbeat
from shared.observability.metrics import Metrics, Refresh
from shared.runtime.service import Loop
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard
from shared.web.people import TokenVerifier


@dataclass(frozen=True, slots=True)
class ResourceFlow:
    core: Core
    service: ResourceService
    open_grants: OpenGrants

    @property
    def handlers(self) -> ResourceHandlers:
        return ResourceHandlers(self.service)

    def meters(self) -> list[Callable[[Metrics], Refresh]]:
        return [GrantMeter(self.core.ledgers, self.core.clock).register]

    def loops(self) -> list[Loop]:
        pause = self.core.settings.chase_seconds
        loop = LapseLoop(self.service, self.core.service.leader_loop("resources", pause))
        return [Loop(loop.run, Heartbeat("resources", limit=loop.leader_loop.silence_limit))]

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [
            resource_routes(self.service, verifier),
            grant_desk_routes(self.service, self.open_grants, verifier),
        ]

    def pages(self, site: Site, guard: RequestGuard, queries: OfficeQueries) -> list[APIRouter]:
        shell = DeskShell(site, "resources", self.core.settings.vendor_zone)
        return [
            resource_pages(ResourcePage(site, queries, self.service), guard),
            grant_desk_pages(GrantDesk(shell, self.service, self.open_grants), DeskGuard(guard)),
        ]


def build(core: Core) -> ResourceFlow:
    settings = core.settings
    pause = timedelta(minutes=settings.resource_pause_minutes)
    limit = timedelta(hours=settings.resource_hours)
    return ResourceFlow(
        core,
        ResourceService(core.ledgers, core.subscription_renewals, core.licences, pause, core.clock),
        OpenGrants(core.ledgers, core.licences, limit, core.clock),
    )
