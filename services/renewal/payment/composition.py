"""The payment flow: transfers, what came of them, and commitments to pay."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.payment.commitments import CommitmentService
from services.renewal.payment.follow_up import PaymentFollowUp
from services.renewal.payment.rest.commitments import commitment_routes
from services.renewal.payment.rest.payments import payment_routers
from services.renewal.payment.service import PaymentService
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop
from shared.web.people import TokenVerifier


@dataclass(frozen=True, slots=True)
class PaymentFlow:
    core: Core
    payments: PaymentService
    commitments: CommitmentService

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        return [
            *payment_routers(self.payments, self.core.settings.vendor, verifier),
            commitment_routes(self.commitments, verifier),
        ]

    def loops(self) -> list[Loop]:
        core, pause = self.core, self.core.settings.chase_seconds
        job = PaymentFollowUp(
            core.renewals,
            core.receivables,
            core.settings.vendor,
            core.clock,
            core.service.leader_loop("payments", pause),
        )
        return [Loop(job.run, Heartbeat("payments", limit=job.leader_loop.silence_limit))]


def build(core: Core) -> PaymentFlow:
    return PaymentFlow(
        core=core,
        payments=PaymentService(core.renewals, core.receivables, core.clock),
        commitments=CommitmentService(core.renewals, core.clock),
    )
