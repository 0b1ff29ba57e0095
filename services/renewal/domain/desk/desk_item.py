"""What needs a person though no registration waits for a decision: a bounced notice, access that is held,
a contract that got no seal, or gave nothing, because it doesn't agree with its registration.

A bounced notice is the clerk's to tell the office, by telephone. Of a held access the clerk may say that its
date is right. It ends by what the subscription service decides; `is_over` reads that from where the
subscription stands since.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import RenewalError
from shared import ids
from shared.events.base import Stage
from shared.events.notifier import NoticeFailed
from shared.events.renewal import HeldDateConfirmed, NoticeGivenByDesk
from shared.events.signing import SealFailed
from shared.events.subscription import AccessHeld, ContractWithheld
from shared.storage.aggregate import Decision, State


class ItemKind(StrEnum):
    """REGISTRATION is a registration that says itself why a person must look; it is no item of its own."""

    NOTICE_FAILED = "notice_failed"
    ACCESS_HELD = "access_held"
    CONTRACT_WITHHELD = "contract_withheld"
    REGISTRATION = "registration"


class FailedNotice(Frozen):
    """`reason` is what the office should have been told, in the notifier's word."""

    kind: Literal[ItemKind.NOTICE_FAILED] = ItemKind.NOTICE_FAILED
    notice_id: str
    reason: str
    outcome: Literal["refused", "unknown"]
    smtp_code: int | None
    term: date | None
    counted_from: date | None = None


class HeldAccess(Frozen):
    """The office keeps what `old_stage` allows. `trusted_from`: when that ends by itself, where it does."""

    kind: Literal[ItemKind.ACCESS_HELD] = ItemKind.ACCESS_HELD
    old_stage: Stage
    new_stage: Stage
    reason: Literal["date_too_new", "notice_missing", "many_at_once"]
    expires_on: date
    trusted_from: date | None

    def is_over(self, stage: Stage, expires_on: date) -> bool:
        """Whether a subscription that stands there later is no longer held: the date was another, or access
        was taken or given back. One that runs out meanwhile is held on."""
        runs_out = (self.old_stage, stage) == (Stage.ACTIVE, Stage.EXPIRING)
        return expires_on != self.expires_on or (stage is not self.old_stage and not runs_out)


class WithheldContract(Frozen):
    """`by` which service, for which `reason` in its word. A fault of ours, or somebody's forgery."""

    kind: Literal[ItemKind.CONTRACT_WITHHELD] = ItemKind.CONTRACT_WITHHELD
    renewal_id: UUID
    contract_number: str
    reason: str
    by: Literal["signing", "subscription"]


class Done(Frozen):
    """`by` is a token's subject; None: an event ended it, and `note` is empty."""

    at: datetime
    by: str | None
    note: str


class DeskItem(State):
    """`nth` is the place of the event that opened it among its aggregate's."""

    id: UUID
    subscription_id: UUID
    office_ref: str
    product_code: str
    about: Annotated[FailedNotice | HeldAccess | WithheldContract, Field(discriminator="kind")]
    opened_at: datetime
    nth: int
    done: Done | None = None


def notice_item(notice_id: str) -> UUID:
    return ids.derived("desk-item", ItemKind.NOTICE_FAILED, notice_id)


def held_item(subscription_id: UUID) -> UUID:
    """One a subscription: what is held later takes the earlier one's place."""
    return ids.derived("desk-item", ItemKind.ACCESS_HELD, subscription_id)


def withheld_item(renewal_id: UUID) -> UUID:
    return ids.derived("desk-item", ItemKind.CONTRACT_WITHHELD, renewal_id)


def withheld(
    item: DeskItem | None, event: ContractWithheld | SealFailed, sequence: int
) -> Decision[DeskItem] | None:
    """Opened once a renewal, whichever service tells it first."""
    if item:
        return None
    told = event.model_dump(include={"renewal_id", "contract_number", "reason"})
    by = {"by": "signing" if isinstance(event, SealFailed) else "subscription"}
    about = WithheldContract.model_validate({**told, **by})
    return _opened(withheld_item(event.renewal_id), event, about, sequence)


def applied(item: DeskItem | None, now: datetime) -> Decision[DeskItem] | None:
    """The contract that was withheld is applied after all."""
    if item is None or item.done:
        return None
    return Decision(item.model_copy(update={"done": Done(at=now, by=None, note="")}))


def bounced(item: DeskItem | None, event: NoticeFailed, sequence: int) -> Decision[DeskItem] | None:
    """Opened once a notice."""
    if item:
        return None
    told = event.model_dump(include={"notice_id", "reason", "outcome", "smtp_code", "term", "counted_from"})
    return _opened(notice_item(event.notice_id), event, FailedNotice(**told), sequence)


def held(item: DeskItem | None, event: AccessHeld, sequence: int) -> Decision[DeskItem] | None:
    """Opened, or opened again, by the newest."""
    if item and item.nth >= sequence:
        return None
    told = event.model_dump(include=set(HeldAccess.model_fields) - {"kind"})
    return _opened(held_item(event.subscription_id), event, HeldAccess(**told), sequence)


def ended(
    item: DeskItem | None, stage: Stage, expires_on: date, sequence: int, now: datetime
) -> Decision[DeskItem] | None:
    """What an event, the subscription's `sequence`-th, says of where it stands ends what was held before."""
    if item is None or item.done or item.nth >= sequence or not isinstance(item.about, HeldAccess):
        return None
    if not item.about.is_over(stage, expires_on):
        return None
    return Decision(item.model_copy(update={"done": Done(at=now, by=None, note="")}))


def done(item: DeskItem, by: str, note: str, now: datetime, today: date) -> Decision[DeskItem]:
    """A clerk did it; of a notice that failed, told the office. Raises Refused where it is done already."""
    after = _done(item, by, note, now)
    if not isinstance(item.about, FailedNotice):
        return Decision(after)
    notice = item.about.model_dump(include={"notice_id", "reason", "term", "counted_from"})
    return Decision(after, (NoticeGivenByDesk(**_of(item, now, today), **notice),))


def confirmed(item: DeskItem, by: str, note: str, now: datetime, today: date) -> Decision[DeskItem]:
    """The date of a held access is right: the subscription service lets it count from today. Raises Refused
    where the item is done already, or no access is held."""
    if not isinstance(item.about, HeldAccess):
        raise RenewalError("item-not-held")
    after = _done(item, by, note, now)
    return Decision(after, (HeldDateConfirmed(**_of(item, now, today), expires_on=item.about.expires_on),))


def _done(item: DeskItem, by: str, note: str, now: datetime) -> DeskItem:
    if item.done:
        raise RenewalError("item-done")
    return item.model_copy(update={"done": Done(at=now, by=by, note=note)})


def _of(item: DeskItem, now: datetime, today: date) -> dict[str, Any]:
    """What every event of an item names."""
    office = item.model_dump(include={"subscription_id", "office_ref", "product_code"})
    return {**office, "effective_on": today, "occurred_at": now, "recorded_at": now}


def _opened(
    id: UUID,
    event: NoticeFailed | AccessHeld | ContractWithheld | SealFailed,
    about: FailedNotice | HeldAccess | WithheldContract,
    sequence: int,
) -> Decision[DeskItem]:
    return Decision(
        DeskItem(
            id=id,
            subscription_id=event.subscription_id,
            office_ref=event.office_ref,
            product_code=event.product_code,
            about=about,
            opened_at=event.occurred_at,
            nth=sequence,
        )
    )
