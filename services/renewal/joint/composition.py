"""The joint flow: several products of one office on one form."""

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.joint.allocation import AllocationService
from services.renewal.joint.members import JoinedRenewalLoop, JoinedRenewals
from services.renewal.joint.rest import allocation_routes, joint_routes
from services.renewal.joint.service import JointRegistrationService
from services.renewal.registration.composition import RegistrationFlow
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop
from shared.web.people import TokenVerifier

_ACCEPTED_SECONDS = 2


@dataclass(frozen=True, slots=True)
class JointFlow:
    core: Core
    service: JointRegistrationService
    renewals: JoinedRenewals
    allocations: AllocationService

    @classmethod
    def of(cls, core: Core, registration: RegistrationFlow) -> Self:
        renewals, licences, clock = core.renewals, core.licences, core.clock
        return cls(
            core=core,
            service=JointRegistrationService(
                renewals, licences, core.catalogue, clock, registration.registrations
            ),
            renewals=JoinedRenewals(renewals, licences, core.contract_factory, clock),
            allocations=AllocationService(renewals, core.receivables, clock),
        )

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [joint_routes(self.service, verifier), allocation_routes(self.allocations, verifier)]

    def loops(self) -> list[Loop]:
        leader_loop = self.core.service.leader_loop("joined", _ACCEPTED_SECONDS)
        loop = JoinedRenewalLoop(self.renewals, leader_loop)
        return [Loop(loop.run, Heartbeat("joined", limit=leader_loop.silence_limit + 60))]
