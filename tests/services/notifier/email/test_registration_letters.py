"""The content of letters about a registration: its paper form, and its closure by the vendor."""

from datetime import date

import pytest

from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.subscription_status import RegistrationProgress
from shared.events.base import SendBy
from shared.events.paper_form import ReturnReason
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import REGISTRATION, letter

ON_PAPER = REGISTRATION.model_copy(update={"send_by": SendBy.PAPER})
CLOSED = REGISTRATION.model_copy(update={"closed": True})
CLERKS = 'Thiếu trang 2 & "dấu" <b onload=x>mờ</b>\r\nBcc: x@example.com {{ product }}'
CANCELLED = ex.cancelled(cancelled_by="desk", reason="Đơn vị đã sáp nhập")


@pytest.mark.parametrize(
    ("event", "title", "said", "button"),
    [
        (
            ex.signature_awaited(),
            "Phiếu đăng ký chưa được ký số",
            ["Sau 10 ngày làm việc", "After 10 working days", "đổi sang gửi phiếu giấy"],
            "Ký số và gửi ngay",
        ),
        (
            ex.paper_awaited(),
            "Chưa nhận được phiếu đăng ký đã đóng dấu",
            ["Sau 5 ngày làm việc", "After 5 working days", "gửi bưu điện", "không phải làm gì thêm"],
            "In phiếu để đóng dấu và gửi bưu điện",
        ),
        (
            ex.paper_received(),
            "Đã nhận phiếu giấy",
            ["01/12/2026", "1 December 2026", "Nhà cung cấp kiểm tra phiếu và lập hợp đồng"],
            "Mở trang gia hạn",
        ),
        (
            ex.paper_returned(note="Dấu đè lên chữ"),
            "Phiếu chưa hợp lệ, cần gửi lại",
            ["chưa đủ chữ ký và con dấu", "stamp is missing", "Dấu đè lên chữ", "in lại phiếu"],
            "In phiếu để đóng dấu và gửi bưu điện",
        ),
        (
            ex.copy_refused(),
            "Ảnh phiếu không được chấp nhận",
            [
                "kết thúc hết ngày 01/12/2026",
                "ends with 1 December 2026",
                "Chưa đóng dấu",
                "vẫn còn hiệu lực",
            ],
            "In phiếu để đóng dấu và gửi bưu điện",
        ),
        (
            ex.refused(),
            "Đăng ký gia hạn không được chấp nhận",
            [
                "việc dùng tạm kết thúc",
                "không chấp nhận đăng ký",
                "sai mã ngân sách",
                "did not accept your registration",
            ],
            "Đăng ký gia hạn",
        ),
        (CANCELLED, "Đăng ký gia hạn đã hủy", ["đã hủy đăng ký", "Đơn vị đã sáp nhập"], "Đăng ký gia hạn"),
    ],
)
async def test_what_happened_why_and_what_to_do(
    event: NoticeEvent, title: str, said: list[str], button: str
) -> None:
    known = CLOSED if event in (ex.refused(), CANCELLED) else ON_PAPER
    if event == ex.paper_received():
        known = ON_PAPER.model_copy(update={"paper_here": True})
    written = await letter(event, known)
    assert written.subject == f"{title} – Phần mềm Quản lý tài sản ({ex.OFFICE})"
    for form in (written.text, written.html):
        for expected in (*said, "DK-2026-000123", "Phần mềm Quản lý tài sản"):
            assert expected in form
    assert f">{button}</a>" in written.html
    assert f"{button}: " in written.text


@pytest.mark.parametrize("event", [ex.signature_awaited(), ex.registered(), ex.expiring(3), ex.locked()])
async def test_who_has_to_sign_gets_the_address_of_the_signing_page(event: NoticeEvent) -> None:
    written = await letter(event, REGISTRATION)
    page = f"https://giahan.giahanso.example/signing?renewal={ex.renewal_id()}"
    assert f"Ký số và gửi ngay: {page}\n" in written.text
    assert f'href="{page}"' in written.html


@pytest.mark.parametrize(
    ("known", "following", "button"),
    [
        (REGISTRATION, "Bước tiếp theo: Đơn vị ký số phiếu đăng ký\n", "Ký số và gửi ngay"),
        (
            REGISTRATION.model_copy(update={"signed": True}),
            "Bước tiếp theo: Nhà cung cấp kiểm tra phiếu và lập hợp đồng\n",
            "Mở trang gia hạn",
        ),
        (
            REGISTRATION.model_copy(update={"signed": True, "accepted": True, "sign_by": date(2026, 12, 20)}),
            "qua bưu điện, chậm nhất ngày 20/12/2026\n",
            "Ký hợp đồng",
        ),
    ],
)
async def test_refused_picture_asks_for_paper_only_where_paper_is_awaited(
    known: RegistrationProgress, following: str, button: str
) -> None:
    """Guards against: the office has signed, and is told to post the form."""
    written = await letter(ex.copy_refused(), known)
    assert following in written.text
    assert f">{button}</a>" in written.html
    assert "Đơn vị in phiếu" not in written.text
    assert "nhờ chữ ký số, nếu có, vẫn giữ nguyên" in written.text


@pytest.mark.parametrize("reason", ReturnReason)
async def test_every_reason_of_a_form_sent_back_has_its_words(reason: ReturnReason) -> None:
    written = await letter(ex.paper_returned(reason=reason), ON_PAPER)
    assert "Phiếu đăng ký gia hạn Phần mềm Quản lý tài sản mà đơn vị gửi chưa hợp lệ: " in written.text
    assert str(reason) not in written.text
    assert "Ghi chú" not in written.text, "no note, no row for it"


@pytest.mark.parametrize("event", [ex.paper_returned(note=CLERKS), ex.refused(reason=CLERKS)])
async def test_a_clerks_words_are_one_escaped_line_and_not_in_the_subject(event: NoticeEvent) -> None:
    written = await letter(event, ON_PAPER)
    line = 'Thiếu trang 2 & "dấu" <b onload=x>mờ</b> Bcc: x@example.com {{ product }}'
    assert f": {line}\n" in written.text
    assert "&lt;b onload=x&gt;mờ&lt;/b&gt; Bcc: x@example.com {{ product }}</td>" in written.html
    assert "<b " not in written.html
    assert "Thiếu" not in written.subject


async def test_a_long_note_is_cut() -> None:
    written = await letter(ex.paper_returned(note="dài " * 1000), ON_PAPER)
    (rows,) = [text for text in written.text.splitlines() if text.startswith("Ghi chú")]
    assert len(rows) == len("Ghi chú của nhà cung cấp: ") + 500
    assert rows.endswith("…")


@pytest.mark.parametrize("other", [REGISTRATION, REGISTRATION.model_copy(update={"issued": True})])
async def test_who_has_registered_again_is_not_asked_to_register(other: RegistrationProgress) -> None:
    written = await letter(ex.refused(), other)
    assert "đăng ký lại" not in written.text
    assert ">Mở trang gia hạn</a>" in written.html
