"""What a notice is about when the office signs its contract before the vendor does."""

from datetime import date, datetime
from typing import Literal

from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.registration_matter import RegistrationMatter
from shared.events.assent import ContractLapsed, ContractPaperReceived, ContractPaperReturned
from shared.events.base import DocumentRef
from shared.events.paper_form import ReturnReason
from shared.events.renewal import ContractPrepared


class _ContractSigningMatter(RegistrationMatter):
    term: None = None
    contract_number: str
    told_at: datetime

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.contract_number} {self.told_at.isoformat()}"


class ContractToSign(_ContractSigningMatter):
    reason: Literal[NoticeReason.CONTRACT_TO_SIGN] = NoticeReason.CONTRACT_TO_SIGN
    sign_by: date
    document: DocumentRef


class ContractReceived(_ContractSigningMatter):
    """The signed contract arrived on paper."""

    reason: Literal[NoticeReason.CONTRACT_RECEIVED] = NoticeReason.CONTRACT_RECEIVED
    received_on: date


class ContractReturned(_ContractSigningMatter):
    """`why` is the reason, `note` what the clerk adds to it, or nothing."""

    reason: Literal[NoticeReason.CONTRACT_RETURNED] = NoticeReason.CONTRACT_RETURNED
    sign_by: date
    why: ReturnReason
    note: str


class SigningLapsed(_ContractSigningMatter):
    reason: Literal[NoticeReason.CONTRACT_LAPSED] = NoticeReason.CONTRACT_LAPSED
    sign_by: date


AssentEvent = ContractPrepared | ContractPaperReceived | ContractPaperReturned | ContractLapsed
AssentMatter = ContractToSign | ContractReceived | ContractReturned | SigningLapsed


def assent_matter(event: AssentEvent) -> AssentMatter:
    """Raises ValueError for a contract that the office does not sign."""
    identity = event.model_dump(include={"renewal_id", "registration_no", "contract_number"})
    common = {**identity, "told_at": event.occurred_at}
    match event:
        case ContractPrepared():
            if event.sign_by is None:
                raise ValueError("a contract that its office doesn't sign")
            return ContractToSign(**common, sign_by=event.sign_by, document=event.contract)
        case ContractPaperReceived():
            return ContractReceived(**common, received_on=event.received_on)
        case ContractPaperReturned():
            return ContractReturned(**common, sign_by=event.sign_by, why=event.reason, note=event.note)
        case ContractLapsed():
            return SigningLapsed(**common, sign_by=event.sign_by)
