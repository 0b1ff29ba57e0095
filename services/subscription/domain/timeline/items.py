"""One subscription, date by date: what is to come for it, and the items that its timeline is made of."""

from collections.abc import Iterator
from datetime import date, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.stages.stage import next_reminder_on
from services.subscription.domain.stages.standing import StageContext
from services.subscription.domain.stages.wording import AccessReason
from services.subscription.domain.timeline.forecast import Coming, Need, coming
from services.subscription.domain.timeline.words import Kind, only_if, said
from shared.events.base import Stage

_DAY = timedelta(days=1)


class Item(BaseModel):
    """It holds from `on`, in the office's zone; it was recorded `at` (None: to come), changed by `who`
    (`service`, `person:SUB`, `event:TYPE`), and a person said `why`. With `needs`, it comes only if these
    are met."""

    model_config = ConfigDict(frozen=True)

    on: date
    kind: Kind
    text: AccessReason
    at: AwareDatetime | None = None
    who: str | None = None
    why: str = ""
    needs: tuple[Need, ...] = ()


def to_come(standing: StageContext, today: date) -> list[Item]:
    """What will happen if nothing else does, by rising date."""
    stages = list(coming(standing, today))
    moved = {one.on for one in stages if not one.needs}
    items = [
        *(_stage(one) for one in stages),
        *(item for item in _reminders(standing, today) if item.on not in moved),
        *_warned_again(standing),
        *_holds(standing, today),
        *_deletion(standing, stages, today),
    ]
    return sorted(items, key=lambda item: item.on)


def _stage(one: Coming) -> Item:
    if one.new is Stage.TERMINATED and one.needs:
        return Item(on=one.on, kind="end", text=only_if(said("end"), one.needs), needs=one.needs)
    text = said("stage", old=one.old, new=one.new)
    return Item(
        on=one.on, kind="stage", text=only_if(text, one.needs) if one.needs else text, needs=one.needs
    )


def _reminders(standing: StageContext, today: date) -> Iterator[Item]:
    """Of those that were passed over unsaid only today's is still true."""
    after = max(standing.state.told_on, today - _DAY)
    while day := next_reminder_on(standing.counted_from, after, standing.table):
        after = day
        if standing.ladder.reminds and standing.stage_on(day) is Stage.EXPIRING:
            left = (standing.counted_from - day).days
            yield Item(on=day, kind="reminder", text=said("reminder", left=left))
    if (late := standing.ladder.reminds_late_on) and late > standing.state.told_on:
        left = (standing.counted_from - late).days
        yield Item(on=late, kind="reminder", text=said("reminder", left=left))


def _warned_again(standing: StageContext) -> Iterator[Item]:
    if (day := standing.ladder.warns_again_on) and day > standing.state.told_on:
        yield Item(on=day, kind="warned_again", text=said("warned_again"))


def _holds(standing: StageContext, today: date) -> Iterator[Item]:
    state = standing.state
    day = standing.ladder.hold_shows_on
    if day and day > state.told_on and (why := standing.hold_on(day)):
        yield Item(on=day, kind="held", text=said("held", why=why))
    if state.hold and (free := state.trust.free_from) and free > today:
        yield Item(on=free, kind="hold_ended", text=said("hold_ended"))


def _deletion(standing: StageContext, stages: list[Coming], today: date) -> Iterator[Item]:
    """The earliest day, given the earliest end."""
    state = standing.state
    if state.deletion and state.deletion.requested and not state.deletion.cancelled:
        return
    ended = state.terminated_on or stages[-1].on
    due = ended + timedelta(days=standing.table.deletion_hold_days)
    yield Item(on=max(due, today + _DAY), kind="deletion_due", text=said("deletion_due"))
