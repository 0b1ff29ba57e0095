"""The steps of retention. Each takes the renewal and what a person decided, and returns the new state."""

from collections.abc import Sequence
from datetime import date, datetime

from services.renewal.domain.dossier.retention import (
    DeletionProposal,
    DossierDeletion,
    DossierRetention,
    LegalHold,
)
from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.term import on_contract_date
from services.renewal.domain.renewal import Renewal, event_fields
from shared.events.dossier import DossierDeleted
from shared.storage.aggregate import Decision
from shared.time.calendar import add_years, civil_date


def kept_until(renewal: Renewal, years: int, others: Sequence[Renewal] = ()) -> date | None:
    """The last day on which the documents must be kept: `years` after the term as the contract states it, or
    after the registration was closed without a contract. None while it is open.

    `others` are the renewals of the products joined to it: its form, invoice and payment are theirs too, so
    it is kept as long as the last of them. None while one of them is open or not among `others`.
    """
    made = renewal.registration
    if renewal.status is RegistrationStatus.CONTRACT_ISSUED and len(others) < len(made.joined):
        return None
    days = [_own_end(each, years) for each in (renewal, *others)]
    known = [day for day in days if day]
    return max(known) if len(known) == len(days) else None


def _own_end(renewal: Renewal, years: int) -> date | None:
    if renewal.status in OPEN:
        return None
    made = renewal.registration
    if renewal.status is not RegistrationStatus.CONTRACT_ISSUED:
        return add_years(civil_date(renewal.waits_since, made.zone), years)
    dated = renewal.contract_date or made.registered_on
    return add_years(on_contract_date(made.term, dated, made.term_rule).term_to, years)


def is_deletable(renewal: Renewal, years: int, now: datetime, others: Sequence[Renewal] = ()) -> bool:
    """Whether the documents may be deleted: they need not be kept any more, and nothing holds them."""
    last, known = kept_until(renewal, years, others), renewal.retention
    if last is None or (known and (known.hold or known.deletion)):
        return False
    return civil_date(now, renewal.registration.zone) > last


def place_hold(renewal: Renewal, reason: str, by: str, now: datetime) -> Decision[Renewal]:
    """The desk holds the documents. A proposal to delete them ends."""
    known = _undeleted(renewal)
    if known.hold:
        raise RenewalError("dossier-held")
    hold = LegalHold(reason=reason, by=by, at=now)
    return _with(renewal, known.model_copy(update={"hold": hold, "proposal": None}))


def confirm_hold(renewal: Renewal, reason: str, by: str, now: datetime) -> Decision[Renewal]:
    """The hold is still needed: the desk isn't asked about it again for some time."""
    known = _undeleted(renewal)
    if known.hold is None:
        raise RenewalError("dossier-not-held")
    confirmed = {"confirmed_at": now, "confirmed_by": by, "confirmed_because": reason}
    return _with(renewal, known.model_copy(update={"hold": known.hold.model_copy(update=confirmed)}))


def lift_hold(renewal: Renewal) -> Decision[Renewal]:
    known = _undeleted(renewal)
    if known.hold is None:
        raise RenewalError("dossier-not-held")
    return _with(renewal, known.model_copy(update={"hold": None}))


def propose_deletion(
    renewal: Renewal, years: int, reason: str, by: str, now: datetime, others: Sequence[Renewal] = ()
) -> Decision[Renewal]:
    known = _undeleted(renewal)
    if known.proposal:
        raise RenewalError("dossier-proposed")
    _check_deletable(renewal, years, now, others)
    proposal = DeletionProposal(reason=reason, by=by, at=now)
    return _with(renewal, known.model_copy(update={"proposal": proposal}))


def withdraw_proposal(renewal: Renewal) -> Decision[Renewal]:
    known = _undeleted(renewal)
    if known.proposal is None:
        raise RenewalError("dossier-not-proposed")
    return _with(renewal, known.model_copy(update={"proposal": None}))


def approve_deletion(
    renewal: Renewal,
    years: int,
    manifest: str,
    files: tuple[str, ...],
    shared: tuple[str, ...],
    by: str,
    now: datetime,
    others: Sequence[Renewal] = (),
) -> Decision[Renewal]:
    """The second person approves. From now on the deletion can't be undone. Everything is checked again:
    dates may have been corrected since the proposal."""
    known = _undeleted(renewal)
    if known.proposal is None:
        raise RenewalError("dossier-not-proposed")
    if known.proposal.by == by:
        raise RenewalError("dossier-same-person")
    _check_deletable(renewal, years, now, others)
    deletion = DossierDeletion(
        reason=known.proposal.reason,
        proposed_by=known.proposal.by,
        proposed_at=known.proposal.at,
        approved_by=by,
        approved_at=now,
        manifest=manifest,
        files=files,
        shared=shared,
    )
    return _with(renewal, DossierRetention(deletion=deletion, unfinished_since=now))


def finish_deletion(
    renewal: Renewal, files: tuple[str, ...], shared: tuple[str, ...], now: datetime
) -> Decision[Renewal] | None:
    """All bytes are gone but those that another registration has too (`shared`). The event tells who keeps
    more of the same documents. None where this is recorded already."""
    known = renewal.retention
    if known is None or known.deletion is None or known.deletion.finished_at:
        return None
    changes = {"files": files, "shared": shared, "finished_at": now}
    deletion = known.deletion.model_copy(update=changes)
    done = known.model_copy(update={"deletion": deletion, "unfinished_since": None})
    event = DossierDeleted(
        **event_fields(renewal.registration, now), manifest=deletion.manifest, files=files, shared=shared
    )
    return Decision(renewal.with_changes(retention=done), (event,))


def _undeleted(renewal: Renewal) -> DossierRetention:
    known = renewal.retention or DossierRetention()
    if known.deletion:
        raise RenewalError("dossier-deleted")
    return known


def _check_deletable(renewal: Renewal, years: int, now: datetime, others: Sequence[Renewal]) -> None:
    if renewal.retention and renewal.retention.hold:
        raise RenewalError("dossier-held")
    if not is_deletable(renewal, years, now, others):
        raise RenewalError("dossier-kept")


def _with(renewal: Renewal, retention: DossierRetention) -> Decision[Renewal]:
    return Decision(renewal.with_changes(retention=retention))
