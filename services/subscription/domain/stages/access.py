"""The gate's answer: the stage in force, what it allows, and what comes."""

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.subscription.domain.stages import wording
from services.subscription.domain.stages.policy import FULL_ACCESS, Policies
from services.subscription.domain.stages.standing import StageContext
from services.subscription.domain.stages.wording import AccessReason
from services.subscription.domain.subscription import Subscription
from shared.events.base import Capability, Stage
from shared.events.subscription import Step
from shared.situation import Contract, Facts, Situation, Turn, situation
from shared.time.calendar import civil_date

Reachable = Literal["registration", "history", "documents"]
REACHABLE: tuple[Reachable, ...] = ("registration", "history", "documents")
"""What there is a page for."""


class InForce(BaseModel):
    """What an office may do now. An empty `access` closes the product, not what is `reachable`.

    `steps` are the expected stages to come, `valid_until` the instant of the first, None if none is; a
    renewal or a correction can change the answer earlier. `ends_on` is the date from which service may
    end unless renewed before; `temporary_until` the last day of temporary access, while that is what keeps
    the product open. Neither day count is ever negative. `package`, `users` and `storage_gb` are paid for
    (storage null: what the package includes).
    """

    model_config = ConfigDict(frozen=True)

    product_code: str
    subscription_id: str
    stage: Stage
    access: tuple[Capability, ...]
    days_left: int
    days_overdue: int
    expires_on: date
    ends_on: date
    temporary_until: date | None
    valid_until: AwareDatetime | None
    reason: AccessReason
    reachable: tuple[Reachable, ...]
    steps: tuple[Step, ...]
    package: str
    users: int
    storage_gb: int | None


def in_force(state: Subscription, now: datetime, policies: Policies) -> InForce:
    """Computed for the moment of asking, whether or not the schedule has been there yet."""
    standing, today = StageContext.of(state, policies), civil_date(now, state.zone)
    return _answer(standing, today, standing.steps(today))


def last_recorded(state: Subscription, now: datetime, policies: Policies) -> InForce:
    """The last decision that was recorded: for when no clock can be trusted to tighten access. It names
    no steps, because whoever asks may go by the same wrong clock."""
    return _answer(StageContext.of(state, policies), min(state.told_on, civil_date(now, state.zone)), ())


def _answer(standing: StageContext, today: date, steps: tuple[Step, ...]) -> InForce:
    state, table = standing.state, standing.table
    stage, told = standing.stage_on(today), situation_on(standing, today)
    overdue = -told.days_left
    return InForce(
        product_code=state.product_code,
        subscription_id=str(state.id),
        stage=stage,
        access=table.access(stage),
        days_left=max(told.days_left, 0),
        days_overdue=0 if table.row(stage).access == FULL_ACCESS else max(overdue, 0),
        expires_on=state.licence.expires_on,
        ends_on=state.terminated_on or standing.ends_from(today),
        temporary_until=told.temporary_until,
        valid_until=steps[0].starts_at if steps else None,
        reason=wording.reason(told),
        reachable=REACHABLE,
        steps=steps,
        **standing.entitled._asdict(),
    )


def situation_on(standing: StageContext, today: date) -> Situation:
    return situation(_facts(standing, standing.stage_on(today), today), today)


def _facts(standing: StageContext, stage: Stage, today: date) -> Facts:
    state = standing.state
    turn, sign_by = _turn(state)
    return Facts(
        stage=stage,
        access=standing.table.access(stage),
        expires_on=state.licence.expires_on,
        counted_from=standing.counted_from,
        temporary_until=state.temporary_until,
        ends_on=standing.ends_on,
        end_notice_days=standing.end_notice_days,
        deletion_due_on=standing.deletion_due_on,
        deleted_on=standing.deleted_on if stage is Stage.TERMINATED else None,
        held=standing.held if state.trust.held_on(today) else None,
        contract=_contract(state),
        registration=turn,
        sign_by=sign_by,
    )


def _contract(state: Subscription) -> Contract | None:
    if state.disputed:
        return Contract.DISPUTED
    given = state.contract
    stands = given is not None and given.basis_expires_on == state.licence.expires_on
    return Contract.PENDING if stands else None


def _turn(state: Subscription) -> tuple[Turn | None, date | None]:
    """Of the registration that was told of last, and up to when the office signs its contract."""
    known = [
        (str(one.told_at), turn, one.sign_by)
        for id, one in state.registrations.items()
        if id not in state.renewals and (turn := one.turn)
    ]
    if known:
        _, turn, sign_by = max(known, key=lambda one: one[:2])
        return turn, sign_by
    return (Turn.VENDOR if state.open_registrations else None), None
