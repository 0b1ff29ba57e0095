"""The joint flow: several products of one office on one form."""

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.joint.members import JoinedRenewalLoop, JoinedRenewals
from services.renewal.joint.pages.declaration import joint_declaration_pages
from services.renewal.joint.pages.submission import joint_submission_pages
from services.renewal.joint.rest import joint_routes
from services.renewal.joint.service import JointRegistrationService
from services.renewal.office.queries import OfficeQueries
from services.renewal.pages.site import Site
from services.renewal.registration.composition import RegistrationFlow
from services.renewal.registration.drafts import Drafts
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop
from shared.web.pages.guard import RequestGuard
from shared.web.people import TokenVerifier

_ACCEPTED_SECONDS = 2


@dataclass(frozen=True, slots=True)
class JointFlow:
    core: Core
    drafts: Drafts
    service: JointRegistrationService
    renewals: JoinedRenewals

    @classmethod
    def of(cls, core: Core, registration: RegistrationFlow) -> Self:
        renewals, licences, clock = core.renewals, core.licences, core.clock
        return cls(
            core=core,
            drafts=registration.drafts,
            service=JointRegistrationService(
                renewals, licences, core.catalogue, clock, registration.registrations
            ),
            renewals=JoinedRenewals(renewals, licences, core.contract_factory, clock),
        )

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [joint_routes(self.service, verifier)]

    def pages(self, site: Site, guard: RequestGuard, queries: OfficeQueries) -> list[APIRouter]:
        return [
            joint_declaration_pages(site, guard, queries, self.drafts),
            joint_submission_pages(site, guard, queries, self.drafts, self.service),
        ]

    def loops(self) -> list[Loop]:
        leader_loop = self.core.service.leader_loop("joined", _ACCEPTED_SECONDS)
        loop = JoinedRenewalLoop(self.renewals, leader_loop)
        return [Loop(loop.run, Heartbeat("joined", limit=leader_loop.silence_limit + 60))]
