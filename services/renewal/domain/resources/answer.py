"""The platform's answers about grants. One counts only for a grant and a revision that was asked for; the
first that grants it as asked is told to others."""

from datetime import datetime

from services.renewal.domain.resources.grant import GrantAnswer, ResourceGrant, Resources
from services.renewal.domain.resources.ledger import ResourceLedger
from shared.events.platform import ResourcesGranted
from shared.events.resources import ResourcesConfirmed
from shared.messaging.envelope import Position
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date


def record_answer(
    ledger: ResourceLedger | None, event: ResourcesGranted, at: Position, now: datetime
) -> Decision[ResourceLedger] | None:
    """Records the answer. None for one that comes late: about an earlier revision, or older than the answer
    that is recorded. Raises Unproven for a grant or a revision that was never asked for."""
    grant = ledger.grant(event.grant_id) if ledger else None
    if ledger is None or grant is None:
        raise Unproven("no such grant was asked for")
    if event.revision > grant.revision:
        raise Unproven("no such revision of the grant was asked for")
    if event.revision < grant.revision or _is_older(grant, at):
        return None
    after = grant.answered(_answer(event, at, now), now)
    others = (after if each.id == grant.id else each for each in ledger.grants)
    is_news = after.counts and after.confirmed_at and not grant.confirmed_at
    return Decision(ledger.with_grants(others), (_confirmation(ledger, after, now),) if is_news else ())


def _is_older(grant: ResourceGrant, at: Position) -> bool:
    known = grant.answer
    return known is not None and known.aggregate == at.aggregate and at.sequence <= known.sequence


def _answer(event: ResourcesGranted, at: Position, now: datetime) -> GrantAnswer:
    """By the platform's clock, but never in the future: such an answer would stay the newest."""
    return GrantAnswer(
        revision=event.revision,
        allowed=Resources(package=event.package, users=event.users, storage_gb=event.storage_gb),
        withdrawn=event.withdrawn,
        users_used=event.users_used,
        storage_used_bytes=event.storage_used_bytes,
        answered_at=min(event.occurred_at, now),
        measured_at=min(event.measured_at or event.occurred_at, now),
        aggregate=at.aggregate,
        sequence=at.sequence,
    )


def _confirmation(ledger: ResourceLedger, grant: ResourceGrant, now: datetime) -> ResourcesConfirmed:
    """It tells what the platform allows."""
    told = grant.answer
    assert told is not None  # confirmed
    shared = {"kind", "cause", "cause_no", "renewal_id", "granted_from", "granted_to", "revision"}
    return ResourcesConfirmed(
        subscription_id=ledger.subscription_id,
        office_ref=ledger.office_ref,
        product_code=ledger.product_code,
        effective_on=civil_date(now, ledger.zone),
        occurred_at=now,
        recorded_at=now,
        grant_id=grant.id,
        **grant.model_dump(include=shared),
        **told.allowed.model_dump(),
    )
