"""Events of the renewal service, on topic `renewal.events`: of a contract that its office signs first."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.base import DocumentRef, Event
from shared.events.paper_form import ReturnReason


class ContractPaperReceived(Event):
    """The contract came by post, signed and stamped by the office; `scan` shows it, and nobody has judged it
    yet."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_paper_received.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    received_on: date
    postmarked_on: date | None
    scan: DocumentRef


class ContractPaperReturned(Event):
    """The contract on paper is no good: the office signs it again, up to `sign_by`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_paper_returned.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    reason: ReturnReason
    note: str
    sign_by: date


class ContractAssented(Event):
    """The office's assent is on record: the vendor seals `contract`. That is the file that the office signed
    or, where the desk found its paper in order (`scan` shows it), the contract as it was prepared."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_assented.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    contract: DocumentRef
    scan: DocumentRef | None


class ContractLapsed(Event):
    """The office signed the contract neither electronically nor on paper up to `sign_by`: it is void, for
    good. What comes of the registration is for the desk to decide."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_lapsed.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    sign_by: date
