"""Handles the events by which the vendor's desk names the person who renews, and so signs, for an office."""

from dataclasses import dataclass

from services.signing.store import Appointment
from shared.events.renewer import RenewerNamed, RenewerWithdrawn
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import Unproven
from shared.storage.documents import Documents, Provenance
from shared.storage.projection import CopyWrite, Projection


@dataclass(frozen=True, slots=True)
class RenewerHandlers:
    appointments: Projection[Appointment]
    documents: Documents

    def add_to(self, routes: Routes) -> None:
        routes.checked(RenewerNamed, self.copy_renewer)
        routes.latest(RenewerWithdrawn, self.clear_renewer)

    async def copy_renewer(self, event: RenewerNamed, at: Position) -> list[CopyWrite]:
        """Copy whom the desk named. Raises Unproven if the desk stored no such evidence for the office."""
        evidence = Provenance("renewer_evidence", event.office_ref)
        if not await self.documents.is_of(event.evidence.sha256, evidence):
            raise Unproven("a renewer named without evidence of that office")
        return [
            self.appointments.put(event.office_ref, at, Appointment(user_ref=event.user_ref).model_dump())
        ]

    def clear_renewer(self, event: RenewerWithdrawn, at: Position) -> list[CopyWrite]:
        return [self.appointments.put(event.office_ref, at, Appointment(user_ref=None).model_dump())]
