"""An office sends its form: signed, or as a copy of the stamped form, which the desk may refuse."""

from datetime import date
from uuid import UUID

from services.subscription.domain.changes import registration, temporary_access
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy
from tests.services.subscription.domain.changes.states import ID, Change
from tests.services.subscription.examples import (
    BOTH,
    noon,
)


def upload_copy(
    state: Subscription, on: date, now: date | None = None, id: UUID = ID, count: int = 15
) -> Decided | None:
    return registration.show_copy(
        state, temporary_access.SentForm(id, noon(on)), count, noon(now or on), BOTH
    )


def granted(state: Subscription, on: date, now: date | None = None, id: UUID = ID) -> Subscription:
    decision = upload_copy(state, on, now, id)
    assert decision is not None
    return decision.state


def sign(state: Subscription, on: date, id: UUID = ID, count: int = 15) -> Subscription:
    """The office registers electronically, then signs."""
    way = registration.change_sending(state, id, SendBy.ELECTRONIC, noon(on), noon(on), BOTH)
    known = way.state if way else state
    form = temporary_access.SentForm(id, noon(on))
    decision = registration.sign_form(known, form, 1, count, noon(on), BOTH)
    return decision.state if decision else known


def closes(on: date, replaced_by: UUID | None = None) -> Change:
    return lambda state: registration.close(state, ID, noon(on), BOTH, replaced_by)


def refuse_copy(state: Subscription, on: date, now: date | None = None, id: UUID = ID) -> Decided | None:
    return registration.refuse_copy(state, id, noon(on), noon(now or on), BOTH)
