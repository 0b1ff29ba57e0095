"""The desk names another renewer for an office, with evidence, or withdraws that; and who it makes a renewer.

One conditional save, with its events, after the evidence is stored: dead before it, nobody is named, and the
repeat reads the evidence again (`evidence`); after it, the same request with its key finds it done.
"""

from dataclasses import dataclass
from hashlib import sha256

from services.renewal.desk.version_check import update_if_version
from services.renewal.domain.desk import appointment
from services.renewal.domain.desk.appointment import Naming, RenewerAppointment, appointment_id
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.scans.evidence import Evidence
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.clock import Clock
from shared.web.delegated_renewers import RenewerOf
from shared.web.people import Person


def renewer_of(kept: Store[RenewerAppointment]) -> RenewerOf:
    async def of(office_ref: str) -> str | None:
        found = await kept.state(appointment_id(office_ref))
        return found.renewer.user_ref if found and found.renewer else None

    return of


@dataclass(frozen=True, slots=True)
class AppointmentRequest:
    """Who asks, for which office, and what of it was on the screen (`seen`, as in `seen.changed`)."""

    office_ref: str
    who: Person
    seen: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RenewerAppointments:
    """All raise Refused: there is no such office, or somebody else has changed it since it was seen."""

    kept: Store[RenewerAppointment]
    licences: Projection[LicenceCopy]
    evidence: Evidence
    clock: Clock

    async def of(self, office_ref: str) -> Stored[RenewerAppointment] | None:
        """None where nobody ever was named."""
        await self.office(office_ref)
        return await self.kept.load(appointment_id(office_ref))

    async def name(
        self, told: AppointmentRequest, naming: Naming, upload: bytes
    ) -> Stored[RenewerAppointment]:
        """Also where the file is no good."""
        licence = (await self.office(told.office_ref))[0]
        evidence = await self.evidence.bound(upload, told.office_ref, "/evidence")
        content = naming.model_dump_json().encode() + sha256(upload).digest()
        cause = self._cause("name renewer", told, naming.reason, content)

        def decide(state: RenewerAppointment | None) -> Decision[RenewerAppointment]:
            return appointment.name(state, licence, naming, evidence, told.who.sub, self.clock.now())

        return await self._changed(told, decide, cause)

    async def withdraw(self, told: AppointmentRequest, reason: str) -> Stored[RenewerAppointment]:
        """Also where nobody is named."""
        await self.office(told.office_ref)
        cause = self._cause("withdraw renewer", told, reason, reason.encode())

        def decide(state: RenewerAppointment | None) -> Decision[RenewerAppointment]:
            return appointment.withdraw(state, self.clock.now())

        return await self._changed(told, decide, cause)

    async def office(self, office_ref: str) -> list[LicenceCopy]:
        """Its licences, one or more."""
        found = await self.licences.find({"office_ref": office_ref})
        if not found:
            raise RenewalError("office-unknown")
        return found

    async def _changed(
        self, told: AppointmentRequest, decide: appointment.Decide, cause: Cause
    ) -> Stored[RenewerAppointment]:
        id = appointment_id(told.office_ref)
        return await update_if_version(self.kept, id, told.seen, decide, cause, moved="appointment-moved")

    def _cause(self, action: str, told: AppointmentRequest, reason: str, content: bytes) -> Cause:
        return Cause.request(
            told.who.sub, f"{action} {told.office_ref}", reason, key=told.key, content=content
        )
