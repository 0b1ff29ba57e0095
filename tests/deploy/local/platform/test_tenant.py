"""The simulated platform's rule: data is deleted when it is due and not before, and recovered as far as
possible."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deploy.local.platform import tenant
from deploy.local.platform.tenant import RECOVERABLE, PlannedDeletion, TenantData
from shared.events.platform import DataDeleted, DataRecoveryAnswered, ResourcesGranted
from shared.events.resources import ResourcesRequested
from tests.contracts.golden import load
from tests.deploy.local.requests import cancelled, deletion_of, recovery_of

NOW = datetime(2027, 4, 2, 17, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def planned(*deletions: UUID, state: TenantData | None = None) -> TenantData:
    for number, id in enumerate(deletions):
        event = deletion_of("ngoc-ha", id)
        due = LATER + timedelta(minutes=number)
        asked = PlannedDeletion(id=id, due_at=due, asked_by=None, correlation_id=UUID(int=9))
        state = tenant.plan_deletion(state or tenant.of(event), event, asked).state
    assert state is not None
    return state


def done(state: TenantData, at: datetime = LATER) -> TenantData:
    return tenant.delete(state, state.deletions[0], at).state


def test_a_request_is_due_later_and_the_same_one_again_changes_nothing() -> None:
    once = planned(FIRST)
    assert once.due_at == LATER
    assert planned(FIRST, state=once) == once
    gone = done(once)
    assert planned(FIRST, state=gone) == gone


def test_a_deletion_is_proved_in_its_own_name() -> None:
    decision = tenant.delete(planned(FIRST), planned(FIRST).deletions[0], LATER)
    (told,) = decision.events
    assert isinstance(told, DataDeleted)
    assert (told.deletion_id, told.deleted_at, told.office_ref) == (FIRST, LATER, "ngoc-ha")
    assert told.effective_on.isoformat() == "2027-04-03", "the date in Vietnam"
    assert (decision.state.due_at, decision.state.deleted_at) == (None, LATER)


def test_the_next_deletion_is_due_when_the_first_is_done() -> None:
    both = planned(FIRST, SECOND)
    assert both.due_at == LATER
    assert done(both).due_at == LATER + timedelta(minutes=1)


def test_a_cancelled_deletion_is_never_due() -> None:
    state = tenant.cancel_deletion(planned(FIRST), cancelled("ngoc-ha", FIRST)).state
    assert (state.deletions, state.due_at) == ((), None)
    assert planned(FIRST, state=state) == state, "not even if it is asked for once more"


def test_cancelling_what_is_done_changes_nothing() -> None:
    gone = done(planned(FIRST))
    assert tenant.cancel_deletion(gone, cancelled("ngoc-ha", FIRST)).state == gone


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        (timedelta(0), "partly"),
        (RECOVERABLE, "partly"),
        (RECOVERABLE + timedelta(milliseconds=1), "impossible"),
    ],
)
def test_what_was_deleted_is_recovered_in_part_for_thirty_days(after: timedelta, answer: str) -> None:
    (told,) = tenant.recover(done(planned(FIRST)), recovery_of("ngoc-ha", SECOND), LATER + after).events
    assert isinstance(told, DataRecoveryAnswered)
    assert (told.answer, told.recovery_id) == (answer, SECOND)
    assert told.note


@pytest.mark.parametrize("state", [tenant.of(recovery_of("ngoc-ha", SECOND)), planned(FIRST)])
def test_what_is_not_deleted_is_restored(state: TenantData) -> None:
    (told,) = tenant.recover(state, recovery_of("ngoc-ha", SECOND), NOW).events
    assert isinstance(told, DataRecoveryAnswered)
    assert told.answer == "restored"


def requested(revision: int = 1, **change: object) -> ResourcesRequested:
    body = load(ResourcesRequested.TYPE).example  # type: ignore[union-attr]
    return ResourcesRequested.model_validate({**body, "revision": revision, "voided_by": None, **change})


def granted(state: TenantData, event: ResourcesRequested) -> ResourcesGranted | None:
    (told,) = tenant.grant(state, event, NOW).events or (None,)
    assert told is None or isinstance(told, ResourcesGranted)
    return told


def test_resources_are_granted_as_requested_with_what_is_used() -> None:
    event, state = requested(), tenant.of(requested())
    told = granted(state, event)
    assert told is not None
    assert (told.grant_id, told.revision, told.users) == (event.grant_id, 1, event.users)
    assert not told.withdrawn
    assert told.users_used is not None
    assert 0 <= told.users_used <= event.users
    again = granted(tenant.grant(state, event, NOW).state, event)
    assert again == told, "a repeat is answered anew"


def test_a_request_that_was_replaced_since_is_not_answered() -> None:
    state = tenant.grant(tenant.of(requested()), requested(2, voided_by="replaced"), NOW).state
    assert granted(state, requested(1)) is None
    withdrawn = granted(state, requested(2, voided_by="replaced"))
    assert withdrawn is not None
    assert withdrawn.withdrawn
