"""What a notice of a contract is about that its office signs before the vendor."""

from datetime import date, datetime
from typing import Literal

from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.registration_matter import OfRegistration
from shared.events.assent import ContractLapsed, ContractPaperReceived, ContractPaperReturned
from shared.events.base import DocumentRef
from shared.events.paper_form import ReturnReason
from shared.events.renewal import ContractPrepared


class _OfContract(OfRegistration):
    term: None = None
    contract_number: str
    told_at: datetime

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.contract_number} {self.told_at.isoformat()}"


class ContractToSign(_OfContract):
    reason: Literal[NoticeReason.CONTRACT_TO_SIGN] = NoticeReason.CONTRACT_TO_SIGN
    sign_by: date
    document: DocumentRef


class ContractHere(_OfContract):
    """On paper."""

    reason: Literal[NoticeReason.CONTRACT_RECEIVED] = NoticeReason.CONTRACT_RECEIVED
    received_on: date


class ContractReturned(_OfContract):
    """`why` is the reason, `note` what the clerk adds to it, or nothing."""

    reason: Literal[NoticeReason.CONTRACT_RETURNED] = NoticeReason.CONTRACT_RETURNED
    sign_by: date
    why: ReturnReason
    note: str


class Lapsed(_OfContract):
    reason: Literal[NoticeReason.CONTRACT_LAPSED] = NoticeReason.CONTRACT_LAPSED
    sign_by: date


AssentTold = ContractPrepared | ContractPaperReceived | ContractPaperReturned | ContractLapsed
AssentMatter = ContractToSign | ContractHere | ContractReturned | Lapsed


def assent_matter(event: AssentTold) -> AssentMatter:
    """Raises ValueError for a contract that its office doesn't sign."""
    named = event.model_dump(include={"renewal_id", "registration_no", "contract_number"})
    told = {**named, "told_at": event.occurred_at}
    match event:
        case ContractPrepared():
            if event.sign_by is None:
                raise ValueError("a contract that its office doesn't sign")
            return ContractToSign(**told, sign_by=event.sign_by, document=event.contract)
        case ContractPaperReceived():
            return ContractHere(**told, received_on=event.received_on)
        case ContractPaperReturned():
            return ContractReturned(**told, sign_by=event.sign_by, why=event.reason, note=event.note)
        case ContractLapsed():
            return Lapsed(**told, sign_by=event.sign_by)
