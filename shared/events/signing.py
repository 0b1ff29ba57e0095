"""Events of the signing service, on topic `signing.events`. They name certificates, never persons."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import DocumentRef, Event, RegistrationEvent, Sha256, Value
from shared.events.order import FullGrant, OrderLine
from shared.events.renewal import Conditions, CoveredProduct, Term


class CertificateFacts(Value):
    """What a verified certificate states. `match` says how it was matched to the office; `review`:
    a person must look at it, or at the file."""

    fingerprint: Sha256
    issuer: str
    serial: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    match: Literal["tax_code", "budget_code", "review", "vendor"]
    revocation: Literal["good", "unknown"]


class FormSigned(Event):
    """The office signed its form; the signature was verified against the revision that was issued. `looks`
    are codes of what a person must look at: in a file that was signed elsewhere and uploaded, or in a stamp
    with the office's images."""

    TYPE: ClassVar[str] = "vn.giahan.signing.form_signed.v1"

    renewal_id: UUID
    form_revision: int
    issued_form: Sha256
    signed_form: DocumentRef
    signed_at: AwareDatetime
    certificate: CertificateFacts
    looks: tuple[str, ...] = ()


class ContractSigned(Event):
    """The office signed the contract that was prepared for it, with its own certificate; the vendor has not
    sealed it yet."""

    TYPE: ClassVar[str] = "vn.giahan.signing.contract_signed.v1"

    renewal_id: UUID
    contract_number: str
    issued_contract: Sha256
    signed_contract: DocumentRef
    signed_at: AwareDatetime
    certificate: CertificateFacts


class ContractIssued(RegistrationEvent):
    """The vendor sealed the contract: it is in force. `full_grant` and `pay_by` are those of
    ContractPrepared.

    A contract over several products is told of each, with its own registration, term and order. `covers` are
    the other products; the others' events name the one that has it (`lead_id`).
    """

    TYPE: ClassVar[str] = "vn.giahan.signing.contract_issued.v1"

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
    sealed_at: AwareDatetime
    certificate: CertificateFacts
    conditions: Conditions | None = None
    storage_gb: int | None = None
    lines: tuple[OrderLine, ...] = ()
    full_grant: FullGrant = FullGrant.AT_CONTRACT
    pay_by: date | None = None
    covers: tuple[CoveredProduct, ...] = Field(default=(), exclude_if=lambda value: not value)


class SealFailed(Event):
    """The contract that was prepared could not be sealed: the vendor's certificate or the file is not usable,
    the desk voided it before, or it contradicts what signing knows of its registration.

    After a reason `certificate_…`, `seal_unusable` (the key can't be reached) or `evidence_unavailable` (the
    time stamp can't be had) it is sealed later, once that works again, unless the desk voids it. `voided`
    answers ContractVoided: the contract is never sealed. Of a contract over several products, only `voided`
    is told of each.
    """

    TYPE: ClassVar[str] = "vn.giahan.signing.seal_failed.v1"
    VOIDED: ClassVar[str] = "voided"

    renewal_id: UUID
    contract_number: str
    reason: str


class SealChecked(Event):
    """Whether the vendor's certificate may seal contracts; published when that changes. It concerns no
    office: `office_ref` is `vendor`, `product_code` is `seal`. `reason` is why it may not, null if it may."""

    TYPE: ClassVar[str] = "vn.giahan.signing.seal_checked.v1"

    fingerprint: Sha256
    valid_to: AwareDatetime
    reason: str | None


class SigningSuperseded(Event):
    """An open signing was closed because the form is no longer true."""

    TYPE: ClassVar[str] = "vn.giahan.signing.superseded.v1"

    renewal_id: UUID
    form_revision: int
    issued_form: Sha256
    reason: Literal["terminated"]


class SignaturesReported(Event):
    """The validation report on a signed file of ours was made. `document` is that file, `files` are the
    report as PDF/A and as JSON. `indication` is the worst of the signatures', in the words of ETSI EN 319
    102-1: `TOTAL_PASSED`, `INDETERMINATE` or `TOTAL_FAILED`."""

    TYPE: ClassVar[str] = "vn.giahan.signing.signatures_reported.v1"

    renewal_id: UUID
    document: Sha256
    indication: str
    made_at: AwareDatetime
    files: tuple[DocumentRef, ...]
