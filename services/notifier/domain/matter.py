"""What a notice is about: its reason, and the facts of it that the event told."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.notifier.domain.frozen import Frozen
from shared.events.base import Capability, DocumentRef, SendBy, Stage
from shared.events.renewal import RenewalRegistered
from shared.events.signing import ContractIssued
from shared.events.subscription import AccessLocked, SubscriptionExpiring, SubscriptionTerminated


class Reason(StrEnum):
    EXPIRING = "expiring"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"
    REGISTERED = "registered"
    CONTRACT = "contract"


# Sent again when nobody knows whether they arrived: a second copy does less harm than none.
INSISTENT = frozenset({Reason.LOCKED, Reason.FINAL_NOTICE, Reason.TERMINATED, Reason.CONTRACT})


class _Staged(Frozen):
    """`term` is the last day of the term; `since` the local date from which the stage or rung holds."""

    term: date
    since: date

    @property
    def occasion(self) -> str:
        return self.since.isoformat()


class Expiring(_Staged):
    reason: Literal[Reason.EXPIRING] = Reason.EXPIRING
    stage: Literal[Stage.EXPIRING] = Stage.EXPIRING


class Locked(_Staged):
    """`access` is what is left of it; `ends_on` the date from which the service is ended."""

    reason: Literal[Reason.LOCKED, Reason.FINAL_NOTICE]
    stage: Literal[Stage.LOCKED, Stage.FINAL_NOTICE]
    access: tuple[Capability, ...]
    ends_on: date


class Terminated(_Staged):
    """`ends_on` is the date on which the data is due for deletion."""

    reason: Literal[Reason.TERMINATED] = Reason.TERMINATED
    stage: Literal[Stage.TERMINATED] = Stage.TERMINATED
    ends_on: date


class _Renewing(Frozen):
    """`term` is the last day of the new term, which begins on `term_from`."""

    stage: None = None
    since: None = None
    renewal_id: UUID
    registration_no: str
    term_from: date
    term: date

    @property
    def occasion(self) -> str:
        return str(self.renewal_id)


class Registered(_Renewing):
    reason: Literal[Reason.REGISTERED] = Reason.REGISTERED
    send_by: SendBy
    registered_at: datetime


class Contract(_Renewing):
    reason: Literal[Reason.CONTRACT] = Reason.CONTRACT
    contract_number: str
    contract_date: date
    document: DocumentRef


StageMatter = Expiring | Locked | Terminated
Matter = Annotated[StageMatter | Registered | Contract, Field(discriminator="reason")]
Told = SubscriptionExpiring | AccessLocked | SubscriptionTerminated | RenewalRegistered | ContractIssued


def matter_of(event: Told) -> StageMatter | Registered | Contract:
    """Raises ValueError for an AccessLocked of a stage that doesn't lock."""
    match event:
        case SubscriptionExpiring():
            return Expiring(term=event.expires_on, since=event.effective_on)
        case AccessLocked():
            return _locked(event)
        case SubscriptionTerminated():
            return Terminated(term=event.expires_on, since=event.effective_on, ends_on=event.deletion_due_on)
        case RenewalRegistered():
            return Registered(
                renewal_id=event.renewal_id,
                registration_no=event.registration_no,
                term_from=event.term.term_from,
                term=event.term.term_to,
                send_by=event.send_by,
                registered_at=event.occurred_at,
            )
        case ContractIssued():
            return _contract(event)


def _locked(event: AccessLocked) -> Locked:
    if event.new_stage not in (Stage.LOCKED, Stage.FINAL_NOTICE):
        raise ValueError(f"AccessLocked at stage {event.new_stage}")
    return Locked(
        reason=Reason(event.new_stage.value),
        stage=event.new_stage,
        term=event.expires_on,
        since=event.effective_on,
        access=event.access,
        ends_on=event.terminates_on,
    )


def _contract(event: ContractIssued) -> Contract:
    return Contract(
        renewal_id=event.renewal_id,
        registration_no=event.registration_no,
        term_from=event.term.term_from,
        term=event.term.term_to,
        contract_number=event.contract_number,
        contract_date=event.contract_date,
        document=event.contract,
    )
