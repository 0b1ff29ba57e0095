"""What the events of one subscription say that gives it access beyond its term, and until when at most.

It is written apart from the service that gives the access, so that one can be held against the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from shared.events.base import Event
from shared.events.commitment import CommitmentAccepted, CommitmentExtended
from shared.events.paper_form import PaperCopyUploaded, PaperFormReturned
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.events.renewal import ContractPrepared
from shared.events.signing import ContractIssued, FormSigned
from shared.time.calendar import civil_date

LONGEST_FORM, WEEK_OF_NOTICES, YEAR = timedelta(days=90), timedelta(days=7), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class CausedAccess:
    """`why` names the kind of the event."""

    why: str
    until: date


def access_causes(events: Iterable[Event], zone: str) -> Iterator[CausedAccess]:
    """`events` in the order in which they happened. A contract that waits for a decision of the desk, because
    the expiry has changed, gives what its term would. What is paid in full gives a year, until it isn't any
    more; then, or when a form is sent back, a week of notices is left."""
    paid: dict[UUID, CausedAccess] = {}
    for event in events:
        on, why = civil_date(event.occurred_at, zone), type(event).__name__
        match event:
            case FormSigned() | PaperCopyUploaded():
                yield CausedAccess(why, on + LONGEST_FORM)
            case CommitmentAccepted() | CommitmentExtended():
                yield CausedAccess(why, event.access_until)
            case ContractIssued():
                yield CausedAccess(why, event.term.term_to)
            case ContractPrepared(sign_by=date() as sign_by):
                yield CausedAccess(why, sign_by)
            case PaperFormReturned():
                yield CausedAccess(why, on + WEEK_OF_NOTICES)
            case PaymentRecorded() | PaymentReversed():
                if event.paid_vnd >= event.total_vnd:
                    paid.setdefault(event.renewal_id, CausedAccess(why, on + YEAR))
                elif paid.pop(event.renewal_id, None):
                    yield CausedAccess(why, on + WEEK_OF_NOTICES)
            case _:
                pass
    yield from paid.values()
