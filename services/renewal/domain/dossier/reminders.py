"""The reminders that were sent about a registration, read from its audit: a count alone doesn't say which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.claims.claim import PaymentClaim
from services.renewal.domain.payment.commitment import Commitment
from services.renewal.domain.payment.commitment_steps import FORM_HERE
from shared.audit.entries import AuditEntry, jsonable

FOLLOWED = "follow commitments"
"""The action of the loop that reminds. A person's decision only passes over days that are past."""
Chain = tuple[AuditEntry, ...]


def form_reminders(chain: Chain) -> list[dict[str, Any]]:
    """The reminders to send the form or to sign the contract: when each was decided, and its number."""
    counted = [(entry.at, entry.after.get("reminders")) for entry in chain]
    return [{"at": jsonable(at), "reminder": count} for at, count in counted if count]


def payment_reminders(renewals: Chain, receivables: Chain) -> list[dict[str, Any]]:
    """The reminders to pay: the day for which each was planned, and why it came. None came before the form
    was here, nor of a day to come while the office said that it had paid."""
    return [
        {"on": reminder.on.isoformat(), "why": reminder.why}
        for change in _changes(renewals)
        if change.is_followed
        and (reminder := change.commitment.reminders[change.commitment.reminded - 1])
        and (reminder.why == "overdue" or not _has_claim(receivables, change.entry))
    ]


@dataclass(frozen=True, slots=True)
class _CommitmentChange:
    """`reminded`: the count before."""

    entry: AuditEntry
    status: RegistrationStatus
    commitment: Commitment
    reminded: int

    @property
    def is_followed(self) -> bool:
        """Whether the office was reminded."""
        more = self.commitment.reminded > self.reminded
        again = self.commitment.reminded == self.reminded > 0 and self.commitment.next_on is None
        here = self.entry.action == FOLLOWED and self.status in FORM_HERE
        return here and not self.commitment.paid and (more or again)


def _changes(chain: Chain) -> Iterator[_CommitmentChange]:
    status, reminded = None, 0
    for entry in chain:
        status = entry.after.get("status") or status
        if isinstance(told := entry.after.get("commitment"), Mapping):
            commitment = Commitment.model_validate(told)
            yield _CommitmentChange(entry, RegistrationStatus(str(status)), commitment, reminded)
            reminded = commitment.reminded


def _has_claim(receivables: Chain, at: AuditEntry) -> bool:
    """Whether the office said, and nobody had refused, that it had paid by then."""
    claims = [e.after["claim"] for e in receivables if e.at <= at.at and "claim" in e.after]
    return bool(claims and claims[-1]) and PaymentClaim.model_validate(claims[-1]).refused is None
