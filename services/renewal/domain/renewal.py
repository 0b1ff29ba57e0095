"""The aggregate `Renewal`: a registration on its way to a contract in force.

awaiting_signature → (awaiting_confirmation →) accepted → contract_issued; awaiting_paper instead of
awaiting_signature where the form is posted; cancelled from any awaiting one. `form`, `sending` and
`contract` hold the steps; each takes what is and what happened, and returns what shall be and the events
that tell it.
A message that finds nothing left to do returns the state unchanged, with no events.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.numbering import ContractNumber
from services.renewal.domain.registration import Registration
from shared.aggregate import State
from shared.calendar import civil_date
from shared.events.base import DocumentRef, SendBy


class Status(StrEnum):
    """Where a renewal stands."""

    AWAITING_SIGNATURE = "awaiting_signature"
    AWAITING_PAPER = "awaiting_paper"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    ACCEPTED = "accepted"
    CONTRACT_ISSUED = "contract_issued"
    CANCELLED = "cancelled"


AWAITED = {SendBy.ELECTRONIC: Status.AWAITING_SIGNATURE, SendBy.PAPER: Status.AWAITING_PAPER}
AWAITING = (Status.AWAITING_SIGNATURE, Status.AWAITING_PAPER, Status.AWAITING_CONFIRMATION)
OPEN = (*AWAITING, Status.ACCEPTED)
STANDING = (*OPEN, Status.CONTRACT_ISSUED)


class DeskReason(StrEnum):
    """Why a person must look before the renewal goes on."""

    PRODUCT_SETTING = "product_setting"
    CERTIFICATE_REVIEW = "certificate_review"
    EXPIRY_MOVED = "expiry_moved"
    OTHER_REVISION_SIGNED = "other_revision_signed"


Kind = Literal["form", "signed_form", "contract", "sealed_contract"]


class Paper(Frozen):
    """A document of the renewal's dossier. `revision` counts the forms from 1."""

    kind: Kind
    revision: int
    document: DocumentRef
    filed_at: datetime


class Replacement(Frozen):
    """The registration that takes a cancelled one's place, whole, until it is one of its own."""

    registration: Registration
    form: DocumentRef


class Renewal(State):
    """`dossier` is in the order of filing; an earlier form in it is void.

    `replaced_by` is the renewal that took the place of this cancelled one; `replacement` is kept until
    that one is on record.
    """

    registration: Registration
    status: Status
    form_revision: int
    dossier: tuple[Paper, ...]
    needs_desk: DeskReason | None = None
    form_signed_at: datetime | None = None
    accepted_by: str | None = None
    contract_number: ContractNumber | None = None
    contract_date: date | None = None
    cancelled: str | None = None
    replaced_by: UUID | None = None
    replacement: Replacement | None = None

    def newest(self, kind: Kind) -> DocumentRef | None:
        """The document of that kind filed last."""
        return next((paper.document for paper in reversed(self.dossier) if paper.kind == kind), None)

    def is_void(self, paper: Paper) -> bool:
        """Whether the document no longer counts: of a revision that was issued anew, or taken back."""
        return paper.revision < self.form_revision or self.status is Status.CANCELLED

    def filed(self, kind: Kind, document: DocumentRef, now: datetime) -> Self:
        paper = Paper(kind=kind, revision=self.form_revision, document=document, filed_at=now)
        return self.with_(dossier=(*self.dossier, paper))

    def with_(self, **change: Any) -> Self:
        return self.model_copy(update=change)


def about(registration: Registration, now: datetime) -> dict[str, Any]:
    """The fields that every event about a renewal has."""
    return {
        "subscription_id": registration.subscription_id,
        "office_ref": registration.office_ref,
        "product_code": registration.product_code,
        "effective_on": civil_date(now, registration.zone),
        "occurred_at": now,
        "recorded_at": now,
        "renewal_id": registration.renewal_id,
        "registration_no": registration.number,
    }
