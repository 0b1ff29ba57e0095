"""The content of letters: for every matter, in both languages, before and after a registration."""

import re

import pytest

from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.subscription_status import RegistrationProgress
from shared.events.base import Capability, SendBy, Stage
from shared.events.order import TransferDetails
from shared.resilience.errors import MissingDocument
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import (
    REGISTRATION,
    SETTINGS,
    Shelf,
    contact,
    letter,
    subscription,
    writer,
)

STAGED = [
    (ex.expiring(30), "Sắp hết hạn: còn 30 ngày", "Expires in 30 days"),
    (ex.expiring(0), "Hôm nay là ngày sử dụng cuối cùng", "Last day of use"),
    (ex.locked(1), "Đã hết hạn, tạm ngừng đăng nhập", "Expired, sign-in suspended"),
    (ex.locked(1, access=(Capability.READ,)), "Đã hết hạn, chỉ xem được dữ liệu", "Expired, data can be"),
    (ex.locked(30), "Tạm ngừng, sẽ chấm dứt sau 30 ngày", "Suspended, ends in 30 days"),
    (ex.terminated(), "Đã chấm dứt sử dụng", "Service ended"),
]


@pytest.mark.parametrize(("event", "vi", "en"), STAGED)
async def test_vietnamese_first_and_english_below(event: NoticeEvent, vi: str, en: str) -> None:
    written = await letter(event)
    assert written.subject == f"{vi} – Phần mềm Quản lý tài sản ({ex.OFFICE})"
    for form, (first, second) in (
        (written.text, (vi.upper(), en.upper())),
        (written.html, (f">{vi}</h1>", f">{en}")),
    ):
        assert 0 <= form.index(first) < form.index(second)
    for expected in (
        "31/12/2026",
        "31 December 2026",
        ex.OFFICE,
        SETTINGS.vendor.name,
        SETTINGS.vendor.phone,
    ):
        assert expected in written.text
        assert expected in written.html
    assert "Đăng ký gia hạn" in written.html


@pytest.mark.parametrize(("event", "vi", "en"), STAGED)
@pytest.mark.parametrize(
    ("registration", "next_step", "button"),
    [
        (REGISTRATION, "đơn vị ký số phiếu đăng ký", "Ký số và gửi ngay"),
        (
            REGISTRATION.model_copy(update={"send_by": SendBy.PAPER}),
            "đơn vị gửi ảnh phiếu đăng ký đã đóng dấu",
            "In phiếu để đóng dấu và gửi bưu điện",
        ),
        (REGISTRATION.model_copy(update={"signed": True}), "nhà cung cấp kiểm tra phiếu", "Mở trang gia hạn"),
    ],
)
async def test_once_registered_nobody_is_asked_to_register(
    event: NoticeEvent, vi: str, en: str, registration: RegistrationProgress, next_step: str, button: str
) -> None:
    written = await letter(event, registration)
    unsigned = "ký số" in next_step
    if "chấm dứt sau" in vi and not unsigned:  # no title says when the service ends
        vi, en = "Tạm ngừng, đã nhận đăng ký gia hạn", "Suspended, registration received"
    assert written.subject.startswith(vi)
    assert en in written.html
    for form in (written.text, written.html):
        assert unsigned or "chấm dứt sau" not in form
        lacks_form = unsigned or ("Hôm nay" in vi and "đóng dấu" in next_step)
        assert ("Đã nhận đăng ký" in form) is not lacks_form
        assert "đăng ký DK-2026-000123" in form.replace("Đăng", "đăng")
        assert "lúc 12:00 ngày 01/12/2026" in form
        assert next_step in form or (lacks_form and "ngay hôm nay" in form)
        assert button in form
        for asking in (
            "Đăng ký gia hạn",
            "cần đăng ký",
            "nên đăng ký",
            "có thể đăng ký",
            "Register",
            "register",
        ):
            assert asking not in form


@pytest.mark.parametrize(
    ("event", "registration", "told"),
    [
        (ex.locked(1), None, True),
        (ex.locked(30), None, True),
        (ex.locked(1, access=(Capability.READ,)), None, False),
        (ex.locked(1), REGISTRATION, False),
        (ex.expiring(3), None, False),
        (ex.terminated(), None, False),
    ],
)
async def test_a_locked_office_reads_the_fastest_way_back(
    event: NoticeEvent, registration: RegistrationProgress | None, told: bool
) -> None:
    written = await letter(event, registration)
    assert ("gửi ảnh phiếu đã đóng dấu trên trang gia hạn" in written.text) is told
    assert ("upload a photo of the stamped form" in written.text) is told


@pytest.mark.parametrize("event", [ex.locked(1), ex.expiring(3), ex.terminated(), ex.refused()])
async def test_every_mail_names_the_vendors_phone_number_in_both_languages(event: NoticeEvent) -> None:
    written = await letter(event)
    for form in (written.text, written.html):
        assert f"Cần hỗ trợ: {SETTINGS.vendor.phone}" in form
        assert f"Help: {SETTINGS.vendor.phone}" in form


async def test_receipt_says_only_what_comes_next() -> None:
    written = await letter(ex.registered(), REGISTRATION)
    assert written.subject.startswith("Phiếu đăng ký chưa được ký số – ")
    assert "Đã nhận" not in written.text
    assert "Bước tiếp theo: Đơn vị ký số phiếu đăng ký\n" in written.text
    assert "từ 01/01/2027 đến hết 31/12/2027" in written.text
    signed = await letter(ex.registered(), REGISTRATION.model_copy(update={"signed": True}))
    assert signed.subject.startswith("Đã nhận đăng ký gia hạn – ")
    on_paper = REGISTRATION.model_copy(update={"send_by": SendBy.PAPER})
    paper = await letter(ex.registered(send_by=SendBy.PAPER), on_paper)
    assert "Bước tiếp theo: Đơn vị gửi ảnh phiếu đăng ký đã đóng dấu trên trang gia hạn" in paper.text


async def test_receipt_tells_how_to_pay_in_both_languages() -> None:
    transfer = TransferDetails(
        bank="Ngân hàng Ví Dụ", account="0123456789012", holder="Gia Hạn Số", amount=2_400_000,
        memo="GH7K3M9QXA", vietqr=None,
    )  # fmt: skip
    told = await letter(ex.registered().model_copy(update={"transfer": transfer}))
    for label in ("Nội dung chuyển khoản", "Transfer memo"):
        assert re.search(rf"{label}: +GH7K3M9QXA", told.text), told.text
    assert "2.400.000\u00a0đ" in told.text
    assert "0123456789012" in told.html
    assert "Nội dung chuyển khoản" not in (await letter(ex.registered())).text, "an older release told none"


@pytest.mark.parametrize(
    ("send_by", "days_left", "subject", "deadline"),
    [
        (SendBy.ELECTRONIC, 5, "Phiếu đăng ký chưa được ký số", "ký số chậm nhất ngày 31/12/2026"),
        (SendBy.ELECTRONIC, 0, "Phiếu đăng ký chưa được ký số", "ký số phiếu ngay hôm nay"),
        (SendBy.PAPER, 0, "Chưa nhận được phiếu đăng ký", "gửi ảnh phiếu đã đóng dấu ngay hôm nay"),
    ],
)
async def test_receipt_names_the_last_day_that_an_unsent_form_has(
    send_by: SendBy, days_left: int, subject: str, deadline: str
) -> None:
    """Guards against: on its last day the office reads that all is received, and is locked tomorrow."""
    known = subscription(REGISTRATION.model_copy(update={"send_by": send_by})).model_copy(
        update={"stage": Stage.EXPIRING}
    )
    notice = ex.notice(ex.registered(send_by=send_by))
    written = await writer().write(notice, contact(), known, ex.on(days_left))
    assert written.subject.startswith(subject)
    assert deadline in written.text


async def test_contract_is_attached_with_its_number_and_new_term() -> None:
    shelf = Shelf()
    ref = await shelf.put(b"%PDF sealed", media_type="application/pdf", name="Hợp đồng 12/2026.pdf")
    written = await letter(ex.issued(ref), shelf=shelf)
    (attachment,) = written.attachments
    assert (attachment.name, attachment.data) == ("hop-dong-12-2026-HD-GHS.pdf", b"%PDF sealed")
    for expected in (
        "12/2026/HĐ-GHS",
        "từ 01/01/2027 đến hết 31/12/2027",
        "1 January 2027 to 31 December 2027",
    ):
        assert expected in written.text
        assert expected in written.html


async def test_contract_that_is_not_stored_is_an_error() -> None:
    with pytest.raises(MissingDocument):
        await letter(ex.issued())


async def test_names_are_escaped_in_html_and_kept_in_text() -> None:
    name = 'Trường "A&B" <script>alert(1)</script>\r\nBcc: x@example.com'
    written = await letter(ex.locked(), name=name)
    assert "<script>" not in written.html
    assert "Trường &#34;A&amp;B&#34; &lt;script&gt;" in written.html
    assert 'Kính gửi: Trường "A&B" <script>alert(1)</script> Bcc: x@example.com' in written.text
    assert "\n" not in written.subject


async def test_nothing_is_loaded_from_elsewhere() -> None:
    written = await letter(ex.locked())
    assert "<img" not in written.html
    assert "src=" not in written.html
    assert written.html.count("http") == written.html.count(SETTINGS.portal_url)
