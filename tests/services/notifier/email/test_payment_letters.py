"""The content of letters about a payment, in both languages, by what has happened meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from markupsafe import escape

from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.payment.progress import PaymentProgress
from services.notifier.domain.subscription_status import RegistrationProgress
from services.notifier.portal import Portal
from shared.events.base import Event
from shared.situation import Turn
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.email.letters import REGISTRATION, contact, letter, subscription, writer

PAGE = f"https://giahan.giahanso.example/registrations/{ex.renewal_id()}/transfer"
BUTTON = "Mở trang thanh toán"
HOW = ("Số tài khoản: 0123456789012", "Nội dung chuyển khoản: DK2026000123", "Transfer memo: DK2026000123")
SUM = "Số tiền: 2.400.000\u00a0đ"


def paying(issued: bool = False, closed: bool = False, **payment: Any) -> RegistrationProgress:
    known = {"payment": PaymentProgress.model_validate(payment), "issued": issued, "closed": closed}
    return REGISTRATION.model_copy(update=known)


@pytest.mark.parametrize(
    ("event", "title", "said"),
    [
        (
            pay.day_accepted(),
            "Ngày thanh toán được chấp nhận",
            [
                "chậm nhất ngày 08/12/2026",
                "sử dụng đến hết ngày 15/12/2026",
                "by 8 December 2026 at the latest",
                "gives you access through 15 December 2026",
            ],
        ),
        (
            pay.day_refused(),
            "Ngày thanh toán không được chấp nhận",
            ["đến ngày 08/12/2026", "Lý do: Ngày quá xa", "cần thanh toán ngay", "Please pay now"],
        ),
        (
            pay.day_extended(),
            "Hạn thanh toán được lùi đến ngày 29/12/2026",
            [
                "từ ngày 08/12/2026 đến ngày 29/12/2026",
                "chỉ được lùi một lần",
                "Lý do: Chờ kho bạc",
                "from 8 December 2026 to 29 December 2026",
                "can't be moved again",
            ],
        ),
        (
            pay.awaited("due"),
            "Còn 7 ngày đến hạn thanh toán",
            [*HOW, SUM, "Hạn thanh toán: 08/12/2026", "còn 7 ngày", "in 7 days", "Pay by: 8 December 2026"],
        ),
        (
            pay.awaited("overdue", 3),
            "Đã quá hạn, chưa nhận được tiền thanh toán",
            [*HOW, SUM, "là ngày 08/12/2026", "was 8 December 2026", "received no money yet"],
        ),
        (
            pay.not_seen(),
            "Chưa thấy khoản tiền đơn vị báo đã thanh toán",
            [
                *HOW,
                SUM,
                "ngày 01/12/2026, nhưng đến nay nhà cung cấp chưa thấy khoản tiền này",
                "bản chụp giấy rút dự toán hoặc ủy nhiệm chi",
                "You told us that you paid",
                "on 1 December 2026",
            ],
        ),
        (
            pay.claim_refused(),
            "Không tìm thấy khoản tiền đơn vị báo đã thanh toán",
            ["Lý do: Không có trong sao kê", "did not find it", "Nếu chưa chuyển"],
        ),
        (
            pay.received(1_000_000),
            "Đã nhận tiền thanh toán",
            [
                "đã nhận 1.000.000\u00a0đ ngày 01/12/2026",
                "Tổng số đã nhận: 1.000.000\u00a0đ trên 2.400.000\u00a0đ",
                "Còn phải thanh toán: 1.400.000\u00a0đ.",
                "received 1.000.000\u00a0đ on 1 December 2026",
                "Still to be paid: 1.400.000\u00a0đ.",
            ],
        ),
        (pay.received(), "Đã nhận tiền thanh toán", ["Đơn vị đã thanh toán đủ.", "All is paid."]),
        (
            pay.received(3_000_000),
            "Đã nhận tiền thanh toán",
            ["Số tiền chuyển thừa là 600.000\u00a0đ", "600.000\u00a0đ too much"],
        ),
        (
            pay.taken_back(refunded=True),
            "Đã hoàn tiền cho đơn vị",
            ["hoàn lại cho đơn vị 2.400.000\u00a0đ", "We gave back 2.400.000", "Lý do: Của đơn vị khác"],
        ),
        (
            pay.taken_back(),
            "Đính chính thư báo đã nhận tiền",
            [
                "Khoản 2.400.000\u00a0đ được ghi nhận nhầm",
                "Tổng số đã nhận: 0\u00a0đ trên 2.400.000\u00a0đ",
                "Lý do: Của đơn vị khác",
                "that mail was wrong",
            ],
        ),
    ],
)
async def test_what_happened_and_what_to_do(event: NoticeEvent, title: str, said: list[str]) -> None:
    written = await letter(event, paying())
    assert written.subject == f"{title} – Phần mềm Quản lý tài sản ({ex.OFFICE})"
    named = ["DK-2026-000123", "Phần mềm Quản lý tài sản", "QLTS asset management"]
    assert [words for words in (*said, *named) if words not in written.text] == []
    for row in said:
        assert escape(row.split(": ")[-1]) in written.html
    assert f"{BUTTON}: {PAGE}\n" in written.text
    assert f'href="{PAGE}"' in written.html
    assert f">{BUTTON}</a>" in written.html


@pytest.mark.parametrize("event", [pay.day_accepted(), pay.day_extended()])
async def test_office_with_a_contract_reads_no_end_of_its_access(event: NoticeEvent) -> None:
    written = await letter(event, paying(issued=True))
    assert "chưa có hiệu lực" not in written.text
    assert "gives you access" not in written.text


@pytest.mark.parametrize(
    ("known", "said", "unsaid"),
    [
        (paying(), [], ["Quyền sử dụng theo cam kết", "Hợp đồng", "đã báo thanh toán"]),
        (
            paying(access_until=pay.ACCESS_UNTIL),
            ["Quyền sử dụng theo cam kết thanh toán chỉ có đến hết ngày 15/12/2026. Hợp đồng không bị ảnh"],
            ["Hợp đồng đã có hiệu lực"],
        ),
        (
            paying(issued=True, access_until=pay.ACCESS_UNTIL),
            ["Hợp đồng đã có hiệu lực không bị ảnh hưởng.", "in force, and is not affected"],
            ["15/12/2026"],
        ),
        (
            paying(claimed_on=pay.TODAY),
            ["Đơn vị đã báo thanh toán ngày 01/12/2026, nhưng", "we have not seen the money", "bản chụp"],
            ["cần thanh toán ngay", "Please pay now"],
        ),
        (paying(claimed_on=pay.TODAY, claim_refused=True), ["cần thanh toán ngay"], ["đã báo thanh toán"]),
        (
            paying(paid=1_000_000, total=pay.TOTAL),
            ["chưa nhận đủ tiền", "Số tiền: 1.400.000\u00a0đ", "not yet received all"],
            ["chưa nhận được tiền", "2.400.000"],
        ),
    ],
)
async def test_overdue_payment_and_what_it_means(
    known: RegistrationProgress, said: list[str], unsaid: list[str]
) -> None:
    written = await letter(pay.awaited("overdue", 3), known)
    assert [words for words in said if words not in written.text] == []
    assert [words for words in unsaid if words in written.text] == []


@pytest.mark.parametrize(
    ("asked", "known", "amount"),
    [
        (2_400_000, {}, "2.400.000"),
        (2_400_000, {"paid": 400_000, "total": 2_400_000}, "2.000.000"),
        (2_000_000, {"paid": 0, "total": 2_400_000}, "2.000.000"),
    ],
)
async def test_nobody_is_asked_for_more_than_is_open(asked: int, known: dict[str, Any], amount: str) -> None:
    """Guards against: a part comes after the reminder was made, and the office pays it again."""
    written = await letter(pay.awaited("due", amount=asked), paying(**known))
    assert f"Số tiền: {amount}\u00a0đ\n" in written.text
    assert ("Phần còn lại" in written.text) is bool(known.get("paid"))


@pytest.mark.parametrize(
    ("days", "vi", "en"),
    [
        (6, "Còn 1 ngày đến hạn thanh toán", "PAYMENT IS DUE IN 1 DAY\n"),
        (7, "Hôm nay là hạn thanh toán", "PAYMENT IS DUE TODAY\n"),
    ],
)
async def test_days_are_those_that_are_left_when_it_is_sent(days: int, vi: str, en: str) -> None:
    at = ex.NOON + timedelta(days=days)
    written = await writer().write(ex.notice(pay.awaited("due")), contact(), subscription(paying()), at)
    assert written.subject.startswith(vi)
    assert en in written.text


@pytest.mark.parametrize("event", [pay.received(), pay.taken_back(refunded=True)])
async def test_money_for_a_closed_registration_asks_for_nothing(event: NoticeEvent) -> None:
    written = await letter(event, paying(closed=True))
    assert "Đăng ký này đã đóng" in written.text
    assert "Còn phải thanh toán" not in written.text
    assert PAGE not in written.text, "that page may say that nothing is known of a payment"


CLERKS = 'Sao kê & "dấu" <b onload=x>mờ</b>\r\nBcc: x@example.com {{ product }}'


@pytest.mark.parametrize(
    "event", [pay.day_refused(CLERKS), pay.day_extended(CLERKS), pay.claim_refused(CLERKS)]
)
async def test_a_clerks_words_are_one_escaped_line(event: NoticeEvent) -> None:
    written = await letter(event, paying())
    assert 'Lý do: Sao kê & "dấu" <b onload=x>mờ</b> Bcc: x@example.com {{ product }}\n' in written.text
    assert "<b " not in written.html
    assert "Sao kê" not in written.subject


def test_broken_commitment_is_told_by_the_reminder_alone() -> None:
    silent: Event = pay.commitment_broken()
    assert not isinstance(silent, NoticeEvent)


@pytest.mark.parametrize("portal", ["https://giahan.example/renewal", "https://giahan.example/renewal/"])
def test_button_leads_to_the_registrations_page_of_payments(portal: str) -> None:
    page = f"https://giahan.example/renewal/registrations/{ex.renewal_id()}/transfer"
    assert Portal(portal).page_for(Turn.PAY, ex.renewal_id(), "qlts") == page
