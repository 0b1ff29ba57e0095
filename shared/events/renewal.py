"""Events of the renewal service, on topic `renewal.events`."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from shared.events.base import DocumentRef, Event, SendBy, Sha256, Stage, Value, as_seen


class FormKind(StrEnum):
    """What the form is called: gia hạn, or cập nhật, a licence product's word for its yearly renewal."""

    RENEWAL = "renewal"
    UPDATE = "update"


class Term(Value):
    """A term of use and what it was computed from: `basis_expires_on` and the stage at that time."""

    basis_expires_on: date
    basis_stage: Stage
    term_from: date
    term_to: date
    years: int


class Conditions(Value):
    """The general conditions of contract that a form names: `edition` is LINE/DATE, `sha256` of its text."""

    edition: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    sha256: Sha256


class Party(Value):
    """The office as it declares itself on the form. Personal data.

    `superior` is the body above it, `authority` the line above the signer's title (TM., KT., TL. …).
    """

    name: str
    tax_code: str | None
    budget_code: str | None
    address: str
    representative: str
    title: str
    contact_name: str
    contact_phone: str
    contact_email: str
    superior: str | None = None
    authority: str | None = None


class OrderLine(Value):
    """One line of what is paid for, in đồng. `vat_percent` null is "not subject", which isn't 0%.

    What the lines buy is in `package`, `users` and `storage_gb` beside them, the included counted.
    """

    item: str
    unit: str
    quantity: int
    unit_price: int
    vat_percent: int | None


class RenewalRegistered(Event):
    """An office registered its renewal and confirmed how it sends the form."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.registered.v1"

    renewal_id: UUID
    registration_no: str
    send_by: SendBy
    kind: FormKind = FormKind.RENEWAL
    office: Annotated[Party, AfterValidator(as_seen)]
    term: Term
    package: str
    users: int
    total_vnd: int
    form: DocumentRef
    form_revision: int
    conditions: Conditions | None = None
    storage_gb: int | None = None
    lines: tuple[OrderLine, ...] = ()


class FormReissued(Event):
    """The form was rendered anew because its term had become untrue, as `reason` says: the service ended, or
    its last day was corrected. An earlier revision that is signed still counts, but those in `unconfirmed`:
    the corrected term ends earlier than theirs, and the office must agree first."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.form_reissued.v1"

    renewal_id: UUID
    registration_no: str
    term: Term
    form: DocumentRef
    form_revision: int
    reason: Literal["terminated", "corrected"] | None = None
    old_term: Term | None = None
    unconfirmed: tuple[int, ...] = ()


class TermConfirmed(Event):
    """The office agreed to the term of the restated form: earlier revisions that are signed count for it."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.term_confirmed.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    term: Term


class RenewalAccepted(Event):
    """The vendor accepted the registration: by rule (`decided_by` rule) or by a desk clerk."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.accepted.v1"

    renewal_id: UUID
    registration_no: str
    decided_by: Literal["rule", "desk"]
    reason: str


class RenewalRefused(Event):
    """The vendor's desk refused the registration; the office is told why."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.refused.v1"

    renewal_id: UUID
    registration_no: str
    reason: str


class RenewalCancelled(Event):
    """The registration was taken back, or replaced by another (`replaced_by`), before it was accepted."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.cancelled.v1"

    renewal_id: UUID
    registration_no: str
    cancelled_by: Literal["office", "desk"]
    reason: str
    replaced_by: UUID | None


class SendingChanged(Event):
    """The office chose another way of sending the same form. What was told last counts."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.sending_changed.v1"

    renewal_id: UUID
    registration_no: str
    old_send_by: SendBy
    send_by: SendBy


class FormSignatureAwaited(Event):
    """Nobody has signed the form electronically in `days_waited` working days since `awaited_since`; it is
    the `reminder`-th time we say so."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.form_signature_awaited.v1"

    renewal_id: UUID
    registration_no: str
    days_waited: int
    reminder: int
    awaited_since: AwareDatetime | None = None


class DataRecoveryAsked(Event):
    """An office of which the service ended asks for its data back; `asked_by` names no person."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.data_recovery_asked.v1"

    recovery_id: UUID
    asked_by: Literal["office", "desk"]
    reason: str


class NoticeGivenByDesk(Event):
    """A clerk told the office what a notice that could not be delivered should have told it (`reason`, of the
    last day of use `term`, counted to `counted_from`), or could not reach it and closed the call."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.notice_given_by_desk.v1"

    notice_id: str
    reason: str
    term: date | None
    counted_from: date | None = None


class NoticeSeen(Event):
    """The office's renewer, signed in, saw the page that tells what a notice of the stage `reason` tells, of
    the last day of use `term`, counted to `counted_from`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.notice_seen.v1"

    reason: str
    term: date
    counted_from: date


class HeldDateConfirmed(Event):
    """Of access that is held, the desk says: the last day of use `expires_on` is right; it was told."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.held_date_confirmed.v1"

    expires_on: date


class ContractPrepared(Event):
    """The contract is numbered and rendered, ready for the vendor's seal, or, with `sign_by`, for the office,
    which signs it first: up to that day."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_prepared.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    contract_date: date
    term: Term
    package: str
    users: int
    total_vnd: int
    signed_form: DocumentRef
    contract: DocumentRef
    conditions: Conditions | None = None
    storage_gb: int | None = None
    lines: tuple[OrderLine, ...] = ()
    sign_by: date | None = None


class ContractVoided(Event):
    """A contract that has no seal is voided: its number stays, void. Where the seal came first,
    ContractIssued of that number stands, and nothing is void.

    `lapsed`: the office didn't sign it in time, no clerk decided that. Where its signature came first,
    ContractAssented follows, and nothing is void."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_voided.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    reason: str
    lapsed: bool = False


class RenewerNamed(Event):
    """The vendor's desk named another person of the office, whom the platform knows as `user_ref`, to renew
    for all its products, as `evidence` shows. The product named is one of them, always the same."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.renewer_named.v1"

    user_ref: str
    evidence: DocumentRef


class RenewerWithdrawn(Event):
    """The person named before doesn't renew for the office any more."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.renewer_withdrawn.v1"

    user_ref: str
