"""Random histories over ten years: whatever happens in whatever order, the events are consistent, and agree
with the reference clerk."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

from hypothesis import Phase, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from services.subscription.domain.changes import data, registration, temporary_access
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.concession import Kind, concede
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import correct, disputes_after, release_hold, restate
from services.subscription.domain.facts import Concession, Release
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice, release_end
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.platform import DataDeleted
from shared.events.subscription import (
    AccessDecided,
    DataDeletionRequested,
    Licence,
    OrderContradicted,
    SubscriptionRecorded,
)
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date, start_of_day
from tests.services.subscription.domain.checked_lifecycle import POLICIES, CheckedLifecycle
from tests.services.subscription.domain.reference_clerk import renew, state_anew, taken_over
from tests.services.subscription.examples import FULL, HANOI, contract, days, licence, on_paper

zones = st.sampled_from(
    [HANOI, "America/Santiago", "Asia/Beirut", "America/Havana", "Pacific/Apia", "Pacific/Kiritimati"]
)
policies = st.sampled_from(sorted(POLICIES))
edges = st.sampled_from([-61, -60, -59, -30, -29, -2, -1, 0, 1, 2, 5, 6, 7, 8, 15, 89, 90, 91])
lefts = edges | st.integers(-150, 150)
starts = st.dates(date(2010, 1, 1), date(2035, 1, 1)) | st.sampled_from(
    [date(2024, 2, 29), date(2028, 2, 29), date(2027, 1, 31), date(2011, 12, 30), date(2026, 12, 31)]
)
clocks = st.sampled_from([0, 1, 12 * 3600, 86_340, 43_201])
waits = st.integers(0, 3) | st.integers(1, 45) | st.sampled_from([14, 30, 60, 365, 500])


class History(CheckedLifecycle):
    """The things that may happen to an office, and the rules that always hold."""

    @initialize(day=starts, clock=clocks, left=lefts, zone=zones, policy=policies, next_policy=policies)
    def taken_over(self, day: date, clock: int, left: int, zone: str, policy: str, next_policy: str) -> None:
        self.count, self.form_registration = 0, None
        self.now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=clock)
        today = civil_date(self.now, zone)
        stated = licence(today + days(left), zone=zone, policy=policy)
        decision = adopt("ngoc-ha", "qlts", stated, self.now, POLICIES, next_policy=next_policy)
        self.state = decision.state
        assert isinstance(decision.snapshot, AccessDecided)
        self.answer = decision.snapshot
        self.clerk = taken_over(POLICIES[policy], today, stated.expires_on)
        self.emitted_stage = decision.state.stage
        self.opened = (self.clerk.locked_since or today + days(1)) - days(1)
        assert self.state.stage == self.clerk.stage

    @rule(count=waits, clock=clocks)
    def time_passes(self, count: int, clock: int) -> None:
        self.now += timedelta(days=count, seconds=clock)
        self.decide_and_compare(lambda: advance(self.state, self.now, POLICIES), lambda: None)

    @rule(hours=st.integers(1, 60))
    def the_clock_was_wrong(self, hours: int) -> None:
        """The clock was ahead, or is now behind: nothing is emitted twice."""
        self.now -= timedelta(hours=hours)
        before = self.state
        self.decide_and_compare(lambda: advance(self.state, self.now, POLICIES), lambda: None)
        if civil_date(self.now, self.state.zone) <= before.told_on:
            assert self.state == before

    @rule()
    def told_day_by_day_up_to_the_next_change(self) -> None:
        if self.state.next_change_at:
            self.now = max(self.now, self.state.next_change_at)
            self.decide_and_compare(lambda: advance(self.state, self.now, POLICIES), lambda: None)

    @rule(left=lefts, zone=zones, named=st.booleans(), many=st.booleans(), next_policy=policies)
    def licence_stated(self, left: int, zone: str, named: bool, many: bool, next_policy: str) -> None:
        there = civil_date(self.now, zone)
        changed = licence(there + days(left), zone=zone, policy=next_policy, users=self.next)
        moved = zone != self.state.zone
        assume(moved or changed.expires_on != self.state.licence.expires_on)
        # Other rules test a clock that is behind the last events.
        assume(civil_date(self.now, self.state.zone) >= self.state.told_on)
        assume(moved or there >= self.state.told_on)
        # A field that the list repeats overwrites nothing (test_carried).
        assume(named or all(self.states_anew(changed, field) for field in ("expires_on", "zone")))
        assume(disputes_after(self.state, changed, named=named) is None)  # another rule tests it

        def stated() -> Decided:
            if named:
                return correct(self.state, changed, self.now, POLICIES)
            return restate(self.state, changed, self.now, POLICIES, next_policy=next_policy, many=many)

        self.stated(stated, changed.expires_on, there, named=named, many=many)
        # A lock's first day is a date in the corrected zone.
        self.opened = min(self.opened, there - days(1))
        assert named or stated() == Decision(self.state), "the same row again"

    def states_anew(self, given: Licence, field: str) -> bool:
        """Whether the list's field gets into the licence."""
        present, known = getattr(given, field), getattr(self.state.licence, field)
        before = getattr(self.state.source, field, None)
        return present in (known,) or present not in (before,)

    def stated(
        self, decide: Callable[[], Decided], expires_on: date, there: date, *, named: bool, many: bool
    ) -> None:
        """A reminder is sent if, by the new date, the days left have fallen past a reminder."""
        clerk, stood = self.clerk, [(self.clerk.stage, 0)]

        def learn() -> None:
            stood[0] = clerk.stage, (clerk.counted_from - clerk.day).days
            state_anew(clerk, expires_on, there, named=named, many=many)

        reminded = self.decide_and_compare(decide, learn, there, after_a_correction=True)
        (stage, was), left = stood[0], (clerk.counted_from - there).days
        due = any(left <= rung < was for rung in clerk.table.reminder_days)
        quiet = stage == clerk.stage == Stage.EXPIRING
        assert reminded == bool(quiet and due and not (clerk.disputed or clerk.many))

    @rule()
    def details_stated(self) -> None:
        changed = self.state.licence.model_copy(update={"users": 1000 + self.next})
        decision = correct(self.state, changed, self.now, POLICIES)
        kinds = [type(event) for event in decision.events]
        assert kinds == [SubscriptionRecorded, *([OrderContradicted] if self.state.contract else [])]
        self.record(decision)

    @rule(years=st.integers(1, 3), off=st.sampled_from([0, 0, 0, 1]), policy=policies)
    def contract_comes(self, years: int, off: int, policy: str) -> None:
        basis = self.state.licence.expires_on - days(off)
        issued = contract(basis, basis + days(365 * years), self.next)
        application = ContractApplication(POLICIES, policy, self.now)
        table = POLICIES[self.state.next_policy or policy]

        def learn() -> None:
            self.clerk.open.discard(issued.renewal_id)
            if off:
                self.clerk.disputed[issued.renewal_id] = issued.term.term_to
            else:
                renew(self.clerk, table, issued.term.term_to, civil_date(self.now, self.state.zone))

        self.decide_and_compare(lambda: application.apply(self.state, issued), learn)
        assert application.apply(self.state, issued) == Decision(self.state), "the same contract again"
        if off:
            assert current_entitlement(self.state, self.now, POLICIES).access == FULL
        if not off and _stands(self.state):
            # The new term is over, too, so the end of before still holds. What was deleted for it is gone.
            assert self.state.stage is Stage.TERMINATED
            assert self.state.deletion is not None
            assert self.state.deletion.deleted_at

    @precondition(lambda self: self.state.contract and not self.clerk.disputed)
    @rule(off=st.integers(1, 300), named=st.booleans())
    def date_stated_beside_the_contract(self, off: int, named: bool) -> None:
        """The date is earlier than the end of the contract in force: no access is taken, and the desk
        decides."""
        present, contract = self.state.licence, self.state.contract
        assert contract is not None
        assume(contract.term_to == present.expires_on)
        there = present.model_copy(update={"expires_on": present.expires_on - days(off)})
        assume(there.expires_on != contract.basis_expires_on)
        state = correct if named else partial(restate, next_policy=self.state.next_policy)

        def learn() -> None:
            self.clerk.disputed[contract.renewal_id] = contract.term_to

        self.decide_and_compare(lambda: state(self.state, there, self.now, POLICIES), learn)
        assert self.state.licence.expires_on == present.expires_on
        assert current_entitlement(self.state, self.now, POLICIES).access == FULL

    @precondition(lambda self: self.clerk.disputed)
    @rule(accept=st.booleans(), policy=policies)
    def the_desk_decides(self, accept: bool, policy: str) -> None:
        id, term_to = next(iter(self.clerk.disputed.items()))
        table, today = POLICIES[self.state.next_policy or policy], civil_date(self.now, self.state.zone)
        stated = next(terms.stated for terms in self.state.disputed if terms.renewal_id == id)
        # Other rules test a clock that is behind the last events.
        assume(stated is None or today >= self.state.told_on)

        def learn() -> None:
            del self.clerk.disputed[id]
            if accept:
                renew(self.clerk, table, term_to, today)
            elif stated:
                state_anew(self.clerk, stated, today, named=True, many=False)

        application, anew = ContractApplication(POLICIES, policy, self.now), stated is not None and not accept
        self.decide_and_compare(
            lambda: application.resolve_dispute(self.state, id, accept=accept), learn, after_a_correction=anew
        )

    @rule(refused=st.booleans())
    def registration_comes_or_closes(self, refused: bool) -> None:
        if refused and self.clerk.open:
            self.closed(next(iter(self.clerk.open)))
        else:
            id = UUID(int=self.next)
            self.decide_and_compare(
                lambda: on_paper(self.state, id, self.now, POLICIES),
                lambda: self.clerk.open.add(id),
            )
            assert on_paper(self.state, id, self.now, POLICIES) is None

    def closed(self, id: UUID) -> None:
        self.decide_and_compare(
            lambda: registration.close(self.state, id, self.now, POLICIES),
            lambda: self._closes(id),
        )

    def _closes(self, id: UUID) -> None:
        self.clerk.open.discard(id)
        conceded = self.clerk.conceded
        if id == self.form_registration and conceded.get("form", self.today) > self.today:
            self.clerk.cut_forms(self.today)
            if self.clerk.last_day == self.today:
                self.clerk.warned = self.today, self.today - days(1)

    @precondition(lambda self: self.clerk.open)
    @rule(ago=st.sampled_from([0, 0, 0, 1, 15, 16]), count=st.sampled_from([0, 1, 15]))
    def stamped_form_shown(self, ago: int, count: int) -> None:
        """The event comes at once or late, at an instant at which nothing else is emitted."""
        copy, on = self.form_of(ago)

        def learn() -> None:
            form = self.clerk.form_of(on, self.today, count)
            if form and not self.clerk.gave_days and self.is_of_this_term(copy):
                self.clerk.forms["copy"] = form
                self.clerk.conceded["form"], self.form_registration = form.until, copy.renewal_id
                self.clerk.warned = self.clerk.last_day, on

        self.decide_and_compare(
            lambda: registration.show_copy(self.state, copy, count, self.now, POLICIES), learn
        )
        assert registration.show_copy(self.state, copy, count, self.now, POLICIES) is None

    @precondition(lambda self: self.clerk.open)
    @rule(ago=st.sampled_from([0, 0, 0, 1, 15, 16]), count=st.sampled_from([0, 1, 15]))
    def form_signed(self, ago: int, count: int) -> None:
        form, on = self.form_of(ago)
        clerk, revision = self.clerk, self.next

        def learn() -> None:
            signed = clerk.form_of(on, self.today, count, clerk.forms.get("signed"))
            if signed and self.is_of_this_term(form):
                clerk.forms["signed"], self.form_registration = signed, form.renewal_id
                clerk.conceded["form"] = max(signed.until, clerk.conceded.get("form", signed.until))

        self.decide_and_compare(
            lambda: registration.sign_form(self.state, form, revision, count, self.now, POLICIES), learn
        )

    def form_of(self, ago: int) -> tuple[temporary_access.SentForm, date]:
        """The form of an open registration that came so many days ago, and the local day."""
        assume(civil_date(self.now, self.state.zone) >= self.state.told_on)
        at = self.now - timedelta(days=ago)
        form = temporary_access.SentForm(next(iter(self.clerk.open)), at)
        return form, civil_date(at, self.state.zone)

    def is_of_this_term(self, form: temporary_access.SentForm) -> bool:
        return self.state.renewed_at is None or form.at > self.state.renewed_at

    @rule(about=st.sampled_from([Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE]), old=st.booleans())
    def notice_delivered(self, about: Stage, old: bool) -> None:
        term = self.state.licence.expires_on - days(old)

        def learn() -> None:
            if old:
                return
            self.clerk.record_notice(about, civil_date(self.now, self.state.zone))

        notice = NoticeOnRecord(about, term, self.now)
        self.decide_and_compare(lambda: record_notice(self.state, notice, self.now, POLICIES), learn)

    @precondition(lambda self: self.clerk.named and not self.clerk.disputed and not self.state.terminated_on)
    @rule(ahead=st.integers(0, 7), noticed=st.sampled_from([True, True, True, False]))
    def all_goes_to_the_end(self, ahead: int, noticed: bool) -> None:
        """Nobody renews: open registrations are refused, and every notice arrives. The end is due."""
        for id in list(self.clerk.open):
            self.closed(id)
        from_the_start = self.clerk.full
        self.goes_on_until(self.clerk.counted_from + days(1), noticed=noticed)
        end = self.state.ends_on
        assert end is not None
        self.goes_on_until(end - days(ahead), noticed=noticed)
        self.end_released_by_two((end - self.today).days)
        released = self.state.release and self.state.release.day == end
        self.goes_on_until(end, noticed=noticed)
        if noticed and released and from_the_start:
            assert self.state.stage == Stage.TERMINATED

    def goes_on_until(self, day: date, *, noticed: bool) -> None:
        until = start_of_day(day, self.state.zone)
        while self.state.next_change_at and self.state.next_change_at <= until:
            if noticed:
                self.notice_delivered(self.state.stage, old=False)
            self.told_day_by_day_up_to_the_next_change()
        self.now = max(self.now, until)
        self.time_passes(0, 0)

    @rule(ahead=st.integers(0, 30))
    def end_released_by_two(self, ahead: int) -> None:
        day = civil_date(self.now, self.state.zone) + days(ahead)
        release = Release(day=day, plan="0" * 64, by=("a", "b"))
        due = self.state.ends_on is not None and self.state.ends_on <= day
        warned = set(self.clerk.warnings) <= {*self.state.notices}
        taken = due and warned and self.state.locked_since and not self.state.release

        def learn() -> None:
            if taken:
                self.clerk.release = day

        self.decide_and_compare(lambda: release_end(self.state, release, self.now, POLICIES), learn)

    @rule(kind=st.sampled_from(["extension", "exemption"]), left=st.none() | st.integers(0, 200))
    def conceded(self, kind: Kind, left: int | None) -> None:
        today = civil_date(self.now, self.state.zone)
        until = None if left is None else today + days(left)
        granted = Concession(until=until, reason="bão", by="a") if until else None

        def change() -> None:
            self.clerk.conceded.pop(kind, None)
            if until:
                self.clerk.conceded[kind] = until

        def learn() -> None:
            self.clerk.change_last_day(change, self.today)

        self.decide_and_compare(lambda: concede(self.state, kind, granted, self.now, POLICIES), learn)

    @rule()
    def hold_released(self) -> None:
        def learn() -> None:
            if not self.clerk.named or self.clerk.unwarned(self.clerk.day):
                self.clerk.named, self.clerk.many = True, False
                self.clerk.set_on = civil_date(self.now, self.state.zone)

        self.decide_and_compare(lambda: release_hold(self.state, self.now, POLICIES), learn)

    @precondition(lambda self: self.state.stage == Stage.TERMINATED)
    @rule(proven=st.booleans())
    def data_goes(self, proven: bool) -> None:
        context = StageContext.of(self.state, POLICIES)
        if _stands(self.state):
            return
        self.record(data.propose_deletion(self.state, "a", "hết hạn", self.now))
        if self.state.open_registrations:
            return
        self.now = max(self.now, start_of_day(context.deletion_due_on, self.state.zone))
        self.decide_and_compare(lambda: advance(self.state, self.now, POLICIES), lambda: None)
        decision = data.approve_deletion(self.state, "b", self.now, POLICIES)
        (event,) = decision.events
        assert isinstance(event, DataDeletionRequested)
        assert event.terminated_on == self.state.terminated_on
        self.record(decision)
        if proven:
            self.record(data.record_deletion(self.state, _proof(self.state, self.now), self.now, POLICIES))
        assert _stands(self.state)


def _stands(state: Subscription) -> bool:
    """Whether a deletion of the present end is proposed, requested or done."""
    deletion = state.deletion
    if deletion is None or deletion.terminated_on != state.terminated_on:
        return False
    return not deletion.cancelled or deletion.deleted_at is not None


def _proof(state: Subscription, now: datetime) -> DataDeleted:
    assert state.deletion is not None
    return DataDeleted(
        subscription_id=state.id,
        office_ref=state.office_ref,
        product_code=state.product_code,
        effective_on=civil_date(now, state.zone),
        occurred_at=now,
        recorded_at=now,
        deletion_id=state.deletion.id,
        deleted_at=now,
        proof="sha256:0",
    )


# A failure is reported as found, with the steps that reproduce it. Shrinking takes minutes, too long for a
# normal run: add Phase.shrink to investigate a failure.
History.TestCase.settings = settings(max_examples=30, stateful_step_count=30, phases=[Phase.generate])
TestHistory = History.TestCase
