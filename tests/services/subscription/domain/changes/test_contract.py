"""A contract in force extends the term and gives access back."""

from datetime import date
from uuid import UUID

import pytest

from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Concession, Release
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event, Stage
from shared.events.signing import ContractIssued
from shared.events.subscription import (
    AccessDecided,
    AccessLocked,
    AccessRestored,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
)
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    FULL,
    VIEWING,
    adopted,
    advanced,
    contract,
    days,
    ended,
    licence,
    moves,
    noon,
    warned,
)

NEXT = date(2027, 12, 31)


def at(left: int, policy: str = "r117") -> Subscription:
    """A subscription that was adopted long before and advanced day by day until `left` days are left."""
    return ended() if left == -60 else advanced(adopted(ENDS - days(150), policy=policy), ENDS - days(left))


def apply(state: Subscription, issued: ContractIssued, on: date) -> Decided:
    return ContractApplication(BOTH, state.policy, noon(on)).apply(state, issued)


def settle(state: Subscription, on: date, *, accept: bool) -> Decided:
    return ContractApplication(BOTH, "r117", noon(on)).resolve_dispute(state, UUID(int=1), accept=accept)


def kinds(events: tuple[Event, ...]) -> list[type[Event]]:
    return [type(event) for event in events]


@pytest.mark.parametrize("left", [100, 30, 0])
def test_renewed_while_in_use_extends_and_restores_nothing(left: int) -> None:
    decision = apply(at(left), contract(ENDS, NEXT), ENDS - days(left))
    renewed, recorded = decision.events
    assert isinstance(renewed, SubscriptionRenewed)
    assert isinstance(recorded, SubscriptionRecorded)
    assert (renewed.basis_expires_on, renewed.expires_on, renewed.new_stage) == (ENDS, NEXT, "active")
    assert recorded.licence == licence(NEXT, package="advanced", users=30)
    assert decision.state.renewals == (UUID(int=1),)


@pytest.mark.parametrize(("left", "stage"), [(-1, "locked"), (-45, "final_notice"), (-60, "terminated")])
def test_renewed_after_access_was_taken_gives_it_back_at_once(left: int, stage: str) -> None:
    today = ENDS - days(left)
    decision = apply(at(left), contract(ENDS, NEXT), today)
    renewed, restored, recorded = decision.events
    assert isinstance(renewed, SubscriptionRenewed)
    assert isinstance(restored, AccessRestored)
    assert isinstance(recorded, SubscriptionRecorded)
    assert (restored.old_stage, restored.new_stage, restored.access) == (stage, "active", FULL)
    assert renewed.old_stage == stage
    assert restored.effective_on == today
    assert current_entitlement(decision.state, noon(today), BOTH).access == FULL


def test_a_partly_closed_product_is_opened_whole() -> None:
    state = at(-20, VIEWING.id)
    assert [c.value for c in current_entitlement(state, noon(ENDS + days(20)), BOTH).access] == ["read"]
    decision = apply(state, contract(ENDS, NEXT), ENDS + days(20))
    assert AccessRestored in kinds(decision.events)


def test_the_same_renewal_twice_extends_once() -> None:
    once = apply(at(5), contract(ENDS, NEXT), ENDS - days(5))
    twice = apply(once.state, contract(ENDS, NEXT), ENDS)
    assert (twice.state, twice.events) == (once.state, ())


def test_a_new_term_leaves_nothing_of_the_old_ones_respites() -> None:
    """A concession, a release, a notice or temporary access belongs to the term in which it was given."""
    today = ENDS + days(45)
    granted = Concession(until=ENDS + days(1), reason="bão", by="a")
    release = Release(day=today + days(20), plan="0" * 64, by=("a", "b"))
    state = at(-45).with_(
        temporary_until=ENDS + days(1), extension=granted, exemption=granted, release=release
    )
    renewed = apply(state, contract(ENDS, NEXT), today).state
    assert (renewed.temporary_until, renewed.extension, renewed.exemption) == (None, None, None)
    assert (renewed.release, renewed.notices, renewed.locked_since) == (None, (), None)


def test_the_next_terms_reminders_follow_the_new_last_day() -> None:
    state = apply(at(5), contract(ENDS, NEXT), ENDS - days(5)).state
    decision = advance(state, noon(NEXT - days(90)), BOTH)
    assert [(e.days_left, e.expires_on) for e in decision.events if isinstance(e, SubscriptionExpiring)] == [
        (90, NEXT)
    ]
    second = contract(NEXT, date(2028, 12, 31), number=2)
    assert apply(state, second, NEXT).state.licence.expires_on == date(2028, 12, 31)


def test_a_lock_that_is_not_emitted_yet_is_emitted_before_the_renewal() -> None:
    decision = apply(at(1), contract(ENDS, NEXT), ENDS + days(1))
    assert kinds(decision.events) == [AccessLocked, SubscriptionRenewed, AccessRestored, SubscriptionRecorded]
    assert moves(decision.events[2:]) == [("locked", "active", ENDS + days(1))]


def test_a_contract_over_another_last_day_goes_to_the_desk_with_full_access_meanwhile() -> None:
    state = at(-10)
    decision = apply(state, contract(ENDS - days(1), NEXT), ENDS + days(10))
    restored, _ = decision.events
    assert isinstance(restored, AccessRestored)
    assert restored.access == FULL
    assert decision.state.licence == state.licence
    assert [item.contract_number for item in decision.state.disputed] == ["1/2026/HĐ-QLTS"]
    for later in (11, 45, 400):
        held = advance(decision.state, noon(ENDS + days(later)), BOTH)
        assert held.events == ()
        answer = current_entitlement(held.state, noon(ENDS + days(later)), BOTH)
        assert (answer.access, answer.valid_until) == (FULL, None)


def test_a_disputed_contract_changes_nothing_for_an_office_in_use() -> None:
    decision = apply(at(50), contract(ENDS - days(1), NEXT), ENDS - days(50))
    assert [type(event) for event in decision.events] == [SubscriptionRecorded]
    assert advance(decision.state, noon(ENDS - days(30)), BOTH).events == ()
    again = apply(decision.state, contract(ENDS - days(1), NEXT), ENDS)
    assert (again.state, again.events) == (decision.state, ())


def test_the_desk_accepts_a_disputed_contract_as_it_was_written() -> None:
    disputed = apply(at(-10), contract(ENDS - days(1), NEXT), ENDS + days(10)).state
    settled = settle(disputed, ENDS + days(40), accept=True)
    assert kinds(settled.events) == [SubscriptionRenewed, SubscriptionRecorded]
    assert (settled.state.disputed, settled.state.stage) == ((), Stage.ACTIVE)
    assert settled.state.licence.expires_on == NEXT
    with pytest.raises(SubscriptionError, match="no-such-contract"):
        settle(settled.state, ENDS + days(41), accept=True)


def test_a_disputed_contract_refused_locks_from_that_day_and_for_the_whole_lock() -> None:
    disputed = apply(at(-10), contract(ENDS - days(1), NEXT), ENDS + days(10)).state
    settled = settle(disputed, ENDS + days(40), accept=False)
    assert moves(settled.events) == [("expiring", "locked", ENDS + days(40))]
    assert settled.state.ends_on == ENDS + days(99)


def test_another_date_settles_what_was_disputed_and_another_name_does_not() -> None:
    disputed = apply(at(-10), contract(ENDS - days(1), NEXT), ENDS + days(10)).state
    renamed = correct(disputed, licence(name="Trường Tiểu học Ba Đình"), noon(ENDS + days(11)), BOTH)
    assert len(renamed.state.disputed) == 1
    assert correct(disputed, licence(NEXT), noon(ENDS + days(40)), BOTH).state.disputed == ()


def test_two_renewals_in_a_row_and_the_second_before_the_first() -> None:
    first, second = contract(ENDS, NEXT), contract(NEXT, date(2028, 12, 31), number=2)
    once = apply(at(40), first, ENDS - days(40)).state
    twice = apply(once, second, ENDS - days(39)).state
    assert (twice.licence.expires_on, twice.disputed) == (date(2028, 12, 31), ())
    early = apply(at(40), second, ENDS - days(40)).state
    assert [terms.renewal_id for terms in early.disputed] == [UUID(int=2)]
    late = apply(early, first, ENDS - days(39)).state
    accepted = ContractApplication(BOTH, "r117", noon(ENDS - days(38))).resolve_dispute(
        late, UUID(int=2), accept=True
    )
    assert accepted.state.licence == twice.licence


def test_a_term_that_is_over_already_gives_no_access_but_keeps_the_data() -> None:
    """The contract counts from a last day of use long past: the years in between were not used."""
    state = ended(date(2024, 12, 31))
    today = date(2026, 6, 1)
    decision = apply(state, contract(date(2024, 12, 31), date(2025, 12, 31)), today)
    assert decision.state.stage == Stage.TERMINATED
    assert decision.state.licence.expires_on == date(2025, 12, 31)


def test_a_contract_closes_its_registration() -> None:
    state = at(5).with_(open_registrations=(UUID(int=1), UUID(int=8)))
    assert apply(state, contract(ENDS, NEXT), ENDS - days(5)).state.open_registrations == (UUID(int=8),)


def test_a_29_february_term_ends_where_the_contract_says() -> None:
    """Guards against: adding a year to 29 February raises an error or ends on 1 March."""
    leap = date(2028, 2, 29)
    state = adopted(leap - days(20), leap)
    decision = apply(state, contract(leap, date(2029, 2, 28)), leap)
    assert decision.state.licence.expires_on == date(2029, 2, 28)
    reminded = warned(decision.state, noon(date(2029, 2, 20)))
    assert moves(advance(reminded, noon(date(2029, 3, 1)), BOTH).events)[-1] == (
        "expiring", "locked", date(2029, 3, 1),
    )  # fmt: skip


def test_paid_storage_reaches_the_platform_and_stays_for_the_term() -> None:
    """Guards against: an office paid for storage, and neither events, access topic nor gate had it."""
    bought = contract(ENDS, NEXT, storage_gb=500)
    decision = apply(at(5), bought, ENDS - days(5))
    renewed, recorded = decision.events
    assert isinstance(renewed, SubscriptionRenewed)
    assert isinstance(recorded, SubscriptionRecorded)
    assert isinstance(decision.snapshot, AccessDecided)
    for one in (renewed, recorded, decision.snapshot, current_entitlement(decision.state, noon(ENDS), BOTH)):
        assert one.storage_gb == 500
    entitled = (decision.snapshot.package, decision.snapshot.users)
    assert entitled == ("advanced", 30)
    listed = correct(decision.state, licence(NEXT, users=31), noon(ENDS), BOTH)
    assert listed.state.storage_gb == 500, "a list of licences names no storage, and takes none away"
    assert isinstance(listed.snapshot, AccessDecided)
    assert (listed.snapshot.users, listed.snapshot.storage_gb) == (31, 500)
    next_term = apply(decision.state, contract(NEXT, date(2028, 12, 31), number=2, storage_gb=20), NEXT)
    assert next_term.state.storage_gb == 20
