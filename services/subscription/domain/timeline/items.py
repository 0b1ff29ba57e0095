"""The items of a subscription's timeline, and those of them that are still to come."""

from collections.abc import Iterator
from datetime import date, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.stage import next_reminder_on
from services.subscription.domain.timeline.forecast import ExpectedStage, Need, forecast
from services.subscription.domain.timeline.texts import ItemKind, sentence, with_needs
from shared.events.base import Stage
from shared.text.i18n import Text

_DAY = timedelta(days=1)


class Item(BaseModel):
    """One item of a timeline.

    It takes effect on `on`, in the office's zone, and was recorded `at` (None: it is still to come). `who`
    changed it (`service`, `person:SUB`, `event:TYPE`); `why` is that person's reason. With `needs`, it comes
    only once these are met.
    """

    model_config = ConfigDict(frozen=True)

    on: date
    kind: ItemKind
    text: Text
    at: AwareDatetime | None = None
    who: str | None = None
    why: str = ""
    needs: tuple[Need, ...] = ()


def future_items(context: StageContext, today: date) -> list[Item]:
    """What will happen if nothing else happens, by rising date."""
    stages = list(forecast(context, today))
    moved = {one.on for one in stages if not one.needs}
    items = [
        *(_stage(one) for one in stages),
        *(item for item in _reminders(context, today) if item.on not in moved),
        *_repeated_warning(context),
        *_holds(context, today),
        *_deletion(context, stages, today),
    ]
    return sorted(items, key=lambda item: item.on)


def _stage(one: ExpectedStage) -> Item:
    if one.new is Stage.TERMINATED and one.needs:
        return Item(on=one.on, kind="end", text=with_needs(sentence("end"), one.needs), needs=one.needs)
    text = sentence("stage", old=one.old, new=one.new)
    return Item(
        on=one.on, kind="stage", text=with_needs(text, one.needs) if one.needs else text, needs=one.needs
    )


def _reminders(context: StageContext, today: date) -> Iterator[Item]:
    """The coming reminders. Of those that are past but not sent, only today's is still true."""
    after = max(context.state.told_on, today - _DAY)
    while day := next_reminder_on(context.counted_from, after, context.table):
        after = day
        if context.schedule.sends_reminders and context.stage_on(day) is Stage.EXPIRING:
            left = (context.counted_from - day).days
            yield Item(on=day, kind="reminder", text=sentence("reminder", left=left))
    if (late := context.schedule.late_reminder_on) and late > context.state.told_on:
        left = (context.counted_from - late).days
        yield Item(on=late, kind="reminder", text=sentence("reminder", left=left))


def _repeated_warning(context: StageContext) -> Iterator[Item]:
    if (day := context.schedule.warning_repeats_on) and day > context.state.told_on:
        yield Item(on=day, kind="warned_again", text=sentence("warned_again"))


def _holds(context: StageContext, today: date) -> Iterator[Item]:
    state = context.state
    day = context.schedule.hold_starts_on
    if day and day > state.told_on and (why := context.hold_on(day)):
        yield Item(on=day, kind="held", text=sentence("held", why=why))
    if state.hold and (free := state.trust.trusted_from) and free > today:
        yield Item(on=free, kind="hold_ended", text=sentence("hold_ended"))


def _deletion(context: StageContext, stages: list[ExpectedStage], today: date) -> Iterator[Item]:
    """The earliest day on which the data may be deleted, if service ends on its earliest day."""
    state = context.state
    if state.deletion and state.deletion.requested and not state.deletion.cancelled:
        return
    ended = state.terminated_on or stages[-1].on
    due = ended + timedelta(days=context.table.deletion_hold_days)
    yield Item(on=max(due, today + _DAY), kind="deletion_due", text=sentence("deletion_due"))
