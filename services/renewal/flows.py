"""The flows of the service, each built on the ones before, and what they give to its process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.renewal.core import Core
from services.renewal.desk import composition as desk
from services.renewal.desk.composition import DeskFlow
from services.renewal.domain.desk.appointment import RenewerAppointment
from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.dossier.composition import DossierFlow
from services.renewal.invoice import composition as invoice
from services.renewal.invoice.composition import InvoiceFlow
from services.renewal.joint.composition import JointFlow
from services.renewal.paper import composition as paper
from services.renewal.paper.composition import PaperFlow
from services.renewal.payment import composition as payment
from services.renewal.payment.composition import PaymentFlow
from services.renewal.recovery.service import INDEXES as RECOVERIES
from services.renewal.recovery.service import RecoveryService
from services.renewal.registration import composition as registration
from services.renewal.registration.composition import RegistrationFlow
from services.renewal.resources import composition as resources
from services.renewal.resources.composition import ResourceFlow
from shared.observability.metrics import Metrics, Refresh
from shared.runtime.service import Loop
from shared.storage.store import Store
from shared.web.people import TokenVerifier

LARGER_BODIES = paper.LARGER_BODIES | desk.LARGER_BODIES | payment.LARGER_BODIES | invoice.LARGER_BODIES
"""The largest request bodies in bytes, by path."""


@dataclass(frozen=True, slots=True)
class Flows:
    registration: RegistrationFlow
    joint: JointFlow
    recovery: RecoveryService
    desk: DeskFlow
    paper: PaperFlow
    payment: PaymentFlow
    invoice: InvoiceFlow
    dossier: DossierFlow
    resources: ResourceFlow

    @classmethod
    def of(cls, core: Core, named: Store[RenewerAppointment]) -> Self:
        """`named`: whom the desk has named as renewers."""
        recoveries = core.service.store("recoveries", RecoveryRequest, *RECOVERIES)
        registration_flow, paper_flow = registration.build(core), paper.build(core)
        resource_flow = resources.build(core)
        return cls(
            registration=registration_flow,
            joint=JointFlow.of(core, registration_flow),
            recovery=RecoveryService(recoveries, core.licences, core.settings.recoveries_a_day, core.clock),
            desk=desk.build(core, registration_flow.restatements, named),
            paper=paper_flow,
            payment=payment.build(core, paper_flow.copies.reader.scans, resource_flow.service.follow_many),
            invoice=InvoiceFlow.of(core),
            dossier=DossierFlow.of(core, paper_flow.entries.batches),
            resources=resource_flow,
        )

    def routers(self, verifier: TokenVerifier) -> list[APIRouter]:
        flows = (
            self.registration,
            self.joint,
            self.desk,
            self.paper,
            self.payment,
            self.invoice,
            self.dossier,
            self.resources,
        )
        return [router for flow in flows for router in flow.routers(verifier)]

    def loops(self) -> list[Loop]:
        return [
            *self.paper.loops(self.desk.desk),
            *self.registration.loops(),
            *self.joint.loops(),
            *self.payment.loops(),
            *self.resources.loops(),
        ]

    def meters(self) -> list[Callable[[Metrics], Refresh]]:
        return [*self.resources.meters(), self.dossier.meter.register, self.desk.meter.register]

    def starting(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.desk.offices.complete, self.dossier.retention.finish_all]

    def closing(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.payment.reader.close, *self.paper.closing()]
