"""Events of the renewal service, on topic `renewal.events`."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from shared.events.base import DocumentRef, Event, RegistrationEvent, SendBy, Sha256, Stage, Value, as_seen
from shared.events.order import FullGrant, OrderedResources, OrderLine, TransferDetails


class FormKind(StrEnum):
    """What the form is called: gia hạn (renewal), or cập nhật (update), the word that licence products use
    for their yearly renewal."""

    RENEWAL = "renewal"
    UPDATE = "update"


class Term(Value):
    """A term of use, and what it was computed from: the expiry `basis_expires_on` and the stage at that
    time."""

    basis_expires_on: date
    basis_stage: Stage
    term_from: date
    term_to: date
    years: int

    def has_days_of(self, other: "Term") -> bool:
        """Whether both state the same days. Of the stages it only counts whether the service had ended."""
        same_end = (self.basis_stage is Stage.TERMINATED) is (other.basis_stage is Stage.TERMINATED)
        return same_end and self.model_copy(update={"basis_stage": other.basis_stage}) == other


class Conditions(Value):
    """The general conditions of contract that a form refers to. `edition` is LINE/DATE; `sha256` is the hash
    of the text."""

    edition: Annotated[str, Field(pattern=r"^[a-z0-9-]+/[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    sha256: Sha256


class Party(Value):
    """The office as it declares itself on the form. Personal data.

    `superior` is the superior body's name, `authority` the line above the signer's title (TM., KT., TL. …).
    """

    name: str
    tax_code: str | None
    budget_code: str | None
    address: str
    representative: str
    title: str
    contact_name: str
    contact_position: str | None = None
    contact_phone: str
    contact_email: str
    superior: str | None = None
    authority: str | None = None


class JoinedRegistration(Value):
    """Another product's registration on the same form."""

    renewal_id: UUID
    subscription_id: UUID
    product_code: str
    product_name: str
    term: Term
    total_vnd: int
    ordered: OrderedResources | None = None


class RenewalRegistered(RegistrationEvent):
    """An office registered its renewal and chose how it sends the form. `transfer`: how to pay, as of then.
    `seen_by`: the office declares that it has paid, and the vendor looks for the money until then.
    `full_grant`: from when its contract gives full use.

    `joined` are the other products on the same form, where there are any: only the event of the registration
    that carries the form has them.
    """

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
    transfer: TransferDetails | None = None
    package_name: str = ""
    seen_by: date | None = None
    wait_until: date | None = None
    full_grant: FullGrant = FullGrant.AT_CONTRACT
    joined: tuple[JoinedRegistration, ...] = Field(default=(), exclude_if=lambda value: not value)

    @property
    def resources(self) -> OrderedResources:
        """What is ordered, with what the package includes."""
        return OrderedResources.model_validate(self, from_attributes=True)


class FormReissued(RegistrationEvent):
    """The form has another term, and was rendered again. `reason`: the service ended, or its last day was
    corrected. A signed earlier revision still counts, except those in `unconfirmed`: the corrected term ends
    earlier than theirs, so the office must agree first. `form_no`: the number of its lead, on its form."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.form_reissued.v1"

    renewal_id: UUID
    registration_no: str
    term: Term
    form: DocumentRef
    form_revision: int
    reason: Literal["terminated", "corrected"] | None = None
    old_term: Term | None = None
    unconfirmed: tuple[int, ...] = ()
    form_no: str | None = Field(default=None, exclude_if=lambda value: value is None)
    wait_until: date | None = None


class TermConfirmed(RegistrationEvent):
    """The office agreed to the term of the reissued form: signed earlier revisions count for it."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.term_confirmed.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    term: Term
    wait_until: date | None = None


class RenewalAccepted(Event):
    """The vendor accepted the registration, by rule or by a desk clerk (`decided_by`). The contract is sealed
    by `wait_until`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.accepted.v1"

    renewal_id: UUID
    registration_no: str
    decided_by: Literal["rule", "desk"]
    reason: str
    wait_until: date | None = None


class RenewalRefused(RegistrationEvent):
    """The vendor's desk refused the registration. `reason` is for the office to read."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.refused.v1"

    renewal_id: UUID
    registration_no: str
    reason: str


class RenewalCancelled(RegistrationEvent):
    """The registration was cancelled, or replaced by another (`replaced_by`), before it was accepted.
    `others_no`: its product was taken out of a joint form; the number of the others' registration."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.cancelled.v1"

    renewal_id: UUID
    registration_no: str
    cancelled_by: Literal["office", "desk"]
    reason: str
    replaced_by: UUID | None
    others_no: str | None = Field(default=None, exclude_if=lambda value: value is None)


class SendingChanged(RegistrationEvent):
    """The office chose another way of sending the same form. The last choice counts."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.sending_changed.v1"

    renewal_id: UUID
    registration_no: str
    old_send_by: SendBy
    send_by: SendBy
    wait_until: date | None = None


class FormSignatureAwaited(Event):
    """The form has not been signed electronically in `days_waited` working days since `awaited_since`. This
    is reminder number `reminder`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.form_signature_awaited.v1"

    renewal_id: UUID
    registration_no: str
    days_waited: int
    reminder: int
    awaited_since: AwareDatetime | None = None


class DataRecoveryAsked(Event):
    """An office whose service ended requests its data back. `asked_by` does not name a person."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.data_recovery_asked.v1"

    recovery_id: UUID
    asked_by: Literal["office", "desk"]
    reason: str


class CoveredProduct(Value):
    """Another product that the contract covers, with its own registration, term and order."""

    renewal_id: UUID
    registration_no: str
    subscription_id: UUID
    product_code: str
    term: Term
    package: str
    users: int
    total_vnd: int
    storage_gb: int | None = None
    lines: tuple[OrderLine, ...] = ()
    package_name: str = ""


class ContractPrepared(Event):
    """The contract is numbered and rendered, ready for the vendor's seal. With `sign_by`, the office signs it
    first, at the latest on that day. `full_grant` `at_payment`: full use begins once all is paid; until then
    the office has temporary use, and pays at the latest on `pay_by` (null: no day is agreed).

    `covers` are the other products of a joint registration that the same contract is of: they have no such
    event of their own.
    """

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
    full_grant: FullGrant = FullGrant.AT_CONTRACT
    pay_by: date | None = None
    covers: tuple[CoveredProduct, ...] = Field(default=(), exclude_if=lambda value: not value)

    @property
    def of_each(self) -> tuple["ContractPrepared", ...]:
        """The contract as it is of each product, this event's own first."""
        alone = self.model_copy(update={"covers": ()})
        fields = ContractPrepared.model_fields
        own = [{name: value for name, value in each if name in fields} for each in self.covers]
        return (alone, *(alone.model_copy(update=product) for product in own))


class ContractVoided(RegistrationEvent):
    """A contract is void; its number is not used again. `in_force`: it had its seal, and two persons of the
    vendor voided it; its registration is closed with it, and its term counts no more. Otherwise it had no
    seal: if the seal came first, ContractIssued of that number counts, and the contract is not void.

    `lapsed`: the office did not sign it in time; no clerk decided it. If its signature came first,
    ContractAssented follows, and the contract is not void.

    A contract over several products is told of each; `lead_id` is the registration that it was prepared for.
    """

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_voided.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    reason: str
    lapsed: bool = False
    in_force: bool = False
