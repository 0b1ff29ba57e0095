"""From the notice to the registration without scripts; typing errors; two people at the same time."""

from typing import Any

import pytest

from services.renewal.registration.service import RegistrationService
from shared.events.base import Stage
from shared.events.renewal import RenewalRegistered
from shared.resilience.errors import OutOfTime
from tests.services.renewal.pages.licensed import licensed
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import declared, path, promised, registered, renewer
from tests.services.renewal.stores import of_office
from tests.services.renewal.world import World
from tests.support.html import Form, Page

pytestmark = pytest.mark.usefixtures("rendered_once")


async def test_from_the_lock_screen_to_the_registration(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.LOCKED, -3)
    reader = await renewer(world, office_ref)
    notice = await reader.get(path(office_ref, "notice"))
    assert "Đã hết hạn, tạm ngừng đăng nhập" in notice.text
    form = (await reader.get(notice.links["Đăng ký gia hạn"])).form("/declare")
    assert form.fields["office.name"] == "Trường Tiểu học Kim Đồng"
    assert form.fields["office.representative"] == "Nguyễn Thị Hồng Hạnh"
    review = await declared(world, reader, office_ref)
    assert "Trần Văn Dũng" in review.text
    assert "4.800.000 đ" in review.text
    send = await reader.get(review.links["Chọn cách gửi"])
    done = await reader.followed(await reader.send(send.form("/send"), send_by="electronic"))
    assert "còn một bước: ký số" in done.text
    assert "Chưa gửi, chờ ký số" in done.text
    assert "việc đăng nhập đang tạm ngừng" in done.text
    assert "dùng lại được ngay khi phiếu được ký số" in done.text
    (made,) = await of_office(world.renewals, office_ref)
    await world.hears(RenewalRegistered, made.registration.renewal_id)
    locked = await reader.get(path(office_ref, "notice"))
    assert "Đã nhận đăng ký số GH-" in locked.text
    assert "Đăng ký gia hạn" not in locked.links


async def test_busy_page_keeps_what_was_chosen_and_registers_once(
    renewal_world: World, office_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.LOCKED, -3)
    reader = await renewer(world, office_ref)
    review = await declared(world, reader, office_ref)
    form = (await reader.get(review.links["Chọn cách gửi"])).form("/send")
    register = RegistrationService.register

    async def saved_too_late(*args: Any, **kwargs: Any) -> Any:
        await register(*args, **kwargs)
        raise OutOfTime

    monkeypatch.setattr(RegistrationService, "register", saved_too_late)
    busy = await reader.send(form, 503, send_by="electronic")
    assert busy.headers["retry-after"]
    again = Page(busy.text)
    assert "gửi lại không bị ghi nhận hai lần" in again.text
    assert "Thử lại" in again.text
    monkeypatch.undo()
    form = again.form("/send")
    assert form.fields["send_by"] == "electronic"
    done = await reader.followed(await reader.send(form))
    assert "còn một bước: ký số" in done.text
    assert len(await of_office(world.renewals, office_ref)) == 1


async def test_the_paper_way_says_where_to_post_it(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    done = await registered(renewal_world, reader, office_ref, "paper")
    photo, post = "Gửi trước ảnh phiếu đã đóng dấu", "Gửi bưu điện đến: Công ty Cổ phần Gia Hạn Số"
    assert 0 < done.text.index(photo) < done.text.index(post)
    assert "Hạn gửi ảnh phiếu đã đóng dấu: hết ngày" in done.text
    answer = await reader.client.get(done.links["Tải phiếu để in"])
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"


async def test_errors_are_listed_at_their_fields_and_typed_text_stays(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    typed = {"office__contact_phone": "12", "order__users": "mười hai", "office__name": "Trường <b>Mới</b>"}
    answer = await reader.send(form, 422, **typed, do="review")
    again = Page(answer.text)
    assert "chỗ cần sửa" in again.text
    (told,) = (link for link in again.links if link.startswith("Điện thoại: Số điện thoại chưa đúng; ghi"))
    assert again.links[told] == "#office.contact_phone"
    kept = again.form("/declare").fields
    assert kept["office.contact_phone"] == "12"
    assert kept["order.users"] == "mười hai"
    assert kept["office.name"] == "Trường <b>Mới</b>"
    assert "<b>Mới</b>" not in answer.text
    assert 'aria-describedby="office.contact_phone.wrong"' in answer.text


async def test_draft_is_saved_and_a_colleague_continues_it(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    first, second = await renewer(renewal_world, office_ref), await renewer(renewal_world, office_ref)
    form = (await first.get(path(office_ref, "declare"))).form("/declare")
    page = await first.followed(await first.send(form, do="save", office__title="Quyền Hiệu trưởng"))
    assert "Đã lưu bản nháp" in page.text
    seen = (await second.get(path(office_ref, "declare"))).form("/declare")
    assert seen.fields["office.title"] == "Quyền Hiệu trưởng"


async def test_two_people_saving_at_once_lose_nothing(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    await reader.send(form, do="save", office__title="Hiệu trưởng mới")
    answer = await reader.send(form, 409, do="save", office__title="Phó Hiệu trưởng", order__years="2")
    page = Page(answer.text)
    assert "9.600.000 đ" in page.text.replace("\u00a0", " "), "the price of what is typed here"
    assert "Người kia đã lưu: Hiệu trưởng mới" in page.text
    mine = page.form("/declare")
    assert mine.fields["office.title"] == "Phó Hiệu trưởng"
    await reader.send(mine, do="save")
    kept = (await reader.get(path(office_ref, "declare"))).form("/declare")
    assert kept.fields["office.title"] == "Phó Hiệu trưởng"


async def test_the_script_is_answered_with_the_price_as_it_will_be(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    kept = (await reader.send(form, 200, do="keep", order__users="12", order__package="standard")).json()
    assert "5.300.000\u00a0đ" in kept["quote"]
    old = (await reader.send(form, 409, do="keep")).json()
    assert "Người khác vừa lưu" in old["said"]
    await reader.send(
        Form(form.action, "post", form.fields | {"version": str(kept["version"])}), 200, do="keep"
    )


async def test_a_second_registration_must_say_that_it_replaces_the_first(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    await registered(world, reader, office_ref)
    await declared(world, reader, office_ref)
    form = (await reader.get(path(office_ref, "send"))).form("/send")
    assert "replacing" in form.names
    refused = await reader.send(form, 422, send_by="paper")
    assert "Thay đăng ký GH-" in Page(refused.text).text
    (first,) = await of_office(world.renewals, office_ref)
    id = str(first.registration.renewal_id)
    done = await reader.followed(await reader.send(form, send_by="paper", replacing=id))
    assert "Đã đăng ký, chờ đơn vị gửi phiếu đóng dấu" in done.text


async def test_the_way_of_sending_changes_and_the_number_stays(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    page = await registered(renewal_world, reader, office_ref)
    form = page.form("/sending")
    paper = await reader.followed(await reader.send(form))
    assert "Đã đổi cách gửi." in paper.text
    assert "Đã đăng ký, chờ đơn vị gửi phiếu đóng dấu" in paper.text
    assert paper.form("/sending").action == form.action


async def test_the_last_days_notice_says_what_keeps_sign_in_tomorrow(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref, days_left=0)
    reader = await renewer(renewal_world, office_ref)
    assert "rồi ký số hoặc gửi ảnh phiếu" in (await reader.get(path(office_ref, "notice"))).text
    page = await registered(renewal_world, reader, office_ref)
    assert "ngày cuối còn sử dụng được" in page.text, "earlier than the reminder"
    assert "ngay hôm nay" in (await reader.get(path(office_ref, "notice"))).text


async def test_cancelling_asks_for_a_reason(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    page = await registered(renewal_world, reader, office_ref)
    form = (await reader.get(page.links["Hủy đăng ký"])).form("/cancel")
    assert "Vui lòng ghi lý do" in (await reader.send(form, 422, reason="  ")).text
    endless = Page((await reader.send(form, 422, reason="a" * 501)).text)
    assert "Dài quá 500 ký tự" in endless.text
    assert endless.form("/cancel").fields["reason"] == "a" * 501
    gone = await reader.followed(await reader.send(form, reason="Nhầm gói"))
    assert "Đã hủy" in gone.text
    notice = await reader.get(path(office_ref, "notice"))
    assert "Tiếp tục bản nháp" in notice.links


async def test_english_is_requested_once_and_remembered(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    assert "Đăng ký gia hạn" in (await reader.get(path(office_ref, "notice"))).links
    start = await reader.client.get("/renewal?product=qlts&lang=en")
    assert start.headers["location"] == path(office_ref, "notice")
    assert "Register renewal" in (await reader.get(path(office_ref, "notice"))).links


async def test_english_is_remembered_where_the_answer_leads_to_another_page(
    renewal_world: World, office_ref: str
) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    back = await reader.client.get(path(office_ref, "review?lang=en"))
    assert (back.status_code, back.headers["location"]) == (303, path(office_ref, "declare?check=yes"))
    assert "Save draft" in (await reader.get(path(office_ref, "declare"))).text


async def test_data_recovery_is_requested_after_the_service_ended(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref, Stage.TERMINATED, -70)
    reader = await renewer(world, office_ref)
    notice = await reader.get(path(office_ref, "notice"))
    form = (await reader.get(notice.links["Đề nghị khôi phục dữ liệu"])).form("/recovery")
    assert "Vui lòng ghi nội dung đề nghị" in (await reader.send(form, 422, reason="")).text
    done = await reader.followed(await reader.send(form, reason="Sổ tài sản năm 2025"))
    assert "Đã gửi đề nghị khôi phục dữ liệu" in done.text


async def test_what_no_form_of_ours_sends_is_refused_as_a_page(renewal_world: World, office_ref: str) -> None:
    await licensed(renewal_world, office_ref)
    reader = await renewer(renewal_world, office_ref)
    form = (await reader.get(path(office_ref, "declare"))).form("/declare")
    endless = await reader.send(form, 422, office__name="a" * 2000, do="save")
    assert "Thông tin đăng ký chưa đúng" in Page(endless.text).text
    await reader.send(form, 409, do="save", version="no number", office__title="Khác")


async def test_what_was_taken_back_is_registered_again_with_what_was_declared(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    reader = await renewer(world, office_ref)
    page = await reader.get(path(office_ref, "declare"))
    await reader.send(page.form("/declare"), office__title="Hiệu trưởng", **promised(world), do="save")
    made = (await registered(world, reader, office_ref)).form("/sending").action.removesuffix("/sending")
    await reader.send((await reader.get(f"{made}/cancel")).form("/cancel"), reason="Sai chức vụ")
    page = await reader.get(path(office_ref, "declare"))
    await reader.send(page.form("/declare"), office__title="Kế toán", do="save")

    again = await reader.get((await reader.get(made)).links["Đăng ký lại"])
    assert "Sai chức vụ" in again.text
    assert "Điền lại sẽ thay nội dung của bản nháp đó" in again.text
    form = again.form("/again")
    filled = await reader.followed(await reader.send(form))
    assert filled.form("/declare").fields["office.title"] == "Hiệu trưởng"
    stale = await reader.send(form, 409)
    assert "vừa lưu bản nháp" in stale.text


async def test_desks_registration_is_marked_as_the_desks(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await licensed(world, office_ref)
    desk = await Reader.signed_in(world, world.people.clerk())
    done = await registered(world, desk, office_ref)
    assert "Nhà cung cấp, thay cho đơn vị" in done.text
    history = await (await renewer(world, office_ref)).get(f"/renewal/o/{office_ref}/history")
    assert "Nhà cung cấp, thay cho đơn vị" in history.text


async def test_a_saved_draft_is_offered_wherever_registering_is(
    renewal_world: World, office_ref: str
) -> None:
    """A draft is offered until it is registered; not one that was only prefilled, and not to a person who may
    not register."""
    world = renewal_world
    await licensed(world, office_ref, Stage.LOCKED, -3)
    reader = await renewer(world, office_ref)
    pages = [path(office_ref, "notice"), f"/renewal/o/{office_ref}/qlts", f"/renewal/o/{office_ref}"]
    page = await reader.get(path(office_ref, "declare"))
    assert not [each for each in pages if "Tiếp tục bản nháp" in (await reader.get(each)).text]
    await reader.send(page.form("/declare"), office__title="Phó Hiệu trưởng", do="save")
    for each in pages:
        offered = await reader.get(each)
        assert "Có bản nháp lưu lúc" in offered.text
        (link,) = [to for name, to in offered.links.items() if name.startswith("Tiếp tục bản nháp")]
        assert (await reader.get(link)).form("/declare").fields["office.title"] == "Phó Hiệu trưởng"
    member = await Reader.signed_in(world, world.people.member(office_ref))
    assert not [each for each in pages if "bản nháp" in (await member.get(each)).text]
    await registered(world, reader, office_ref)
    assert not [each for each in pages if "bản nháp" in (await reader.get(each)).text]
