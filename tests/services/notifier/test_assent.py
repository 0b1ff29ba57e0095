"""Banners and mails about a contract that the office signs before the vendor does."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.notifier.domain.matter import NoticeEvent, matter_of
from services.notifier.domain.notice import is_overtaken
from services.notifier.domain.subscription_status import SubscriptionStatus
from shared.events.base import Event
from shared.resilience.errors import NotYet, Unproven
from shared.situation import Turn
from shared.storage.documents import Provenance
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import REGISTRATION, Shelf, letter
from tests.services.notifier.handled import REGISTERED, contract_shelf, handle_all

WAITS = REGISTRATION.model_copy(update={"accepted": True, "sign_by": ex.SIGN_BY})
LATER = ex.NOON + timedelta(days=3)


class Foreign(Shelf):
    async def is_of(self, sha256: str, of: Provenance) -> bool:
        return False


@pytest.mark.parametrize(
    ("events", "turn", "sign_by"),
    [
        ([ex.contract_to_sign(sign_by=None)], Turn.VENDOR, None),
        ([ex.contract_to_sign()], Turn.ASSENT, ex.SIGN_BY),
        ([ex.contract_to_sign(), ex.contract_received()], Turn.VENDOR, None),
        (
            [ex.contract_to_sign(), ex.contract_received(), ex.contract_returned(sign_by=date(2026, 12, 20))],
            Turn.ASSENT,
            date(2026, 12, 20),
        ),
        ([ex.contract_to_sign(), ex.assented()], Turn.VENDOR, None),
        ([ex.contract_to_sign(), ex.contract_voided()], Turn.VENDOR, None),
        ([ex.contract_to_sign(), ex.contract_voided(), ex.assented()], Turn.VENDOR, None),
    ],
)
async def test_banner_says_whose_turn_it_is(events: list[Event], turn: Turn, sign_by: date | None) -> None:
    known = await handle_all([*REGISTERED, *events])
    assert (known.turn, known.sign_by) == (turn, sign_by)


async def test_contract_of_nobody_or_of_another_is_not_mailed() -> None:
    """Guards against: a forged event causes a mail with another office's contract."""
    with pytest.raises(NotYet):
        await handle_all([ex.contract_to_sign()])
    with pytest.raises(Unproven):
        await handle_all([*REGISTERED, ex.contract_to_sign()], Foreign())


@pytest.mark.parametrize(
    ("event", "title", "said"),
    [
        (
            ex.contract_to_sign(),
            "Hợp đồng gia hạn chờ đơn vị ký",
            ["chậm nhất ngày 15/12/2026", "by 15 December 2026", "12/2026/HĐ-GHS", "Ký hợp đồng"],
        ),
        (
            ex.contract_returned(),
            "Hợp đồng giấy chưa hợp lệ, cần ký lại",
            ["chưa đủ chữ ký và con dấu", "Thiếu trang 2", "15/12/2026", "stamp is missing"],
        ),
        (ex.contract_received(), "Đã nhận hợp đồng giấy", ["01/12/2026", "1 December 2026"]),
        (
            ex.contract_lapsed(),
            "Hợp đồng bị hủy vì chưa có chữ ký của đơn vị",
            ["đến hết ngày 15/12/2026", "by 15 December 2026", "Đăng ký gia hạn vẫn được giữ"],
        ),
    ],
)
async def test_letters_say_what_to_do_and_until_when(event: NoticeEvent, title: str, said: list[str]) -> None:
    written = await letter(event, WAITS, shelf=contract_shelf())
    assert written.subject.startswith(title)
    assert [words for words in said if words not in written.text] == []


async def test_contract_to_sign_is_attached() -> None:
    (attached,) = (await letter(ex.contract_to_sign(), WAITS, shelf=contract_shelf())).attachments
    assert (attached.name, attached.data) == ("hop-dong-12-2026-HD-GHS.pdf", b"%PDF")


@pytest.mark.parametrize(
    ("change", "overtaken"),
    [
        ({}, False),
        ({"sign_by": None}, True),
        ({"sign_by": date(2026, 12, 20)}, True),
        ({"issued": True}, True),
    ],
)
@pytest.mark.parametrize("event", [ex.contract_to_sign(), ex.contract_returned()])
def test_mail_that_asks_for_what_is_done_is_not_sent(
    event: NoticeEvent, change: dict[str, Any], overtaken: bool
) -> None:
    known = WAITS.model_copy(update=change)
    subscription = SubscriptionStatus(
        office_ref="office-1", product_code="qlts", renewals={ex.renewal_id(): known}
    )
    assert is_overtaken(matter_of(event), subscription, ex.NOON.date()) is overtaken


def test_contract_that_waits_again_causes_a_new_notice() -> None:
    first, second = matter_of(ex.contract_to_sign()), matter_of(ex.contract_to_sign(at=LATER))
    assert first.occasion != second.occasion
