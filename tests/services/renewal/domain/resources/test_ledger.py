"""The ledger of grants: what is wanted of the platform, what it answers, and that no order of either breaks
it."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.contract import void_steps
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy, Usage
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.commitment import Commitment, CommitmentStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.registration.term import TermRule
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.answer import record_answer
from services.renewal.domain.resources.grant import GrantCause, GrantKind, ResourceGrant, VoidReason
from services.renewal.domain.resources.ledger import (
    LedgerOwner,
    ResourceLedger,
    ask_again,
    ask_anew,
    close_grant,
    follow_facts,
)
from services.renewal.domain.resources.picture import GrantState, GrantStatus, ResourcePicture
from services.renewal.domain.resources.wanted import ResourceFacts
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Event, Stage
from shared.events.platform import ResourcesGranted
from shared.events.resources import ResourcesConfirmed, ResourcesRequested
from shared.ids import fresh
from shared.messaging.envelope import Position
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, registration
from tests.services.renewal.examples import licence as bare_licence
from tests.services.renewal.messages import common, document

MADE = registration()
PAUSE = timedelta(minutes=5)
Status = RegistrationStatus


def licence(**change: object) -> LicenceCopy:
    return bare_licence(**{"package": "standard", "users": 5, "storage_gb": 10, **change})


def renewal(status: Status = Status.AWAITING_CONFIRMATION, **change: object) -> Renewal:
    """Its form is signed."""
    made = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    signed = made.with_document("signed_form", document("signed"), NOW)
    return signed.with_status(status, NOW, **change)


def committed(status: CommitmentStatus = CommitmentStatus.ACCEPTED, pay_by: date | None = None) -> Commitment:
    return Commitment(pay_by=pay_by or MADE.payment_day, status=status)


def issued() -> Renewal:
    return renewal(Status.CONTRACT_ISSUED, contract_number=ContractNumber(year=2026, n=7))


def facts(*renewals: Renewal, today: date = TODAY, **change: object) -> ResourceFacts:
    return ResourceFacts(licence(**change), renewals, today)


def empty() -> ResourceLedger:
    return ResourceLedger.of(LedgerOwner.of(licence()))


def followed(ledger: ResourceLedger, known: ResourceFacts) -> ResourceLedger:
    return decided(follow_facts(ledger, known, NOW)).state


def decided(decision: Decision[ResourceLedger] | None) -> Decision[ResourceLedger]:
    assert decision is not None
    return decision


def only(ledger: ResourceLedger) -> ResourceGrant:
    (grant,) = ledger.grants
    return grant


def answer(grant: ResourceGrant, **change: object) -> ResourcesGranted:
    told = {
        "grant_id": grant.id,
        "revision": grant.revision,
        **grant.resources.model_dump(),
        "withdrawn": not grant.counts,
        "users_used": 3,
    }
    return ResourcesGranted.model_validate({**common(), **told, **change})


def at(sequence: int) -> Position:
    return Position("platform/1", sequence)


def answered(
    ledger: ResourceLedger, grant: ResourceGrant, sequence: int = 1, **change: object
) -> ResourceLedger:
    return decided(record_answer(ledger, answer(grant, **change), at(sequence), NOW)).state


def requests(decision: Decision[ResourceLedger]) -> list[ResourcesRequested]:
    return [event for event in decision.events if isinstance(event, ResourcesRequested)]


def test_an_accepted_commitment_grants_what_is_ordered_until_access_ends() -> None:
    known = facts(renewal(commitment=committed()))
    decision = decided(follow_facts(empty(), known, NOW))
    grant, (event,) = only(decision.state), requests(decision)
    assert (grant.kind, grant.cause, grant.cause_no) == ("temporary", "commitment", MADE.number)
    assert (grant.granted_from, grant.granted_to) == (TODAY, committed().access_until)
    assert (event.users, event.package) == (MADE.order.users, MADE.order.package)
    assert (event.grant_id, event.revision, event.request, event.voided_by) == (grant.id, 1, 1, None)
    assert decision.state.waiting_since == NOW
    assert follow_facts(decision.state, known, NOW) is None


def test_a_signed_form_keeps_what_the_licence_has() -> None:
    until = TODAY + timedelta(days=14)
    grant = only(followed(empty(), facts(renewal(), temporary_until=until)))
    assert (grant.cause, grant.resources.users, grant.granted_to) == ("registration", 5, until)


@pytest.mark.parametrize(
    "change",
    [
        {"temporary_until": None},
        {"temporary_until": date(2025, 12, 31)},
        {"temporary_until": TODAY - timedelta(days=1)},
        {"temporary_until": TODAY, "users": None},
    ],
)
def test_without_temporary_access_nothing_is_wanted(change: dict[str, Any]) -> None:
    assert follow_facts(empty(), facts(renewal(), **change), NOW) is None


def test_a_form_that_nobody_has_seen_gets_nothing_of_another_registrations_access() -> None:
    unsigned = form.register(MADE, document("form 1"), EXAMPLE_VENDOR, NOW).state
    assert follow_facts(empty(), facts(unsigned, temporary_until=TODAY), NOW) is None


def test_the_contract_replaces_the_temporary_grant() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    decision = decided(follow_facts(ledger, facts(issued()), NOW))
    temporary, full = decision.state.grants
    assert (temporary.voided_by, temporary.revision) == (VoidReason.REPLACED, 2)
    assert (full.kind, full.granted_from, full.granted_to) == ("full", MADE.term.term_from, MADE.term.term_to)
    assert [event.grant_id for event in requests(decision)] == [temporary.id, full.id]
    assert requests(decision)[0].voided_by == "replaced"


def test_an_extension_is_the_next_revision() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    ledger = answered(ledger, only(ledger))
    later = committed(pay_by=MADE.payment_day + timedelta(days=20))
    longer = only(followed(ledger, facts(renewal(commitment=later))))
    assert (longer.revision, longer.granted_to, longer.confirmed_at) == (2, later.access_until, None)


def test_after_a_default_only_another_grant_counts() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    broken = renewal(commitment=committed(CommitmentStatus.BROKEN))
    ledger = followed(ledger, facts(broken, temporary_until=MADE.payment_day))
    assert only(ledger).voided_by is VoidReason.DEFAULT
    extended = facts(renewal(commitment=committed()))
    first, second = followed(ledger, extended).grants
    assert (first.voided_by, second.voided_by) == (VoidReason.DEFAULT, None)


def test_payment_in_full_lengthens_what_the_commitment_gave() -> None:
    until = MADE.payment_day + timedelta(days=200)
    paid = committed().model_copy(update={"paid": True})
    grant = only(followed(empty(), facts(renewal(commitment=paid), temporary_until=until)))
    assert (grant.cause, grant.granted_to) == ("commitment", until)


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (renewal(Status.CANCELLED), VoidReason.REGISTRATION_CLOSED),
        (renewal(Status.REFUSED), VoidReason.REGISTRATION_CLOSED),
        (renewal(), VoidReason.ACCESS_ENDED),
    ],
)
def test_what_is_no_longer_wanted_is_withdrawn(after: Renewal, reason: VoidReason) -> None:
    ledger = followed(empty(), facts(renewal(), temporary_until=TODAY + timedelta(days=14)))
    decision = decided(follow_facts(ledger, facts(after), NOW))
    assert only(decision.state).voided_by is reason
    assert [event.voided_by for event in requests(decision)] == [reason]


def test_a_contract_that_turns_void_takes_its_grant_along() -> None:
    """The office keeps what its licence has, for as long as it may use it."""
    ledger = followed(empty(), facts(issued()))
    proposed = void_steps.propose_void(issued().with_changes(contract_date=TODAY), "clerk-1", "nhầm", NOW)
    void = void_steps.approve_void(proposed.state, "clerk-2", NOW).state
    until = TODAY + timedelta(days=7)
    decision = decided(follow_facts(ledger, facts(void, temporary_until=until, expires_on=TODAY), NOW))
    full, left = decision.state.grants
    assert full.voided_by is VoidReason.CONTRACT_VOID
    assert (left.kind, left.cause, left.granted_to) == ("temporary", "registration", until)
    assert [event.voided_by for event in requests(decision)] == ["contract_void", None]
    again = facts(void, issued(), temporary_until=until, expires_on=TODAY)
    after = followed(decision.state, again)
    assert [grant.voided_by for grant in after.grants][:2] == [VoidReason.CONTRACT_VOID, VoidReason.REPLACED]


def test_a_licence_that_doesnt_know_the_void_contract_yet_keeps_a_week_at_most() -> None:
    """Guards against: the platform gives a temporary grant up to the end of the void contract's term."""
    proposed = void_steps.propose_void(issued().with_changes(contract_date=TODAY), "clerk-1", "nhầm", NOW)
    void = void_steps.approve_void(proposed.state, "clerk-2", NOW).state
    ledger = followed(
        followed(empty(), facts(issued())), facts(void, expires_on=void.registration.term.term_to)
    )
    (left,) = [grant for grant in ledger.grants if grant.counts]
    assert (left.kind, left.granted_to) == ("temporary", TODAY + timedelta(days=7))


def test_a_grant_whose_last_day_has_passed_waits_for_nobody() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    last = only(ledger).granted_to
    assert ledger.lapses_on == last
    on_its_last_day = facts(renewal(commitment=committed()), today=last)
    assert follow_facts(ledger, on_its_last_day, NOW) is None
    after = facts(renewal(commitment=committed()), today=last + timedelta(days=1))
    decision = decided(follow_facts(ledger, after, NOW))
    assert (only(decision.state).shown_as, decision.events) == ("closed", ())
    assert (decision.state.waiting_since, decision.state.lapses_on) == (None, None)


def test_a_grant_of_the_contract_has_the_contracts_own_term() -> None:
    by_form = registration(licence_copy=licence(stage=Stage.TERMINATED))
    assert by_form.term_rule is TermRule.CONTRACT_DATE
    sealed_on = TODAY + timedelta(days=12)
    contract = issued().with_changes(registration=by_form, contract_date=sealed_on)
    grant = only(followed(empty(), facts(contract, today=sealed_on)))
    assert (grant.granted_from, grant.granted_to) == (sealed_on, date(2027, 1, 17))


def test_the_newest_contracts_grant_lasts_as_long_as_the_licence() -> None:
    ledger = followed(empty(), facts(issued()))
    term_to = MADE.term.term_to
    over = facts(issued(), today=term_to + timedelta(days=1), expires_on=term_to)
    closed = followed(ledger, over)
    later = term_to + timedelta(days=30)
    extended = facts(issued(), today=term_to + timedelta(days=1), expires_on=later)
    assert only(followed(closed, extended)).granted_to == later

    next_one = registration(licence_copy=licence(expires_on=term_to))
    second = issued().with_changes(registration=next_one.model_copy(update={"renewal_id": fresh()}))
    known = facts(issued(), second, expires_on=next_one.term.term_to + timedelta(days=9))
    assert [grant.granted_to for grant in followed(empty(), known).grants] == [
        term_to,
        next_one.term.term_to + timedelta(days=9),
    ]


def test_a_contract_on_its_way_lengthens_no_earlier_one() -> None:
    coming = renewal().with_changes(
        registration=registration(licence_copy=licence(expires_on=MADE.term.term_to)).model_copy(
            update={"renewal_id": (id := fresh())}
        )
    )
    known = facts(issued(), coming, expires_on=coming.registration.term.term_to, contracts=(RENEWAL, id))
    assert only(followed(empty(), known)).granted_to == MADE.term.term_to


def test_temporary_access_that_ends_for_a_contract_on_its_way_keeps_its_grant() -> None:
    until = TODAY + timedelta(days=14)
    ledger = followed(empty(), facts(renewal(), temporary_until=until))
    applied: dict[str, Any] = {"expires_on": MADE.term.term_to, "contracts": (RENEWAL,)}
    assert follow_facts(ledger, facts(renewal(), **applied), NOW) is None
    temporary, full = followed(ledger, facts(issued(), **applied)).grants
    assert (temporary.voided_by, full.cause) == (VoidReason.REPLACED, "contract")
    disputed = facts(renewal(), **applied, disputed=(RENEWAL,))
    assert only(followed(ledger, disputed)).voided_by is VoidReason.ACCESS_ENDED


def test_an_early_contract_keeps_what_the_commitment_gave_until_its_term_begins() -> None:
    early = registration(licence_copy=licence(expires_on=TODAY + timedelta(days=90)))
    open_ = renewal(commitment=committed()).with_changes(registration=early)
    contract = open_.with_changes(status=Status.CONTRACT_ISSUED)
    expires: dict[str, Any] = {"expires_on": early.term.term_to}
    ledger = followed(followed(empty(), facts(open_)), facts(contract, **expires))
    temporary, full = ledger.grants
    assert temporary.counts
    assert temporary.granted_to == full.granted_from - timedelta(days=1) == TODAY + timedelta(days=90)
    assert followed(empty(), facts(contract, **expires)).in_force(TODAY) is not None
    begun = followed(ledger, facts(contract, today=full.granted_from, **expires))
    assert begun.in_force(full.granted_from) == full
    broken = contract.with_changes(commitment=committed(CommitmentStatus.BROKEN))
    assert followed(ledger, facts(broken, **expires)).grants[0].voided_by is VoidReason.DEFAULT


def test_a_commitment_that_is_extended_after_its_last_day_is_granted_again() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    day = only(ledger).granted_to + timedelta(days=1)
    ledger = followed(ledger, facts(renewal(commitment=committed()), today=day))
    later = committed(pay_by=day + timedelta(days=20))
    again = only(followed(ledger, facts(renewal(commitment=later), today=day)))
    assert (again.granted_to, again.revision, again.shown_as) == (later.access_until, 2, "waiting")


def test_an_answer_as_asked_confirms() -> None:
    ledger = followed(empty(), facts(issued()))
    ledger = answered(ledger, only(ledger))
    grant = only(ledger)
    assert (grant.confirmed_at, ledger.waiting_since, grant.shown_as) == (NOW, None, "confirmed")


def test_another_answer_is_for_the_desk_and_confirms_nothing() -> None:
    ledger = followed(empty(), facts(issued()))
    ledger = answered(ledger, only(ledger), users=1)
    grant = only(ledger)
    assert (grant.confirmed_at, grant.shown_as) == (None, "differs")
    assert (ledger.waiting_since, ledger.look_since) == (None, NOW), "it waits for a clerk alone"
    later = answered(ledger, grant, 2)
    assert (later.look_since, only(later).shown_as) == (None, "confirmed")


def test_a_later_difference_is_shown_though_the_grant_was_confirmed() -> None:
    ledger = followed(empty(), facts(issued()))
    confirmed = answered(ledger, only(ledger))
    differs = answered(confirmed, only(confirmed), 2, storage_gb=1)
    assert (only(differs).confirmed_at, only(differs).shown_as) == (NOW, "differs")


def confirmations(ledger: ResourceLedger, grant: ResourceGrant, sequence: int, **change: object) -> list[Any]:
    return [
        (event.revision, event.kind, event.cause, event.users, event.granted_to)
        for event in decided(record_answer(ledger, answer(grant, **change), at(sequence), NOW)).events
        if isinstance(event, ResourcesConfirmed)
    ]


def test_a_confirmation_is_told_once_a_revision() -> None:
    ledger = followed(empty(), facts(issued()))
    grant = only(ledger)
    told = [(1, "full", "contract", grant.resources.users, grant.granted_to)]
    assert confirmations(ledger, grant, 1) == told
    ledger = answered(ledger, grant)
    assert confirmations(ledger, grant, 2) == []


def test_only_what_was_asked_for_is_told() -> None:
    """Guards against: an office is told of resources that it doesn't have. The desk looks at them."""
    ledger = followed(empty(), facts(issued()))
    grant = only(ledger)
    assert confirmations(ledger, grant, 1, users=1) == []
    assert confirmations(ledger, grant, 1, withdrawn=True) == []
    differs = answered(ledger, grant, users=1)
    assert differs.look_since == NOW
    assert len(confirmations(differs, grant, 2)) == 1, "the platform has put it right"


def test_a_withdrawal_is_told_to_nobody() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    voided = followed(ledger, facts(issued()))
    (gone,) = [grant for grant in voided.grants if not grant.counts]
    assert confirmations(voided, gone, 1) == []


def test_an_answer_about_an_earlier_revision_changes_nothing() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    early = answer(only(ledger))
    ledger = followed(ledger, facts(issued()))
    assert record_answer(ledger, early, at(1), NOW) is None


def test_a_late_answer_does_not_overwrite_a_newer_one() -> None:
    ledger = followed(empty(), facts(issued()))
    ledger = answered(ledger, only(ledger), 5)
    for sequence in (4, 5):
        assert record_answer(ledger, answer(only(ledger), users=1), at(sequence), NOW) is None


@pytest.mark.parametrize("change", [{"grant_id": fresh()}, {"revision": 2}])
def test_what_was_never_asked_for_is_unproven(change: dict[str, object]) -> None:
    ledger = followed(empty(), facts(issued()))
    with pytest.raises(Unproven):
        record_answer(ledger, answer(only(ledger), **change), at(1), NOW)
    with pytest.raises(Unproven):
        record_answer(None, answer(only(ledger)), at(1), NOW)


def test_a_void_grant_is_confirmed_by_its_withdrawal_alone() -> None:
    ledger = followed(empty(), facts(issued()))
    ledger = followed(ledger, facts(renewal(Status.ACCEPTED)))
    still = answered(ledger, only(ledger), withdrawn=False)
    assert (only(still).confirmed_at, still.look_since) == (None, NOW)
    gone = answered(still, only(still), 2)
    assert (only(gone).confirmed_at, gone.waiting_since, gone.look_since) == (NOW, None, None)


def test_an_office_without_a_contract_asks_for_what_its_licence_has() -> None:
    known = facts(expires_on=TODAY + timedelta(days=40))
    decision = ask_anew(empty(), known, PAUSE, NOW)
    grant = only(decision.state)
    assert (grant.cause, grant.granted_to) == ("licence", TODAY + timedelta(days=40))
    with pytest.raises(RenewalError, match="resources-asked"):
        ask_anew(decision.state, known, PAUSE, NOW + PAUSE - timedelta(seconds=1))
    again = ask_anew(decision.state, known, PAUSE, NOW + PAUSE)
    assert [(event.revision, event.request) for event in requests(again)] == [(1, 2)]
    more = facts(expires_on=TODAY + timedelta(days=40), users=9)
    assert only(ask_anew(again.state, more, PAUSE, NOW + 2 * PAUSE).state).revision == 2


def test_the_licences_grant_follows_the_licence() -> None:
    last = TODAY + timedelta(days=40)
    ledger = ask_anew(empty(), facts(expires_on=last), PAUSE, NOW).state
    assert follow_facts(ledger, facts(expires_on=last, today=TODAY + timedelta(days=3)), NOW) is None
    changed = followed(ledger, facts(expires_on=last - timedelta(days=9), users=9))
    grant = only(changed)
    assert (grant.resources.users, grant.granted_to, grant.revision) == (9, last - timedelta(days=9), 2)
    assert grant.granted_from == TODAY
    assert follow_facts(changed, facts(users=None), NOW) is None, (
        "a copy that lacks its resources says nothing"
    )
    ended = facts(expires_on=TODAY - timedelta(days=1))
    assert only(followed(changed, ended)).voided_by is VoidReason.ACCESS_ENDED


def test_a_commitments_grant_wins_over_the_licences() -> None:
    last = TODAY + timedelta(days=40)
    ledger = ask_anew(empty(), facts(expires_on=last), PAUSE, NOW).state
    open_ = renewal(commitment=committed())
    both = followed(ledger, facts(open_, expires_on=last))
    in_force = both.in_force(TODAY)
    assert in_force is not None
    assert in_force.cause is GrantCause.COMMITMENT
    alone = followed(empty(), facts(open_, expires_on=last))
    again = ask_anew(alone, facts(open_, expires_on=last), PAUSE, NOW)
    assert only(again.state).cause is GrantCause.COMMITMENT, "the licence has less, so nobody asks for it"


def test_the_licence_is_asked_for_until_the_day_before_a_contract_begins() -> None:
    starts = TODAY + timedelta(days=30)
    later = registration(licence_copy=licence(expires_on=starts - timedelta(days=1)))
    contract = issued().with_changes(registration=later)
    known = facts(contract, expires_on=later.term.term_to)
    ledger = ask_anew(empty(), known, PAUSE, NOW).state
    assert [(g.cause, g.granted_to) for g in ledger.grants] == [
        ("contract", later.term.term_to),
        ("licence", later.term.term_from - timedelta(days=1)),
    ]


def test_a_contract_replaces_the_licences_grant_only_where_their_days_meet() -> None:
    known = facts(expires_on=TODAY + timedelta(days=40))
    ledger = ask_anew(empty(), known, PAUSE, NOW).state
    by_licence, full = followed(ledger, facts(issued())).grants
    assert (by_licence.voided_by, full.counts) == (VoidReason.REPLACED, True)
    later = registration(licence_copy=licence(expires_on=by_licence.granted_to))
    runs: dict[str, Any] = {"expires_on": by_licence.granted_to}
    both = followed(ledger, facts(issued().with_changes(registration=later), **runs)).grants
    assert [grant.counts for grant in both] == [True, True]
    sooner = registration(licence_copy=licence(expires_on=TODAY + timedelta(days=9)))
    shortened, _ = followed(ledger, facts(issued().with_changes(registration=sooner), **runs)).grants
    assert (shortened.counts, shortened.granted_to) == (True, TODAY + timedelta(days=9))


def test_a_contract_in_force_is_asked_for_anew_itself() -> None:
    ledger = followed(empty(), facts(issued()))
    confirmed = answered(ledger, only(ledger))
    again = ask_anew(confirmed, facts(issued()), PAUSE, NOW)
    assert only(again.state).confirmed_at == NOW, "asking anew takes no confirmation back"
    assert [event.request for event in requests(again)] == [2]


def test_nothing_to_ask_for() -> None:
    with pytest.raises(RenewalError, match="resources-none"):
        ask_anew(empty(), facts(), PAUSE, NOW)


def test_the_desk_asks_again_for_what_is_open() -> None:
    ledger = followed(empty(), facts(issued()))
    ids = {only(ledger).id}
    assert [event.request for event in requests(decided(ask_again(ledger, ids, NOW)))] == [2]
    assert ask_again(ledger, {fresh()}, NOW) is None
    assert ask_again(answered(ledger, only(ledger)), ids, NOW) is None


def test_a_clerk_settles_what_the_platform_does_not_confirm() -> None:
    ledger = followed(empty(), facts(issued()))
    id = only(ledger).id
    closed = close_grant(ledger, id, 1, "clerk-1", "đã cấp tay", NOW)
    assert (closed.state.waiting_since, only(closed.state).shown_as, closed.events) == (None, "settled", ())
    assert GrantState.of(closed.state, issued(), TODAY) == GrantState(GrantStatus.SETTLED)
    confirmed = answered(closed.state, only(closed.state))
    assert GrantState.of(confirmed, issued(), TODAY) == GrantState(GrantStatus.FULL, TODAY)
    with pytest.raises(RenewalError, match="grant-settled"):
        close_grant(closed.state, id, 1, "clerk-1", "lần nữa", NOW)
    with pytest.raises(RenewalError, match="grant-unknown"):
        close_grant(ledger, fresh(), 1, "clerk-1", "không có", NOW)


def test_a_clerk_settles_no_version_that_the_clerk_has_not_seen() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    longer = committed(pay_by=MADE.payment_day + timedelta(days=20))
    ledger = followed(ledger, facts(renewal(commitment=longer)))
    with pytest.raises(RenewalError, match="grant-moved"):
        close_grant(ledger, only(ledger).id, 1, "clerk-1", "đã cấp tay", NOW)
    assert only(close_grant(ledger, only(ledger).id, 2, "clerk-1", "đã cấp tay", NOW).state).closed


def test_what_an_office_sees_is_what_the_platform_told_else_the_licence() -> None:
    assert ResourcePicture.of(licence(), None, TODAY).users == 5
    ledger = followed(empty(), facts(issued()))
    assert ResourcePicture.of(licence(), ledger, TODAY).users == 5
    told = ResourcePicture.of(licence(), answered(ledger, only(ledger), users=8), TODAY)
    assert (told.users, told.told_at, told.waits, told.differs) == (8, NOW, True, True)
    assert told.use is not None
    assert told.use.users == 3


def test_a_new_revision_does_not_forget_what_the_platform_allows() -> None:
    ledger = followed(empty(), facts(renewal(commitment=committed())))
    ledger = answered(ledger, only(ledger), users=8)
    longer = committed(pay_by=MADE.payment_day + timedelta(days=20))
    ledger = followed(ledger, facts(renewal(commitment=longer)))
    picture = ResourcePicture.of(licence(), ledger, TODAY)
    assert (picture.users, picture.waits, picture.differs) == (8, True, False)


def test_no_answer_comes_from_the_future() -> None:
    ledger = followed(empty(), facts(issued()))
    later = NOW + timedelta(days=900)
    told = only(answered(ledger, only(ledger), occurred_at=later, measured_at=later)).answer
    assert told is not None
    assert (told.answered_at, told.measured_at) == (NOW, NOW)


def test_the_newest_figures_of_use_count() -> None:
    ledger = followed(empty(), facts(issued()))
    ledger = answered(ledger, only(ledger))
    newer = Usage(users_used=4, storage_used_bytes=1, measured_at=NOW + timedelta(days=1))
    picture = ResourcePicture.of(licence(usage=newer), ledger, TODAY)
    assert picture.use is not None
    assert picture.use.users == 4


def test_what_the_history_says() -> None:
    def state(ledger: ResourceLedger | None, of: Renewal, today: date = TODAY) -> GrantState | None:
        return GrantState.of(ledger, of, today)

    open_ = renewal(commitment=committed())
    until = committed().access_until
    assert state(None, open_) == GrantState(GrantStatus.NONE)
    assert state(None, issued()) is None
    ledger = followed(empty(), facts(open_))
    assert state(ledger, open_) == GrantState(GrantStatus.TEMPORARY_ASKED, until)
    assert state(answered(ledger, only(ledger)), open_) == GrantState(GrantStatus.TEMPORARY, until)
    ledger = followed(ledger, facts(issued()))
    assert state(ledger, issued()) == GrantState(GrantStatus.FULL_ASKED)
    confirmed = answered(ledger, ledger.grants[1])
    assert state(confirmed, issued()) == GrantState(GrantStatus.FULL, TODAY)
    differs = answered(confirmed, confirmed.grants[1], 2, users=1)
    assert state(differs, issued()) == GrantState(GrantStatus.DIFFERS)
    assert state(ledger, issued(), MADE.term.term_to + timedelta(days=1)) == GrantState(GrantStatus.ENDED)


@dataclass
class Story:
    """A subscription's facts, and the ledger that follows them, in any order."""

    renewals: dict[UUID, Renewal] = field(default_factory=dict)
    copy: LicenceCopy = field(default_factory=licence)
    ledger: ResourceLedger = field(default_factory=empty)
    now: datetime = NOW
    asked: list[ResourcesRequested] = field(default_factory=list)
    void: set[UUID] = field(default_factory=set)
    sequence: int = 0

    @property
    def facts(self) -> ResourceFacts:
        return ResourceFacts(self.copy, tuple(self.renewals.values()), self.now.date())

    def take(self, decision: Decision[ResourceLedger] | None) -> None:
        if decision is None:
            return
        events: tuple[Event, ...] = decision.events
        self.ledger = decision.state
        self.asked += [event for event in events if isinstance(event, ResourcesRequested)]
        self.check()

    def follow(self) -> None:
        self.take(follow_facts(self.ledger, self.facts, self.now))
        assert follow_facts(self.ledger, self.facts, self.now) is None, "following twice changed something"

    def change(self, id: UUID, **change: object) -> None:
        self.renewals[id] = self.renewals[id].with_changes(**change)

    def hear(self, request: ResourcesRequested, users: int, withdrawn: bool, late: bool) -> None:
        self.sequence += 0 if late else 1
        told = request.model_dump(include={"grant_id", "revision", "package", "users", "storage_gb"})
        event = ResourcesGranted(**{**common(), **told, "users": users or request.users}, withdrawn=withdrawn)
        for _ in range(2):
            self.take(record_answer(self.ledger, event, at(self.sequence), self.now))
        assert record_answer(self.ledger, event, at(self.sequence), self.now) is None, "a repeat changed it"

    def check(self) -> None:
        grants = self.ledger.grants
        assert len({grant.id for grant in grants}) == len(grants)
        full = [grant for grant in grants if grant.counts and grant.kind is GrantKind.FULL]
        of_renewals = [grant.renewal_id for grant in full if grant.renewal_id]
        assert len(set(of_renewals)) == len(of_renewals), "two full grants of one term"
        to_come = [grant for grant in full if grant.granted_to >= self.now.date()]
        by_licence = [grant for grant in to_come if grant.cause is GrantCause.LICENCE]
        assert not any(_share_a_day(a, b) for a in by_licence for b in to_come if a is not b)
        now_void = {grant.id for grant in grants if not grant.counts}
        assert self.void <= now_void, "a void grant counts again"
        self.void = now_void
        for grant in grants:
            newest = max(event.revision for event in self.asked if event.grant_id == grant.id)
            assert grant.revision == newest, "a version that the platform wasn't asked for"
            told = grant.told
            if grant.confirmed_at:
                assert told is not None
            if told and told.withdrawn is grant.counts:
                assert grant.look_since or grant.closed or grant.confirmed_at
            assert grant.is_open or grant.confirmed_at or grant.closed, "nobody waits for it"
        waits = [g.waiting_since for g in grants if g.waiting_since and not g.look_since]
        assert self.ledger.waiting_since == min(waits, default=None)


def _share_a_day(a: ResourceGrant, b: ResourceGrant) -> bool:
    return a.granted_from <= b.granted_to and b.granted_from <= a.granted_to


STEPS = st.sampled_from(
    [
        "register",
        "accept",
        "extend",
        "break",
        "pay",
        "issue",
        "void",
        "cancel",
        "access",
        "no access",
        "days",
        "months",
        "ask anew",
        "ask again",
        "close",
        "answer",
        "answer otherwise",
        "withdraw",
        "late",
    ]
)


def _step(story: Story, step: str, pick: int) -> None:
    ids = list(story.renewals)
    id = ids[pick % len(ids)] if ids else None
    request = story.asked[pick % len(story.asked)] if story.asked else None
    match step:
        case "register":
            new = RENEWAL if not ids else fresh()
            made = renewal()
            renamed = made.registration.model_copy(update={"renewal_id": new})
            story.renewals[new] = made.with_changes(registration=renamed)
        case "access":
            story.copy = story.copy.model_copy(
                update={"temporary_until": story.now.date() + timedelta(days=pick)}
            )
        case "no access":
            story.copy = story.copy.model_copy(update={"temporary_until": None})
        case "days" | "months":
            story.now += timedelta(days=pick * (30 if step == "months" else 1))
        case "ask anew":
            longer = story.now.date() + timedelta(days=pick)
            story.copy = story.copy.model_copy(update={"expires_on": longer, "users": 5 + pick % 2})
            with suppress(RenewalError):
                story.take(ask_anew(story.ledger, story.facts, PAUSE, story.now))
        case "ask again":
            story.take(ask_again(story.ledger, [grant.id for grant in story.ledger.grants], story.now))
        case "close" if story.ledger.grants:
            grant = story.ledger.grants[pick % len(story.ledger.grants)]
            with suppress(RenewalError):
                story.take(close_grant(story.ledger, grant.id, grant.revision, "clerk-1", "xong", story.now))
        case "answer" | "answer otherwise" | "withdraw" | "late" if request:
            users = 99 if step == "answer otherwise" else 0
            withdrawn = step == "withdraw" or (step == "answer" and request.voided_by is not None)
            story.hear(request, users, withdrawn, late=step == "late")
        case _ if id:
            _change(story, id, step, pick)


def _change(story: Story, id: UUID, step: str, pick: int) -> None:
    pay_by = story.now.date() + timedelta(days=pick)
    broken = committed(CommitmentStatus.BROKEN, pay_by)
    paid = broken.model_copy(update={"paid": True})
    changes: dict[str, dict[str, object]] = {
        "accept": {"commitment": committed(pay_by=pay_by)},
        "extend": {"commitment": committed(pay_by=pay_by + timedelta(days=20))},
        "break": {"commitment": broken},
        "pay": {"commitment": paid},
        "issue": {"status": Status.CONTRACT_ISSUED, "contract_number": ContractNumber(year=2026, n=pick + 1)},
        "void": {"status": Status.ACCEPTED},
        "cancel": {"status": Status.CANCELLED},
    }
    story.change(id, **changes.get(step, {}))


@given(st.lists(st.tuples(STEPS, st.integers(0, 40), st.booleans()), max_size=25))
def test_no_order_of_facts_and_answers_breaks_the_ledger(steps: list[tuple[str, int, bool]]) -> None:
    """Guards against: a void grant that comes back, two full grants of a term, an answer that overwrites a
    newer one, a grant for which nobody waits though nobody has confirmed it."""
    story = Story(now=datetime.combine(TODAY, time(5), UTC))
    _step(story, "register", 0)
    for step, pick, follows in steps:
        _step(story, step, pick)
        if follows:
            story.follow()
    story.follow()
