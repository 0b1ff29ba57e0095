"""When the documents of a dossier may be deleted, and that it takes two people and no hold."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.dossier import retention_steps as steps
from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.term import TermRule
from services.renewal.domain.renewal import Renewal
from shared.events.base import Stage
from shared.events.dossier import DossierDeleted
from shared.storage.aggregate import Decision
from shared.time.calendar import add_years
from tests.services.renewal.domain.joint.examples import joint_registration
from tests.services.renewal.dossier.sample_dossier import renewal
from tests.services.renewal.examples import NOW, registration

YEARS = 10
LATER = datetime(2040, 1, 1, tzinfo=UTC)
MANIFEST, FILE, SHARED = "ab" * 32, "cd" * 32, "ef" * 32


def closed(status: RegistrationStatus = RegistrationStatus.CONTRACT_ISSUED) -> Renewal:
    return renewal().with_status(status, NOW)


def approve(state: Renewal, by: str = "second", now: datetime = LATER) -> Renewal:
    return steps.approve_deletion(state, YEARS, MANIFEST, (FILE,), (SHARED,), by, now).state


def proposed() -> Renewal:
    return steps.propose_deletion(closed(), YEARS, "hết hạn lưu", "first", LATER).state


def refused(step: Callable[[], object]) -> str:
    with pytest.raises(RenewalError) as error:
        step()
    return error.value.name


@pytest.mark.parametrize("status", OPEN)
def test_an_open_registration_is_kept(status: RegistrationStatus) -> None:
    assert steps.kept_until(closed(status), YEARS) is None
    assert not steps.is_deletable(closed(status), YEARS, LATER)


def test_a_contract_is_kept_from_the_end_of_its_term() -> None:
    state = closed()
    assert state.registration.term.term_to == date(2026, 12, 31)
    assert steps.kept_until(state, YEARS) == date(2036, 12, 31)
    last = datetime(2036, 12, 31, 16, 59, tzinfo=UTC)  # the last minute of that day in Vietnam
    assert not steps.is_deletable(state, YEARS, last)
    assert steps.is_deletable(state, YEARS, last + timedelta(minutes=1))


def test_a_term_that_runs_from_the_contracts_date_is_kept_from_its_own_end() -> None:
    made = renewal().registration
    ended = made.term.model_copy(update={"basis_stage": Stage.TERMINATED})
    late = closed().with_changes(
        registration=made.model_copy(update={"term": ended}), contract_date=date(2026, 3, 1)
    )
    assert made.term_rule is TermRule.CONTRACT_DATE
    assert steps.kept_until(late, YEARS) == date(2037, 3, 1)


@pytest.mark.parametrize("status", [RegistrationStatus.REFUSED, RegistrationStatus.CANCELLED])
def test_without_a_contract_the_end_of_the_registration_counts(status: RegistrationStatus) -> None:
    assert steps.kept_until(closed(status), YEARS) == date(2036, 1, 5)


def joined_to(lead: Renewal, term_to: date, status: RegistrationStatus) -> Renewal:
    made = lead.registration.joined[0]
    moved = {"basis_expires_on": add_years(term_to, -made.term.years), "basis_stage": Stage.LOCKED}
    term = made.term.model_copy(update={**moved, "term_to": term_to})
    own = made.model_copy(update={"term": term})
    return lead.with_changes(registration=own, status=status, stands_for=None)


def test_a_joint_registration_is_kept_as_long_as_the_last_of_its_products() -> None:
    """Guards against: form, invoice and payments of a product go while its own time isn't over."""
    issued = RegistrationStatus.CONTRACT_ISSUED
    made = joint_registration("qlts", "qlcb")
    lead = closed().with_changes(registration=made, stands_for=(made.subscription_id,))
    own = steps.kept_until(closed().with_changes(registration=registration()), YEARS)
    assert own == add_years(made.term.term_to, YEARS)
    other = joined_to(lead, date(2029, 6, 30), issued)
    assert steps.kept_until(lead, YEARS, [other]) == date(2039, 6, 30)
    assert not steps.is_deletable(lead, YEARS, datetime(2039, 6, 30, tzinfo=UTC), [other])
    assert steps.is_deletable(lead, YEARS, datetime(2039, 7, 1, tzinfo=UTC), [other])
    assert steps.kept_until(lead, YEARS, [joined_to(lead, date(2026, 6, 30), issued)]) == own
    waiting = joined_to(lead, date(2026, 6, 30), RegistrationStatus.AWAITING_CONFIRMATION)
    assert steps.kept_until(lead, YEARS, [waiting]) is None
    assert steps.kept_until(lead, YEARS) is None, "a product's renewal can't be read"
    with pytest.raises(RenewalError, match="dossier-kept"):
        steps.propose_deletion(lead, YEARS, "hết hạn lưu", "first", LATER, [waiting])


def test_a_joint_registration_that_was_cancelled_has_no_other_renewals() -> None:
    lead = closed(RegistrationStatus.CANCELLED).with_changes(registration=joint_registration("qlts", "qlcb"))
    assert steps.kept_until(lead, YEARS) == date(2036, 1, 5)


@given(st.integers(0, 34 * 366 * 24).map(lambda hours: NOW + timedelta(hours=hours)), st.integers(1, 30))
def test_nothing_is_deletable_before_its_last_day_is_over(now: datetime, years: int) -> None:
    last = steps.kept_until(closed(), years)
    assert last
    assert steps.is_deletable(closed(), years, now) is ((now + timedelta(hours=7)).date() > last)


def test_a_deletion_takes_two_people() -> None:
    state = proposed()
    assert refused(lambda: approve(state, by="first")) == "dossier-same-person"
    assert refused(lambda: approve(closed())) == "dossier-not-proposed"
    done = approve(state).retention
    assert done
    assert done.deletion
    assert (done.proposal, done.hold, done.unfinished_since) == (None, None, LATER)
    assert (done.deletion.proposed_by, done.deletion.approved_by) == ("first", "second")
    assert (done.deletion.manifest, done.deletion.files, done.deletion.shared) == (
        MANIFEST,
        (FILE,),
        (SHARED,),
    )


def test_nothing_is_proposed_too_early_or_twice() -> None:
    assert refused(lambda: steps.propose_deletion(closed(), YEARS, "x", "first", NOW)) == "dossier-kept"
    assert refused(lambda: steps.propose_deletion(proposed(), YEARS, "x", "b", LATER)) == "dossier-proposed"
    assert refused(lambda: approve(proposed(), now=NOW)) == "dossier-kept"


def test_a_hold_ends_the_proposal_and_prevents_the_next() -> None:
    held = steps.place_hold(proposed(), "thanh tra", "clerk", LATER).state
    assert held.retention
    assert held.retention.proposal is None
    assert not steps.is_deletable(held, YEARS, LATER)
    assert refused(lambda: approve(held)) == "dossier-not-proposed"
    assert refused(lambda: steps.propose_deletion(held, YEARS, "x", "first", LATER)) == "dossier-held"
    assert refused(lambda: steps.place_hold(held, "x", "clerk", LATER)) == "dossier-held"
    free = steps.lift_hold(held).state
    assert steps.is_deletable(free, YEARS, LATER)
    assert refused(lambda: steps.lift_hold(free)) == "dossier-not-held"


def test_a_hold_that_came_by_another_way_stops_the_approval() -> None:
    state = proposed()
    assert state.retention
    hold = steps.place_hold(closed(), "x", "clerk", LATER).state.retention
    assert hold
    both = state.with_changes(retention=state.retention.model_copy(update={"hold": hold.hold}))
    assert refused(lambda: approve(both)) == "dossier-held"


def test_a_proposal_can_be_withdrawn() -> None:
    free = steps.withdraw_proposal(proposed()).state
    assert refused(lambda: steps.withdraw_proposal(free)) == "dossier-not-proposed"


def test_an_approved_deletion_is_final_and_ends_once_with_its_event() -> None:
    state = approve(proposed())
    for step in (
        lambda: steps.place_hold(state, "x", "c", LATER),
        lambda: steps.lift_hold(state),
        lambda: steps.propose_deletion(state, YEARS, "x", "c", LATER),
        lambda: steps.withdraw_proposal(state),
        lambda: approve(state),
    ):
        assert refused(step) == "dossier-deleted"
    ended = steps.finish_deletion(state, (FILE, SHARED), (), LATER)
    assert isinstance(ended, Decision)
    (event,) = ended.events
    assert isinstance(event, DossierDeleted)
    assert (event.manifest, event.files, event.shared) == (MANIFEST, (FILE, SHARED), ())
    assert ended.state.retention
    assert ended.state.retention.unfinished_since is None
    assert ended.state.retention.deletion
    assert (ended.state.retention.deletion.files, ended.state.retention.deletion.shared) == (
        (FILE, SHARED),
        (),
    )
    assert steps.finish_deletion(ended.state, (), (), LATER) is None
    assert steps.finish_deletion(closed(), (), (), LATER) is None


def test_a_hold_that_is_still_needed_is_confirmed_and_stays() -> None:
    held = steps.place_hold(closed(), "tòa án", "first", NOW).state
    confirmed = steps.confirm_hold(held, "vụ án chưa xong", "second", LATER).state
    assert confirmed.retention
    hold = confirmed.retention.hold
    assert hold
    assert (hold.reason, hold.by, hold.at) == ("tòa án", "first", NOW)
    assert (hold.confirmed_because, hold.confirmed_by, hold.confirmed_at) == (
        "vụ án chưa xong", "second", LATER,
    )  # fmt: skip
    assert not steps.is_deletable(confirmed, YEARS, LATER)
    assert refused(lambda: steps.confirm_hold(closed(), "x", "first", NOW)) == "dossier-not-held"
    assert refused(lambda: steps.confirm_hold(approve(proposed()), "x", "a", NOW)) == "dossier-deleted"
