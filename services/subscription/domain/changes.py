"""What happens to a subscription: taken over, corrected, moved on by the calendar, renewed."""

from datetime import date, datetime
from hashlib import sha256

from services.subscription.domain.policy import SEVERITY, Policies
from services.subscription.domain.stage import calendar_stage, reminder_due, stages_begun
from services.subscription.domain.subscription import DisputedContract, Subscription
from services.subscription.domain.telling import Telling
from shared.aggregate import Decision
from shared.calendar import civil_date
from shared.events.base import Event, Stage
from shared.events.signing import ContractIssued
from shared.events.subscription import Licence
from shared.ids import subscription_id

Decided = Decision[Subscription]


def adopt(office_ref: str, product_code: str, licence: Licence, now: datetime, policies: Policies) -> Decided:
    """Take over a licence at its present stage, at most the last warning. Nothing is told of before."""
    today = civil_date(now, licence.zone)
    state = Subscription(
        id=subscription_id(office_ref, product_code),
        office_ref=office_ref,
        product_code=product_code,
        licence=licence,
        next_policy=licence.policy,
        stated=_fingerprint(licence),
        stage=Stage.ACTIVE,
        told_on=today,
    )
    state = _entered(state, today, policies)
    tell = Telling(state, policies, today, now, now)
    return Decision(state, (tell.recorded(), tell.adopted()))


def correct(state: Subscription, licence: Licence, now: datetime, policies: Policies) -> Decided:
    """A later import states the licence. The row of the last import again changes nothing, even if a
    contract has moved the licence on since: an old file must not take a renewal back.

    Another policy takes effect with the next term. Another last day of use counts at once, and ends
    what was in dispute: it is how the desk's decision arrives.
    """
    if _fingerprint(licence) == state.stated:
        return Decision(state)
    stated = licence.model_copy(update={"policy": state.policy})
    corrected = state.with_(licence=stated, next_policy=licence.policy, stated=_fingerprint(licence))
    if (stated.expires_on, stated.zone) != (state.licence.expires_on, state.zone):
        return _counted_anew(state, corrected, now, policies)
    if stated == state.licence:
        return Decision(corrected)
    tell = Telling(corrected, policies, civil_date(now, state.zone), now, now)
    return Decision(corrected, (tell.recorded(),))


def advance(state: Subscription, now: datetime, policies: Policies) -> Decided:
    """Tell what the calendar brought since `told_on`: every stage passed over, in order, with the date
    on which it took effect; of the reminders passed over one, with the days that are left today."""
    today = civil_date(now, state.zone)
    after, events = _told_stages(state, today, now, policies)
    just_moved = any(event.effective_on == today for event in events)
    if not just_moved and _to_remind(after, state.told_on, today, policies):
        events += (Telling.late(after, policies, today, now).expiring(after.stage),)
    return Decision(after, events)


def apply_contract(
    state: Subscription, contract: ContractIssued, now: datetime, policies: Policies
) -> Decided:
    """Extend the term by a contract in force; the same renewal again changes nothing.

    A contract computed from an expiry that no longer stands goes to the desk, with full access
    until the desk has decided.
    """
    if contract.renewal_id in state.renewals:
        return Decision(state)
    today = civil_date(now, state.zone)
    before, passed = _told_stages(state, today, now, policies)
    before = before.with_(renewals=(*state.renewals, contract.renewal_id))
    if contract.term.basis_expires_on != state.licence.expires_on:
        disputed = before.with_(disputed=(*state.disputed, _disputed(contract)))
        after = disputed.told(disputed.stage_on(before.told_on, policies), before.told_on, policies)
        return Decision(after, passed + _moved(before, after, today, now, policies))
    renewed = _with_new_term(before, contract)
    after = renewed.told(renewed.stage_on(today, policies), today, policies)
    tell = Telling(after, policies, today, now, now)
    moved = _moved(before, after, today, now, policies)
    return Decision(after, (*passed, tell.renewed(contract, before.stage), *moved, tell.recorded()))


def _fingerprint(licence: Licence) -> str:
    return sha256(licence.model_dump_json().encode()).hexdigest()


def _told_stages(
    state: Subscription, today: date, now: datetime, policies: Policies
) -> tuple[Subscription, tuple[Event, ...]]:
    """Tell the stages begun since `told_on`. A clock that went back tells nothing, and nothing twice."""
    events: tuple[Event, ...] = ()
    stage = state.stage
    for day in stages_begun(state.counted_from, state.told_on, today, state.table(policies)):
        old, stage = stage, state.stage_on(day, policies)
        if old != stage:
            events += Telling.late(state, policies, day, now).moved(old, stage)
    return state.told(stage, max(state.told_on, today), policies), events


def _counted_anew(state: Subscription, corrected: Subscription, now: datetime, policies: Policies) -> Decided:
    before, passed = _told_stages(state, civil_date(now, state.zone), now, policies)
    today = civil_date(now, corrected.zone)
    same_day = corrected.licence.expires_on == state.licence.expires_on
    disputed = state.disputed if same_day else ()
    after = _entered(corrected.with_(stage=before.stage, disputed=disputed), today, policies)
    tell = Telling(after, policies, today, now, now)
    moved = _moved(before, after, today, now, policies)
    # As many days left as when the office was last told: from there the new calendar's reminders count.
    stood = after.counted_from - (before.counted_from - state.told_on)
    if before.stage == after.stage and _to_remind(after, stood, today, policies):
        moved = (tell.expiring(after.stage),)
    return Decision(after, (*passed, tell.recorded(), *moved))


def _to_remind(state: Subscription, since: date, today: date, policies: Policies) -> bool:
    reminded = state.stage is Stage.EXPIRING and not state.disputed
    return reminded and reminder_due(state.counted_from, since, today, policies[state.policy])


def _entered(state: Subscription, today: date, policies: Policies) -> Subscription:
    """At the stage in force today, entered by a stated date and not by the calendar's going on.

    Whoever comes into the last warning this way, or would be past it, gets the whole of it: no service
    ends without notice because of a date in a file.
    """
    policy = policies[state.policy]
    stage = calendar_stage(state.counted_from, today, policy)
    if SEVERITY[stage] < SEVERITY[policy.last_warning]:
        state = state.with_(terminates_from=None)
    elif not (state.stage is stage is Stage.TERMINATED or _being_warned(state, policies)):
        state = state.with_(terminates_from=today + policy.warning_lasts)
    return state.told(state.stage_on(today, policies), today, policies)


def _being_warned(state: Subscription, policies: Policies) -> bool:
    return state.terminates_from is not None and state.stage == policies[state.policy].last_warning


def _moved(
    before: Subscription, after: Subscription, today: date, now: datetime, policies: Policies
) -> tuple[Event, ...]:
    if before.stage == after.stage:
        return ()
    return Telling(after, policies, today, now, now).moved(before.stage, after.stage)


def _with_new_term(state: Subscription, contract: ContractIssued) -> Subscription:
    licence = state.licence.model_copy(
        update={
            "expires_on": contract.term.term_to,
            "package": contract.package,
            "users": contract.users,
            "policy": state.next_policy,
        }
    )
    return state.with_(licence=licence, temporary_until=None, extended_until=None, terminates_from=None)


def _disputed(contract: ContractIssued) -> DisputedContract:
    return DisputedContract(
        renewal_id=contract.renewal_id,
        contract_number=contract.contract_number,
        basis_expires_on=contract.term.basis_expires_on,
        term_from=contract.term.term_from,
        term_to=contract.term.term_to,
        package=contract.package,
        users=contract.users,
    )
