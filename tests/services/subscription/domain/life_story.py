"""The life of one subscription, change by change, and the timeline that is made of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from hypothesis import strategies as st

from services.subscription.domain.changes import registration, temporary_access
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.concession import concede
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import correct, release_hold, restate
from services.subscription.domain.facts import Concession, Release
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.end import release_end
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from services.subscription.domain.timeline.changes import RecordedChange, past_items
from services.subscription.domain.timeline.items import Item, future_items
from shared.events.base import Event, Stage
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    QUICK,
    contract,
    days,
    licence,
    noon,
    noticed,
    on_paper,
)

POLICIES = {**BOTH, QUICK.id: QUICK}
Decide = Callable[[Subscription], Decided | None]
Act = Callable[["Story"], Decide]


@dataclass
class Story:
    """A subscription, its changes, and its timeline."""

    state: Subscription
    today: date
    events: list[Event] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def does(self, decide: Decide, actor: str = "person:lan", reason: str = "") -> list[Item]:
        decision = decide(self.state)
        if decision is None or decision.state == self.state:
            return []
        now = noon(self.today, self.state.zone)
        change = RecordedChange(now, actor, reason, self.state, decision.state)
        self.state = decision.state
        items = list(past_items(change, POLICIES))
        self.events += decision.events
        self.items += items
        return items

    def waits(self, count: int) -> list[Item]:
        self.today += days(count)
        now = noon(self.today, self.state.zone)
        return self.does(lambda state: advance(state, now, POLICIES), "service")

    @property
    def future(self) -> list[Item]:
        return future_items(StageContext.of(self.state, POLICIES), self.today)


def story(left: int, policy: str = "r117") -> Story:
    today = ENDS - days(left)
    adopted = adopt("ngoc-ha", "qlts", licence(ENDS, policy=policy), noon(today), POLICIES)
    return Story(adopted.state, today)


def notice(about: Stage) -> Act:
    def of(it: Story) -> Decide:
        return lambda state: noticed(state, about, noon(it.today), POLICIES)

    return of


def released(it: Story) -> Decide:
    end = it.state.ends_on or it.today
    release = Release(day=max(end, it.today + days(1)), plan="ab" * 32, by=("lan", "minh"))
    return lambda state: release_end(state, release, noon(it.today), POLICIES)


def renewed(it: Story) -> Decide:
    number = len(it.state.renewals) + 1
    issued = contract(it.state.licence.expires_on, it.today + days(365), number)
    return lambda state: ContractApplication(POLICIES, "r117", noon(it.today)).apply(state, issued)


def stated(left: int) -> Act:
    def of(it: Story) -> Decide:
        changed = licence(it.today + days(left), policy=it.state.policy)
        return lambda state: restate(state, changed, noon(it.today), POLICIES)

    return of


def corrected(left: int) -> Act:
    def of(it: Story) -> Decide:
        changed = licence(it.today + days(left), policy=it.state.policy)
        return lambda state: correct(state, changed, noon(it.today), POLICIES)

    return of


def extended(count: int) -> Act:
    def of(it: Story) -> Decide:
        granted = Concession(until=it.today + days(count), reason="lũ lụt", by="lan")
        return lambda state: concede(state, "extension", granted, noon(it.today), POLICIES)

    return of


def registered(it: Story) -> Decide:
    return lambda state: on_paper(state, UUID(int=7), noon(it.today), POLICIES)


def shown(it: Story) -> Decide:
    now = noon(it.today)
    return lambda state: registration.show_copy(
        state, temporary_access.SentForm(UUID(int=7), now), 15, now, POLICIES
    )


def closed(it: Story) -> Decide:
    return lambda state: registration.close(state, UUID(int=7), noon(it.today), POLICIES)


def freed(it: Story) -> Decide:
    return lambda state: release_hold(state, noon(it.today), POLICIES)


acts = st.one_of(
    st.sampled_from([released, renewed, registered, shown, closed, freed]),
    st.builds(notice, st.sampled_from([Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE])),
    st.builds(stated, st.integers(-100, 100)),
    st.builds(corrected, st.integers(-100, 100)),
    st.builds(extended, st.integers(0, 60)),
)
waits = st.integers(0, 3) | st.sampled_from([7, 14, 30, 60, 120])
Life = list[tuple[int, Act]]
lives = st.lists(st.tuples(waits, acts), max_size=12)


def lived(left: int, policy: str, life: list[tuple[int, Act]]) -> Story:
    it = story(left, policy)
    for wait, act in life:
        it.waits(wait)
        it.does(act(it))
    return it


starts = st.integers(-120, 120)
tables = st.sampled_from(sorted(POLICIES))
