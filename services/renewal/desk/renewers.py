"""The desk appoints another renewer for an office, with evidence, or withdraws the appointment.

Each change is one conditional save, with its events, after the evidence is stored. If the process dies before
the save, nobody is appointed, and the repeated request reads the evidence again (`evidence`). If the process
dies after the save, the same request with its key finds the work done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from services.renewal.domain.desk import appointment
from services.renewal.domain.desk.appointment import RenewerAppointment, RenewerDetails, appointment_id
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.scans.evidence import Evidence
from services.renewal.scans.limits import EVIDENCE
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Provenance
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.clock import Clock
from shared.web.delegated_renewers import RenewerOf
from shared.web.people import Person


def renewer_of(store: Store[RenewerAppointment]) -> RenewerOf:
    async def of(office_ref: str) -> str | None:
        found = await store.state(appointment_id(office_ref))
        return found.renewer.user_ref if found and found.renewer else None

    return of


def renewer_name(store: Store[RenewerAppointment]) -> Callable[[str], Awaitable[str | None]]:
    """The name of the renewer whom the desk appointed for an office, None where it appointed nobody."""

    async def of(office_ref: str) -> str | None:
        found = await store.state(appointment_id(office_ref))
        return found.renewer.name if found and found.renewer else None

    return of


@dataclass(frozen=True, slots=True)
class AppointmentRequest:
    """A clerk's request for an office. `seen`: the version on the screen; 0: nobody was ever appointed."""

    office_ref: str
    who: Person
    seen: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class RenewerAppointments:
    """Each method raises RenewalError if there is no such office, or the appointment changed since `seen`."""

    store: Store[RenewerAppointment]
    licences: Projection[LicenceCopy]
    evidence: Evidence
    clock: Clock

    async def of(self, office_ref: str) -> Stored[RenewerAppointment] | None:
        """None if nobody was ever appointed."""
        await self.office(office_ref)
        return await self.store.load(appointment_id(office_ref))

    async def appoint(
        self, request: AppointmentRequest, details: RenewerDetails, upload: bytes
    ) -> Stored[RenewerAppointment]:
        """Appoints the renewer. Raises RenewalError also if the file can't be used as evidence."""
        licence = (await self.office(request.office_ref))[0]
        of = Provenance("renewer_evidence", request.office_ref)
        name = f"chung-cu-nguoi-gia-han-{request.office_ref}.pdf"
        evidence = await self.evidence.store(upload, EVIDENCE, "/evidence", name, of)
        content = details.model_dump_json().encode() + sha256(upload).digest()
        cause = self._cause("name renewer", request, details.reason, content)

        def decide(state: RenewerAppointment | None) -> Decision[RenewerAppointment]:
            return appointment.appoint(state, licence, details, evidence, request.who.sub, self.clock.now())

        return await self._change(request, decide, cause)

    async def withdraw(self, request: AppointmentRequest, reason: str) -> Stored[RenewerAppointment]:
        """Withdraws the appointment. Raises RenewalError also if nobody is appointed."""
        await self.office(request.office_ref)
        cause = self._cause("withdraw renewer", request, reason, reason.encode())

        def decide(state: RenewerAppointment | None) -> Decision[RenewerAppointment]:
            return appointment.withdraw(state, self.clock.now())

        return await self._change(request, decide, cause)

    async def office(self, office_ref: str) -> list[LicenceCopy]:
        """The office's licences, one or more. Raises RenewalError if there is none."""
        found = await self.licences.find({"office_ref": office_ref})
        if not found:
            raise RenewalError("office-unknown")
        return found

    async def _change(
        self, request: AppointmentRequest, decide: appointment.Decide, cause: Cause
    ) -> Stored[RenewerAppointment]:
        id = appointment_id(request.office_ref)
        try:
            stored = await self.store.change(id, decide, cause, expected_version=request.seen)
        except VersionMismatch:
            decide(await self.store.state(id))  # its refusal says more, if there is one
            raise RenewalError("appointment-moved") from None
        assert stored is not None  # else it was refused
        return stored

    def _cause(self, action: str, request: AppointmentRequest, reason: str, content: bytes) -> Cause:
        return Cause.request(
            request.who.sub, f"{action} {request.office_ref}", reason, key=request.key, content=content
        )
