"""A failed notice makes one item. Held access is an item as long as it is held, whatever the events'
order."""

from datetime import date, timedelta

import pytest

from services.renewal.desk.items.item_texts import contradiction
from services.renewal.domain.desk import desk_item
from services.renewal.domain.desk.desk_item import ContradictedOrder, DeskItem, HeldAccess, ItemCompletion
from services.renewal.domain.refusal import RenewalError
from shared.events.base import Stage
from shared.events.renewer import HeldDateConfirmed, NoticeGivenByDesk
from tests.services.renewal.desk_events import (
    EXPIRED,
    access_held,
    contract_withheld,
    notice_failed,
    order_contradicted,
)
from tests.services.renewal.examples import NOW


def opened(sequence: int = 5, stage: Stage = Stage.EXPIRING) -> DeskItem:
    decision = desk_item.open_held_access(None, access_held(stage=stage), sequence)
    assert decision
    return decision.state


def ended(
    item: DeskItem, stage: Stage, sequence: int = 6, expires_on: date = EXPIRED
) -> ItemCompletion | None:
    decision = desk_item.end_hold(item, stage, expires_on, sequence, NOW)
    return decision.state.done if decision else None


def test_a_notice_is_an_item_once_and_stays_done() -> None:
    decision = desk_item.open_failed_notice(None, notice_failed(), 1)
    assert decision
    done = desk_item.complete(decision.state, "desk-1", "Đã gọi", NOW, NOW.date()).state
    assert desk_item.open_failed_notice(done, notice_failed(), 1) is None
    assert done.done == ItemCompletion(at=NOW, by="desk-1", note="Đã gọi")
    assert desk_item.end_hold(decision.state, Stage.LOCKED, EXPIRED, 9, NOW) is None


def test_completed_call_counts_as_a_notice_and_its_note_stays_private() -> None:
    """Guards against: an unknown mailbox keeps an office's access open for ever, or a bounced notice counts
    as given."""
    counted_from = date(2026, 11, 10)
    reminder = notice_failed().model_copy(update={"reason": "expiring", "counted_from": counted_from})
    opened_call = desk_item.open_failed_notice(None, reminder, 1)
    assert opened_call
    assert opened_call.events == ()
    (told,) = desk_item.complete(opened_call.state, "desk-1", "Chị Lan đã nghe máy", NOW, NOW.date()).events
    assert isinstance(told, NoticeGivenByDesk)
    assert (told.notice_id, told.reason, told.occurred_at) == ("notice-1", "expiring", NOW)
    assert told.counted_from == counted_from
    assert "Lan" not in told.model_dump_json()
    assert desk_item.complete(opened(), "desk-1", "x", NOW, NOW.date()).events == ()


def test_what_is_done_is_not_done_again() -> None:
    done = desk_item.complete(opened(), "desk-1", "x", NOW, NOW.date()).state
    with pytest.raises(RenewalError, match="item-done"):
        desk_item.complete(done, "desk-2", "y", NOW, NOW.date())


@pytest.mark.parametrize("stage", [Stage.LOCKED, Stage.FINAL_NOTICE, Stage.TERMINATED, Stage.ACTIVE])
def test_a_move_ends_a_hold(stage: Stage) -> None:
    assert ended(opened(), stage) == ItemCompletion(at=NOW, by=None, note="")


def test_a_held_date_that_is_right_is_confirmed_once() -> None:
    decision = desk_item.confirm_date(opened(), "desk-1", "Đã gọi, đơn vị biết", NOW, NOW.date())
    (told,) = decision.events
    assert isinstance(told, HeldDateConfirmed)
    assert (told.expires_on, told.occurred_at) == (EXPIRED, NOW)
    assert decision.state.done == ItemCompletion(at=NOW, by="desk-1", note="Đã gọi, đơn vị biết")
    with pytest.raises(RenewalError, match="item-done"):
        desk_item.confirm_date(decision.state, "desk-2", "x", NOW, NOW.date())


def test_only_of_a_held_access_a_date_is_confirmed() -> None:
    for decision in (
        desk_item.open_failed_notice(None, notice_failed(), 1),
        desk_item.open_withheld_contract(None, contract_withheld(), 1),
    ):
        assert decision
        with pytest.raises(RenewalError, match="item-not-held"):
            desk_item.confirm_date(decision.state, "desk-1", "x", NOW, NOW.date())


def test_another_date_ends_a_hold() -> None:
    assert ended(opened(), Stage.EXPIRING, expires_on=EXPIRED + timedelta(days=365))


@pytest.mark.parametrize(
    ("held_at", "stage"),
    [(Stage.EXPIRING, Stage.EXPIRING), (Stage.ACTIVE, Stage.EXPIRING), (Stage.LOCKED, Stage.LOCKED)],
)
def test_what_leaves_it_held_does_not_end_it(held_at: Stage, stage: Stage) -> None:
    assert ended(opened(stage=held_at), stage) is None


def test_what_came_before_the_hold_does_not_end_it() -> None:
    assert ended(opened(sequence=5), Stage.LOCKED, sequence=4) is None


def test_held_again_later_it_is_opened_again_and_an_older_telling_changes_nothing() -> None:
    done = desk_item.complete(opened(sequence=5), "desk-1", "x", NOW, NOW.date()).state
    again = desk_item.open_held_access(done, access_held(), 7)
    assert again
    assert again.state.done is None
    assert isinstance(again.state.about, HeldAccess)
    assert desk_item.open_held_access(again.state, access_held(), 6) is None


def test_a_withheld_contract_is_an_item_once_a_renewal_until_it_is_applied() -> None:
    decision = desk_item.open_withheld_contract(None, contract_withheld(), 3)
    assert decision
    assert desk_item.open_withheld_contract(decision.state, contract_withheld(), 4) is None
    over = desk_item.end_withheld_contract(decision.state, NOW)
    assert over
    assert over.state.done == ItemCompletion(at=NOW, by=None, note="")
    assert (
        desk_item.end_withheld_contract(over.state, NOW) is desk_item.end_withheld_contract(None, NOW) is None
    )


def test_a_contradicted_order_names_both_and_is_opened_again_by_a_later_one() -> None:
    decision = desk_item.open_contradicted_order(None, order_contradicted(), 3)
    assert decision
    assert isinstance(decision.state.about, ContradictedOrder)
    for text in contradiction(decision.state.about):
        assert all(said in text for said in ("000009/2026/HĐ-GH", "advanced", "30", "basic", "3"))
    assert desk_item.open_contradicted_order(decision.state, order_contradicted(), 3) is None
    done = desk_item.complete(decision.state, "desk-1", "Đã thống nhất", NOW, NOW.date())
    assert done.events == ()
    again = desk_item.open_contradicted_order(done.state, order_contradicted(applied=True), 8)
    assert again
    assert again.state.done is None
    assert isinstance(again.state.about, ContradictedOrder)
    assert contradiction(again.state.about) != contradiction(decision.state.about)
