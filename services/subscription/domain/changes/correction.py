"""Corrections of a licence: by a later list of many licences, or by a named person for one."""

from datetime import datetime

from services.subscription.domain.changes.adoption import fingerprint
from services.subscription.domain.changes.order_contradiction import with_contradiction, with_kept_order
from services.subscription.domain.changes.temporary_access import follow_last_day
from services.subscription.domain.event_factory import EventFactory
from services.subscription.domain.facts import ContractTerms, DateTrust
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import SEVERITY, Policies
from services.subscription.domain.stages.progress import (
    CaughtUp,
    Decided,
    apply_change,
    catch_up,
    finalise,
    recompute,
)
from services.subscription.domain.subscription import Subscription
from shared.events.base import Stage
from shared.events.subscription import Licence
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date


def restate(
    state: Subscription,
    licence: Licence,
    now: datetime,
    policies: Policies,
    *,
    next_policy: str | None = None,
    many: bool = False,
) -> Decided:
    """Apply the row of a later list.

    The same row again changes nothing, even if a contract has extended the licence since: an old file must
    not undo a renewal.

    Nobody expected a last day of use that comes in a list. It takes access only after a week and a notice; if
    it is one of `many`, only after a named person releases it. A date that is earlier than the end of the
    contract in force doesn't count: the contract is then in dispute.

    Only the fields that changed since the last list are overwritten. What a contract or a named person
    corrected in between stays. Another package or number of users than the contract grants doesn't count: the
    desk is told.
    """
    stated = fingerprint(licence, next_policy)
    if stated == state.stated:
        return Decision(state)
    listed = state.with_(stated=stated, next_policy=next_policy, source=licence)
    new = _with_new_fields(state, licence)
    kept = with_kept_order(state, new)
    decision = _state_licence(listed, kept, now, policies, named=False, many=many)
    return with_contradiction(decision, state, new, now, policies, applied=False)


def correct(state: Subscription, licence: Licence, now: datetime, policies: Policies) -> Decided:
    """Apply a named person's correction of one licence.

    A new last day of use counts at once. But if it is earlier than the end of the contract in force, the
    contract is put in dispute first. Another package or number of users counts, and the desk is told. The
    next list overwrites only the fields that are new in that list.
    """
    corrected = state.with_(source=state.source or state.licence) if licence != state.licence else state
    decision = _state_licence(corrected, licence, now, policies, named=True, many=False)
    return with_contradiction(decision, state, licence, now, policies, applied=True)


def release_hold(state: Subscription, now: datetime, policies: Policies) -> Decided:
    """Release a held date: a named person says that it is right, or that the office knows it.

    It counts from today on.
    """
    today = civil_date(now, state.zone)
    if state.trust.named and not StageContext.of(state, policies).schedule.lacks_warning_on(today):
        return Decision(state)

    def released(before: Subscription) -> Subscription:
        return before.with_(trust=DateTrust(set_on=today, named=True, before=before.stage))

    return apply_change(state, released, now, policies)


def _with_new_fields(state: Subscription, stated: Licence) -> Licence:
    """The present licence with the fields that are new in `stated`."""
    if state.source is None:
        return stated
    before = state.source.model_dump()
    new = {field: value for field, value in stated if value != before[field]}
    return state.licence.model_copy(update=new)


def _state_licence(
    state: Subscription, licence: Licence, now: datetime, policies: Policies, *, named: bool, many: bool
) -> Decided:
    """Replace the licence. A new policy takes effect with the next term only.

    A new last day of use ends every dispute: it is how the desk's decision arrives.
    """
    licence = licence.model_copy(update={"policy": state.policy})
    beside = disputes_after(state, licence, named=named)
    if beside is not None:
        licence = licence.model_copy(update={"expires_on": state.licence.expires_on})
    changed = state.with_(licence=licence)
    if (licence.expires_on, licence.zone) == (state.licence.expires_on, state.zone):
        if beside is not None and beside != state.disputed:
            changes = {"licence": licence, "disputed": beside}
            return apply_change(state, lambda before: before.with_(**changes), now, policies)
        if licence == state.licence:
            return Decision(changed)
        factory = EventFactory(StageContext.of(changed, policies), civil_date(now, state.zone), now, now)
        return finalise(changed, (factory.recorded(),), now, policies)
    before, passed = catch_up(state, civil_date(now, state.zone), now, policies)
    changed = _with_new_date(before, licence, now, policies, named=named, many=many)
    changed = changed if beside is None else changed.with_(disputed=beside)
    after, moved = _recompute_with_reminder(before, changed, now, policies)
    factory = EventFactory(StageContext.of(after, policies), civil_date(now, licence.zone), now, now)
    return finalise(after, (*passed, factory.recorded(), *moved), now, policies)


def disputes_after(state: Subscription, licence: Licence, *, named: bool) -> tuple[ContractTerms, ...] | None:
    """The disputed contracts after `licence` was stated. None: its date doesn't contradict the contract.

    A list that still has the date from before the contract doesn't know the contract: it adds no dispute.
    """
    contract = state.contract
    if contract is None or contract.term_to != state.licence.expires_on:
        return None
    others = tuple(terms for terms in state.disputed if terms.renewal_id != contract.renewal_id)
    if licence.expires_on >= contract.term_to or (named and others != state.disputed):
        return None
    if licence.expires_on == contract.basis_expires_on and not named:
        return state.disputed
    return (*others, contract.model_copy(update={"stated": licence.expires_on}))


def _with_new_date(
    before: Subscription, licence: Licence, now: datetime, policies: Policies, *, named: bool, many: bool
) -> Subscription:
    today = civil_date(now, licence.zone)
    changed = follow_last_day(before, before.with_(licence=licence, release=None), now)
    if before.locked_since:  # in the corrected zone it may still be the day before
        changed = changed.with_(locked_since=min(before.locked_since, today))
    same_date = licence.expires_on == before.licence.expires_on
    if not same_date:
        changed = changed.with_(disputed=())
    if not named and (same_date or (before.locked_since and changed.last_day < today)):
        return changed  # trust is unchanged: the date is the same, or the lock continues
    stood = min(before.stage, Stage.EXPIRING, key=SEVERITY.__getitem__)
    changed = changed.with_(trust=DateTrust(set_on=today, named=named, before=stood), hold=None)
    if many and StageContext.of(changed, policies).hold_on(today):
        changed = changed.with_(trust=changed.trust.model_copy(update={"needs_release": True}))
    return changed


def _recompute_with_reminder(
    before: Subscription, changed: Subscription, now: datetime, policies: Policies
) -> CaughtUp:
    today = civil_date(now, changed.zone)
    after, moved = recompute(before, changed, now, policies)
    old, new = StageContext.of(before, policies), StageContext.of(after, policies)
    # The day with as many days left as on `told_on`: the reminders of the new date count from there.
    stood = new.counted_from - (old.counted_from - before.told_on)
    if before.stage == after.stage and new.schedule.reminder_falls_due(stood, today):
        moved = (EventFactory(new, today, now, now).expiring(after.stage), *moved)
    return after, moved
