"""Events of the renewal service, on topic `renewal.events`: contracts that the office signs first."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.base import DocumentRef, Event
from shared.events.paper_form import ReturnReason


class ContractPaperReceived(Event):
    """The contract, signed and stamped by the office, came by post. `scan` shows it; the desk has not checked
    it yet, and does by `wait_until`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_paper_received.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    received_on: date
    postmarked_on: date | None
    scan: DocumentRef
    wait_until: date | None = None


class ContractPaperReturned(Event):
    """The desk sent the paper contract back: the office signs it again, at the latest on `sign_by`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_paper_returned.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    reason: ReturnReason
    note: str
    sign_by: date


class ContractAssented(Event):
    """The office has signed the contract, and the vendor seals `contract` by `wait_until`. This is the file
    that the office signed or, if the desk accepted its paper copy (`scan`), the contract as it was
    prepared."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_assented.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    contract: DocumentRef
    scan: DocumentRef | None
    wait_until: date | None = None


class ContractLapsed(Event):
    """The office did not sign the contract by `sign_by`, neither electronically nor on paper: it is void for
    good. The desk decides about the registration."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.contract_lapsed.v1"

    renewal_id: UUID
    registration_no: str
    contract_number: str
    sign_by: date
