"""Whatever happens in whatever order, the events tell one unbroken story and the state keeps its word."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.subscription.domain.access import in_force
from services.subscription.domain.changes import adopt, advance, apply_contract, correct
from services.subscription.domain.subscription import Subscription
from shared.aggregate import Decision
from shared.calendar import start_of_day
from shared.events.base import Stage
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from tests.services.subscription.examples import BOTH, FULL, HANOI, contract, licence, noon

Moved = AccessLocked | AccessRestored | SubscriptionExpiring | SubscriptionTerminated
zones = st.sampled_from([HANOI, "America/Santiago", "Pacific/Apia"])
policies = st.sampled_from(sorted(BOTH))


class History(RuleBasedStateMachine):
    """An office's fate: time passes (or the clock is set back), imports correct, contracts come."""

    state: Subscription
    today: date
    told: Stage
    contracts: int

    @initialize(left=st.integers(-150, 150), zone=zones, policy=policies)
    def taken_over(self, left: int, zone: str, policy: str) -> None:
        self.today = date(2027, 6, 15)
        self.contracts = 0
        told = licence(self.today + timedelta(days=left), zone=zone, policy=policy)
        decision = adopt("ngoc-ha", "qlts", told, noon(self.today, zone), BOTH)
        self.told = decision.state.stage
        self.keep(decision)

    @rule(days=st.integers(-3, 80))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.keep(advance(self.state, noon(self.today, self.state.zone), BOTH))

    @rule(left=st.integers(-150, 150), zone=zones, policy=policies)
    def corrected(self, left: int, zone: str, policy: str) -> None:
        told = licence(self.today + timedelta(days=left), zone=zone, policy=policy)
        self.keep(correct(self.state, told, noon(self.today, self.state.zone), BOTH))

    @rule(years=st.integers(1, 3), off=st.sampled_from([0, 0, 1]), again=st.booleans())
    def contract_comes(self, years: int, off: int, again: bool) -> None:
        self.contracts += 1
        basis = self.state.licence.expires_on - timedelta(days=off)
        came = contract(basis, basis + timedelta(days=365 * years), self.contracts)
        now = noon(self.today, self.state.zone)
        decision = apply_contract(self.state, came, now, BOTH)
        assert apply_contract(decision.state, came, now, BOTH) == Decision(decision.state)
        assert any(isinstance(e, SubscriptionRenewed) for e in decision.events) == (off == 0)
        if off:
            assert in_force(decision.state, now, BOTH).access == FULL
        self.keep(decision)

    def keep(self, decision: Decision[Subscription]) -> None:
        """Each move begins where the last one ended; only from expiring to active the record alone tells."""
        self.state = decision.state
        records = [event for event in decision.events if isinstance(event, SubscriptionRecorded)]
        for event in decision.events:
            assert event.occurred_at <= event.recorded_at
            if isinstance(event, Moved):
                assert event.old_stage == self.told
                self.told = event.new_stage
        if self.told != self.state.stage:
            assert (self.told, self.state.stage) == (Stage.EXPIRING, Stage.ACTIVE)
            assert records
            self.told = self.state.stage
        assert all((r.licence, r.stage) == (self.state.licence, self.state.stage) for r in records)

    @invariant()
    def the_next_change_lies_ahead(self) -> None:
        if hasattr(self, "state") and self.state.next_change_at:
            assert self.state.next_change_at > start_of_day(self.state.told_on, self.state.zone)

    @invariant()
    def the_stage_told_is_the_one_in_force_on_the_day_told(self) -> None:
        if hasattr(self, "state"):
            assert self.state.stage == self.state.stage_on(self.state.told_on, BOTH)


History.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestHistory = History.TestCase
