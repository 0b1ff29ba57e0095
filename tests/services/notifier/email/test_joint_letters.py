"""Letters about a form with several products name all of them, and those about one product only that one."""

import pytest

from services.notifier.domain.matter import NoticeEvent
from services.notifier.email.mime import Letter
from shared.events.renewal import RenewalCancelled
from tests.services.notifier import examples as ex
from tests.services.notifier import payment_examples as pay
from tests.services.notifier.email.letters import REGISTRATION, Shelf, letter

JOINT = REGISTRATION.model_copy(update={"joined": ("abc", "xyz")})
LEFT_OUT = ex.cancelled(cancelled_by="desk", others_no="GH-NEW")


def parts(written: Letter) -> tuple[str, str]:
    return written.text, written.html


@pytest.mark.parametrize(
    "event",
    [
        ex.signature_awaited(),
        ex.paper_received(),
        ex.paper_returned(),
        ex.copy_refused(),
        ex.refused(),
        ex.cancelled(cancelled_by="desk"),
        pay.awaited(),
        pay.received(),
        pay.taken_back(),
        pay.day_refused(),
        pay.claim_refused(),
    ],
)
async def test_a_letter_about_the_form_names_all_products(event: NoticeEvent) -> None:
    written = await letter(event, JOINT)
    assert "Phần mềm Quản lý tài sản và 2 sản phẩm khác" in written.subject
    for text in parts(written):
        for said in ("ABC", "XYZ", "Cùng phiếu đăng ký", "On the same form", "2 other products"):
            assert said in text


async def test_of_two_products_both_are_named_in_the_subject() -> None:
    written = await letter(ex.signature_awaited(), REGISTRATION.model_copy(update={"joined": ("abc",)}))
    assert "Phần mềm Quản lý tài sản và Phần mềm ABC" in written.subject


@pytest.mark.parametrize("event", [ex.restated(2, ex.LAST_DAY, ex.NEW_TERM.term_to), LEFT_OUT])
async def test_a_letter_about_one_product_names_no_other(event: NoticeEvent) -> None:
    written = await letter(event, JOINT)
    for text in (written.subject, *parts(written)):
        assert "ABC" not in text
        assert "sản phẩm khác" not in text


async def test_the_notice_of_a_joined_product_has_the_number_of_the_form() -> None:
    event = ex.restated(2, ex.LAST_DAY, ex.NEW_TERM.term_to).model_copy(update={"form_no": "GH-LEAD"})
    written = await letter(event, REGISTRATION)
    for said in ("phiếu đăng ký GH-LEAD được lập lại", "GH-LEAD/2", "DK-2026-000123"):
        assert said in written.text


async def test_letter_of_a_contract_over_several_products_names_each_with_its_term() -> None:
    shelf = Shelf()
    file = await shelf.put(b"%PDF", media_type="application/pdf", name="hop-dong.pdf")
    written = await letter(ex.issued(file, covers=(ex.covered(),)), REGISTRATION, shelf=shelf)
    assert "Phần mềm Quản lý tài sản và Phần mềm ABC" in written.subject
    for text in parts(written):
        for said in ("Cùng hợp đồng này", "In the same contract", "Gói ABC, tối đa 7 người dùng"):
            assert said in " ".join(text.split())
        assert f"{ex.NEW_TERM.term_to:%d/%m/%Y}" in text
    assert len(written.attachments) == 1
    alone = await letter(ex.issued(file), REGISTRATION, shelf=shelf)
    assert "ABC" not in alone.text


async def test_of_a_product_left_out_the_vendor_does_not_say_that_it_cancelled_all() -> None:
    assert isinstance(LEFT_OUT, RenewalCancelled)
    closed = JOINT.model_copy(update={"closed": True})
    written = await letter(LEFT_OUT, closed)
    assert written.subject.startswith("Một sản phẩm được bỏ ra khỏi phiếu đăng ký")
    for said in ("đăng ký lại với số GH-NEW", "registered again under GH-NEW", "Đăng ký gia hạn: "):
        assert said in written.text
    assert "Lý do" not in written.text
