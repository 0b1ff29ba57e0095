"""The JSON of the desk's queue and of one registration. Texts for people are pairs: Vietnamese, English."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.desk.case import Case
from services.renewal.desk.queue import QueueCount, QueuePage
from services.renewal.desk.unsealed import UnsealedContract, describe_unsealed
from services.renewal.domain.contract.voided import VoidProposal
from services.renewal.domain.desk.claim import Claim
from services.renewal.domain.desk.queued_registration import QueuedRegistration
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.registration.declaration import Payment
from services.renewal.domain.registration.registration import Invoice
from services.renewal.domain.renewal import DeskReason, PostedForm
from services.renewal.rest.views import FoundView, RegistrationView, field_errors
from services.renewal.texts import DESK_REASONS, STATUSES
from shared.audit.entries import AuditEntry
from shared.events.renewal import Party
from shared.text.i18n import Text
from shared.web.problems import FieldError


class QueuedView(BaseModel):
    """A row of the queue. Send `version` back as If-Match with a decision. `unsealed`: why its contract has
    no seal, who removes the reason, and what comes next."""

    id: UUID
    version: int
    number: str
    office_ref: str
    office_name: str
    tax_code: str | None
    product_code: str
    product_name: str
    status: RegistrationStatus
    status_text: Text
    needs_desk: DeskReason | None
    needs_desk_text: Text | None
    unsealed: UnsealedContract | None
    send_by: str
    on_behalf: bool
    registered_at: datetime
    received_on: str | None
    since: datetime
    late: bool
    claimed_by: str | None

    @classmethod
    def of(cls, row: QueuedRegistration) -> "QueuedView":
        """Built without validation: the data come from our own database, and lists have thousands of rows."""
        fields = {name: getattr(row, name) for name in _SAME}
        why = DESK_REASONS[row.needs_desk] if row.needs_desk else None
        unsealed = describe_unsealed(row.needs_desk, row.desk_note)
        return cls.model_construct(
            status_text=STATUSES[row.status], needs_desk_text=why, unsealed=unsealed, **fields
        )


_SAME = QueuedView.model_fields.keys() - {"status_text", "needs_desk_text", "unsealed"}


class QueueView(BaseModel):
    """`after`: send it for the next page; null where this is the last one."""

    rows: list[QueuedView]
    after: str | None

    @classmethod
    def of(cls, page: QueuePage) -> "QueueView":
        rows = [QueuedView.of(row) for row in page.rows]
        return cls.model_construct(rows=rows, after=str(page.after) if page.after else None)


class CountView(BaseModel):
    """How many registrations have the status, and how many of them for longer than the flow allows."""

    status: RegistrationStatus
    status_text: Text
    all: int
    late: int

    @classmethod
    def of(cls, status: RegistrationStatus, count: QueueCount) -> Self:
        return cls(status=status, status_text=STATUSES[status], all=count.all, late=count.late)


class ClaimView(BaseModel):
    by: str
    until: datetime

    @classmethod
    def of(cls, claim: Claim) -> Self:
        return cls(by=claim.by, until=claim.until)


class ChangeView(BaseModel):
    """An audit entry: who did what, and why. `fields`: the fields that it changed."""

    at: datetime
    actor: str
    action: str
    reason: str
    fields: list[str]

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        known = {"at": entry.at, "actor": entry.actor, "action": entry.action, "reason": entry.reason}
        return cls(**known, fields=sorted(entry.after))


class CaseView(BaseModel):
    """One registration with everything about it. `steps`: what the desk may do. `odd`: what differs from the
    licence. `basis_moved`: while the registration is open, the licence of a product on the form ends on
    another day than the form's term counts from. `void_proposal`: who proposed to void its contract in force,
    until it is decided."""

    version: int
    registration: RegistrationView
    office: Party
    invoice: Invoice
    payment: Payment
    posted: PostedForm | None
    desk_note: str | None
    unsealed: UnsealedContract | None
    steps: list[FlowStep]
    odd: list[FieldError]
    basis_moved: bool
    claim: ClaimView | None
    void_proposal: VoidProposal | None
    history: list[ChangeView]
    others: list[FoundView]

    @classmethod
    def of(cls, case: Case) -> Self:
        renewal, registration = case.renewal, case.renewal.registration
        return cls(
            version=case.stored.version,
            registration=RegistrationView.of(renewal),
            office=registration.office,
            invoice=registration.invoice,
            payment=registration.payment,
            posted=renewal.posted,
            desk_note=renewal.desk_note,
            unsealed=describe_unsealed(renewal.needs_desk, renewal.desk_note),
            steps=case.steps,
            odd=field_errors(case.odd),
            basis_moved=bool(case.moved),
            claim=ClaimView.of(case.claim) if case.claim else None,
            void_proposal=renewal.void_proposal,
            history=[ChangeView.of(entry) for entry in case.history],
            others=[FoundView.of(other) for other in case.others],
        )
