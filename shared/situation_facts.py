"""Reads the facts of a situation (`shared.situation.Facts`) from the events."""

from datetime import date, timedelta
from typing import Any

from shared.events.assent import ContractAssented, ContractPaperReceived, ContractPaperReturned
from shared.events.base import Capability
from shared.events.renewal import ContractPrepared
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)

SubscriptionEvent = (
    SubscriptionRecorded
    | SubscriptionAdopted
    | SubscriptionExpiring
    | AccessLocked
    | SubscriptionTerminated
    | SubscriptionRenewed
    | AccessRestored
)
_NO_END: dict[str, Any] = {
    "ends_on": None,
    "end_notice_days": None,
    "deletion_due_on": None,
    "deleted_on": None,
}


AssentEvent = ContractPrepared | ContractPaperReceived | ContractPaperReturned | ContractAssented


def last_signing_day(event: AssentEvent) -> date | None:
    """The last day on which the office can sign its contract after this event; None if it need not sign."""
    return event.sign_by if isinstance(event, ContractPrepared | ContractPaperReturned) else None


def facts_from(event: SubscriptionEvent) -> dict[str, Any]:
    """The fields of `Facts` that the event changes, and `disputed`, `contracts`, `unpaid` and `pay_by`, which
    a copy also keeps."""
    if isinstance(event, SubscriptionRecorded):
        return _facts_from_record(event)
    facts: dict[str, Any] = {"expires_on": event.expires_on}
    if isinstance(event, SubscriptionAdopted):
        facts |= {"stage": event.stage, "access": event.access, "deletion_due_on": event.deletion_due_on}
        return facts | _end_of(event)
    facts["stage"] = event.new_stage
    match event:
        case SubscriptionExpiring():
            counted_from = event.effective_on + timedelta(days=event.days_left)
            return facts | {"access": tuple(Capability), "counted_from": counted_from}
        case AccessLocked():
            counted_from = event.effective_on - timedelta(days=event.days_overdue)
            held = {"counted_from": counted_from, "held": None}
            return facts | {"access": event.access} | held | _end_of(event)
        case SubscriptionTerminated():
            return facts | {"access": (), "deletion_due_on": event.deletion_due_on}
        case SubscriptionRenewed():
            return facts | {"counted_from": None, "held": None} | _NO_END
        case AccessRestored():
            return facts | {"access": event.access} | _NO_END


def _facts_from_record(event: SubscriptionRecorded) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "stage": event.stage,
        "expires_on": event.licence.expires_on,
        "temporary_until": event.temporary_until,
    }
    if event.counted_from is None:  # an older release's event: it lacks the rest, except an end that moved
        return facts | (_end_of(event) if event.terminates_on else {})
    names = ("access", "counted_from", "deletion_due_on", "deleted_on", "held")
    contracts = ("disputed", "contracts", "unpaid", "pay_by")
    return facts | {name: getattr(event, name) for name in (*names, *contracts)} | _end_of(event)


def _end_of(event: SubscriptionRecorded | SubscriptionAdopted | AccessLocked) -> dict[str, Any]:
    return {"ends_on": event.terminates_on, "end_notice_days": event.end_notice_days}
