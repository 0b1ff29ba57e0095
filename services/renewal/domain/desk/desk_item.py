"""Work items of the desk that aren't registrations: a notice that failed, access that is held, a contract
that signing didn't seal or subscription didn't apply, because it doesn't match its registration, or a later
list that contradicts what a contract grants.

For a failed notice, the clerk calls the office. For held access, the clerk may confirm that the
date is right. The subscription service ends a hold; `is_over` finds that from the subscription's later stage
and date.
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
from shared.events.renewer import HeldDateConfirmed, NoticeGivenByDesk
from shared.events.signing import SealFailed
from shared.events.subscription import AccessHeld, ContractWithheld, OrderContradicted
from shared.storage.aggregate import Decision, State


class ItemKind(StrEnum):
    """The last three have no item of their own: a registration that needs a decision, and a dossier whose
    deletion waits for a second person, or whose legal hold is old."""

    NOTICE_FAILED = "notice_failed"
    ACCESS_HELD = "access_held"
    CONTRACT_WITHHELD = "contract_withheld"
    ORDER_CONTRADICTED = "order_contradicted"
    REGISTRATION = "registration"
    DELETION_PROPOSED = "deletion_proposed"
    HOLD_OLD = "hold_old"


class FailedNotice(Frozen):
    """A notice that didn't reach the office. `reason` is the notifier's word for its subject."""

    kind: Literal[ItemKind.NOTICE_FAILED] = ItemKind.NOTICE_FAILED
    notice_id: str
    reason: str
    outcome: Literal["refused", "unknown"]
    smtp_code: int | None
    term: date | None
    counted_from: date | None = None


class HeldAccess(Frozen):
    """Access that is held: the office keeps what `old_stage` allows. `trusted_from` is the day on which the
    hold ends by itself, if it does."""

    kind: Literal[ItemKind.ACCESS_HELD] = ItemKind.ACCESS_HELD
    old_stage: Stage
    new_stage: Stage
    reason: Literal["date_too_new", "notice_missing", "many_at_once"]
    expires_on: date
    trusted_from: date | None

    def is_over(self, stage: Stage, expires_on: date) -> bool:
        """Whether the hold is over, by the subscription's later stage and date: its date was changed, or its
        access was locked or restored. A subscription that only becomes EXPIRING meanwhile is still held."""
        runs_out = (self.old_stage, stage) == (Stage.ACTIVE, Stage.EXPIRING)
        return expires_on != self.expires_on or (stage is not self.old_stage and not runs_out)


class WithheldContractItem(Frozen):
    """A contract that the service `by` withheld, with that service's word for the `reason`. The cause is an
    error in this system, or a forgery."""

    kind: Literal[ItemKind.CONTRACT_WITHHELD] = ItemKind.CONTRACT_WITHHELD
    renewal_id: UUID
    contract_number: str
    reason: str
    by: Literal["signing", "subscription"]


class ContradictedOrder(Frozen):
    """The contract grants a package and users, and a later list or correction states others. `applied`: the
    licence has the stated ones now."""

    kind: Literal[ItemKind.ORDER_CONTRADICTED] = ItemKind.ORDER_CONTRADICTED
    renewal_id: UUID
    contract_number: str
    package: str
    users: int
    stated_package: str
    stated_users: int
    applied: bool


class ItemCompletion(Frozen):
    """How an item ended. `by` is a token's subject; None: an event ended it, and `note` is empty."""

    at: datetime
    by: str | None
    note: str


class DeskItem(State):
    """A work item. `nth` is the sequence number of the event that opened it, within its aggregate."""

    id: UUID
    subscription_id: UUID
    office_ref: str
    product_code: str
    about: Annotated[
        FailedNotice | HeldAccess | WithheldContractItem | ContradictedOrder, Field(discriminator="kind")
    ]
    opened_at: datetime
    nth: int
    done: ItemCompletion | None = None


def notice_item_id(notice_id: str) -> UUID:
    return ids.derived("desk-item", ItemKind.NOTICE_FAILED, notice_id)


def held_item_id(subscription_id: UUID) -> UUID:
    """Each subscription has one such item: a later hold replaces an earlier one."""
    return ids.derived("desk-item", ItemKind.ACCESS_HELD, subscription_id)


def withheld_item_id(renewal_id: UUID) -> UUID:
    return ids.derived("desk-item", ItemKind.CONTRACT_WITHHELD, renewal_id)


def contradicted_item_id(renewal_id: UUID) -> UUID:
    """Each contract has one such item: a later contradiction replaces an earlier one."""
    return ids.derived("desk-item", ItemKind.ORDER_CONTRADICTED, renewal_id)


def open_contradicted_order(
    item: DeskItem | None, event: OrderContradicted, sequence: int
) -> Decision[DeskItem] | None:
    """Opens the item, or opens it again for a newer event."""
    if item and item.nth >= sequence:
        return None
    fields = event.model_dump(include=set(ContradictedOrder.model_fields) - {"kind"})
    return _open(contradicted_item_id(event.renewal_id), event, ContradictedOrder(**fields), sequence)


def open_withheld_contract(
    item: DeskItem | None, event: ContractWithheld | SealFailed, sequence: int
) -> Decision[DeskItem] | None:
    """Opens one item per renewal, at the first event of either service. None where there is one already."""
    if item:
        return None
    fields = event.model_dump(include={"renewal_id", "contract_number", "reason"})
    by = {"by": "signing" if isinstance(event, SealFailed) else "subscription"}
    about = WithheldContractItem.model_validate({**fields, **by})
    return _open(withheld_item_id(event.renewal_id), event, about, sequence)


def end_withheld_contract(item: DeskItem | None, now: datetime) -> Decision[DeskItem] | None:
    """Ends the item: the withheld contract was applied after all."""
    if item is None or item.done:
        return None
    return Decision(item.model_copy(update={"done": ItemCompletion(at=now, by=None, note="")}))


def open_failed_notice(
    item: DeskItem | None, event: NoticeFailed, sequence: int
) -> Decision[DeskItem] | None:
    """Opens one item per notice. None where there is one already."""
    if item:
        return None
    fields = event.model_dump(include={"notice_id", "reason", "outcome", "smtp_code", "term", "counted_from"})
    return _open(notice_item_id(event.notice_id), event, FailedNotice(**fields), sequence)


def open_held_access(item: DeskItem | None, event: AccessHeld, sequence: int) -> Decision[DeskItem] | None:
    """Opens the item, or opens it again for a newer event."""
    if item and item.nth >= sequence:
        return None
    fields = event.model_dump(include=set(HeldAccess.model_fields) - {"kind"})
    return _open(held_item_id(event.subscription_id), event, HeldAccess(**fields), sequence)


def end_hold(
    item: DeskItem | None, stage: Stage, expires_on: date, sequence: int, now: datetime
) -> Decision[DeskItem] | None:
    """Ends a hold from before the subscription's event number `sequence`, where `stage` and `expires_on` show
    that it is over."""
    if item is None or item.done or item.nth >= sequence or not isinstance(item.about, HeldAccess):
        return None
    if not item.about.is_over(stage, expires_on):
        return None
    return Decision(item.model_copy(update={"done": ItemCompletion(at=now, by=None, note="")}))


def complete(item: DeskItem, by: str, note: str, now: datetime, today: date) -> Decision[DeskItem]:
    """A clerk has done the item; for a failed notice, the clerk has called the office. Raises RenewalError
    where it is already done."""
    after = _complete(item, by, note, now)
    if not isinstance(item.about, FailedNotice):
        return Decision(after)
    notice = item.about.model_dump(include={"notice_id", "reason", "term", "counted_from"})
    return Decision(after, (NoticeGivenByDesk(**_event_fields(item, now, today), **notice),))


def confirm_date(item: DeskItem, by: str, note: str, now: datetime, today: date) -> Decision[DeskItem]:
    """A clerk confirms the date of a held access, and the subscription service accepts it from today. Raises
    RenewalError where the item is already done or isn't about held access."""
    if not isinstance(item.about, HeldAccess):
        raise RenewalError("item-not-held")
    after = _complete(item, by, note, now)
    return Decision(
        after, (HeldDateConfirmed(**_event_fields(item, now, today), expires_on=item.about.expires_on),)
    )


def _complete(item: DeskItem, by: str, note: str, now: datetime) -> DeskItem:
    if item.done:
        raise RenewalError("item-done")
    return item.model_copy(update={"done": ItemCompletion(at=now, by=by, note=note)})


def _event_fields(item: DeskItem, now: datetime, today: date) -> dict[str, Any]:
    """The fields that every event about an item has."""
    office = item.model_dump(include={"subscription_id", "office_ref", "product_code"})
    return {**office, "effective_on": today, "occurred_at": now, "recorded_at": now}


def _open(
    id: UUID,
    event: NoticeFailed | AccessHeld | ContractWithheld | SealFailed | OrderContradicted,
    about: FailedNotice | HeldAccess | WithheldContractItem | ContradictedOrder,
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
