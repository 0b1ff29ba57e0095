"""The signing page in a real Chromium, with a tool that answers as each test says."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.domain.form import FormStatus
from services.signing.pages.site import CATALOGUE
from services.signing.texts import CAUTIONS, REASONS
from shared.events.base import SendBy
from shared.events.signing import FormSigned
from shared.ids import fresh
from tests.services.signing.conftest import SignIn
from tests.services.signing.images import RED, columns_of, drawn, seal_png
from tests.services.signing.offices import Office
from tests.services.signing.paper import issued
from tests.services.signing.reports.papers import paper
from tests.services.signing.service import World
from tests.services.signing.signatures.pages.conftest import OpenPage, said
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signer import signed_elsewhere
from tests.support.browser import WIDTHS, page_problems

expect.set_options(timeout=60_000)
BUTTON = CATALOGUE.both("start.button").vi
SIGNER = "Người ký: Sở Tài chính tỉnh Hà Giang."


@pytest.fixture(scope="module")
def other(pki: Pki) -> Credential:
    return pki.credential("page-other", Holder("Đơn vị khác", ("MST:0100686209",)))


async def test_form_is_signed_by_one_click(open_page: OpenPage, signing: World, office: Credential) -> None:
    """The certificate with the office's code is chosen by itself."""
    renewal = await signing.form()
    tool = FakeTool([office], paired=False)
    page = await open_page(renewal, tool)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    await expect(page.get_by_role("status")).to_contain_text(SIGNER)
    event = await signing.wait_for(FormSigned, renewal)
    assert event.certificate.fingerprint == office.fingerprint
    (asked,) = tool.asked
    assert tool.paired
    assert (asked["document"]["number"], asked["document"]["sha256"]) == ("GH-0001", event.issued_form)
    await page.reload()
    await expect(page.get_by_role("status")).to_contain_text("GH-0001")
    await expect(page.get_by_text(said("state.next_contract"))).to_be_visible()


async def test_a_foreign_certificate_is_never_chosen_by_itself(
    open_page: OpenPage, signing: World, other: Credential, pki: Pki
) -> None:
    stranger = pki.credential("page-stranger", Holder("Không ai biết"), trusted=False)
    renewal = await signing.form()
    page = await open_page(renewal, FakeTool([stranger, other]))
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("radio")).to_have_count(2)
    unknown, foreign = await page.get_by_role("radio").all()
    await expect(unknown).to_be_disabled()
    await expect(foreign).not_to_be_checked()
    await expect(page.get_by_text("Chứng thư số không do tổ chức chứng thực")).to_be_visible()
    await foreign.check()
    await page.get_by_role("button", name=said("step.choose_button")).click()
    await expect(page.get_by_text(said("state.next_review"))).to_contain_text(CAUTIONS["needs_review"].vi)
    assert (await signing.wait_for(FormSigned, renewal)).certificate.match == "review"


async def test_of_several_certificates_of_the_office_the_person_chooses(
    open_page: OpenPage, signing: World, office: Credential, other: Credential, pki: Pki
) -> None:
    second = pki.credential("page-second", Holder("Sở Tài chính, dự phòng", ("MNS:1047665",)), kind="p256")
    tool = FakeTool([other, office, second])
    page = await open_page(await signing.form(), tool)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("radio").nth(1)).to_be_checked()
    await page.get_by_role("radio").nth(2).check()
    await page.get_by_role("button", name=said("step.choose_button")).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    assert tool.asked[0]["certificate"] == second.fingerprint


FAILURES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("/pairing", {"code": "pairing_refused"}, ["pairing_refused"]),
    ("/pairing", {"code": "asked_too_often"}, ["asked_too_often"]),
    ("/certificates", {"code": "no_token"}, ["no_token"]),
    ("/certificates", {"code": "no_module"}, ["no_module"]),
    ("/signatures", {"code": "pin_wrong", "pin": {"low": True}}, ["pin_wrong"]),
    ("/signatures", {"code": "pin_wrong", "pin": {"final_try": True}}, ["pin_wrong", "pin_final_try"]),
    ("/signatures", {"code": "pin_locked"}, ["pin_locked"]),
    ("/signatures", {"code": "cancelled"}, ["cancelled"]),
    ("/signatures", {"code": "busy"}, ["busy"]),
    ("/signatures", {"code": "token_error"}, ["token_error"]),
]


async def test_each_failure_has_its_words_and_the_last_try_succeeds(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    renewal = await signing.form()
    tool = FakeTool([office], paired=False)
    page = await open_page(renewal, tool)
    again = page.get_by_role("button", name=BUTTON)
    for path, error, texts in FAILURES:
        tool.refuses = {path: error}
        await again.click()
        for text in texts:
            await expect(page.get_by_text(said(f"failure.{text}"))).to_be_visible()
        assert await page.locator("[data-failure]:visible").count() == len(texts)
        again = page.get_by_role("button", name=said("step.again"))
    form = await signing.forms.get(renewal)
    assert form
    assert form.status is FormStatus.AWAITING
    tool.refuses.clear()
    await again.click()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()


async def test_person_who_waits_for_the_tool_can_stop_and_begin_again(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    tool = FakeTool([office], silent={"/signatures"})
    page = await open_page(await signing.form(), tool)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("heading", name=said("step.confirming"))).to_be_visible()
    await page.locator("[data-step=confirming]").get_by_role("button", name=said("step.stop")).click()
    tool.silent.clear()
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Phiếu GH-0001 đã ký số")


async def test_images_that_the_person_gives_are_on_the_stamp(
    open_page: OpenPage, signing: World, office: Credential, tmp_path: Path
) -> None:
    """One that can't be used is refused in words, and the person gives another."""
    renewal = await signing.form()
    page = await open_page(renewal, FakeTool([office]))
    await page.get_by_text(said("stamp.title")).click()
    file = tmp_path / "seal.png"
    file.write_bytes(b"no PNG")
    await page.set_input_files("[id='stamp.seal']", file)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_text("hình con dấu không dùng được")).to_be_visible()
    file.write_bytes(seal_png())
    await page.set_input_files("[id='stamp.seal']", file)
    await page.get_by_role("button", name=said("step.again")).click()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()
    await expect(page.get_by_text(said("state.next_look"))).to_be_visible()
    event = await signing.wait_for(FormSigned, renewal)
    assert columns_of(drawn(await signing.signing.documents.get(event.signed_form.sha256)), RED)


async def test_wild_code_of_a_tool_ends_in_words_too(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    tool = FakeTool([office], refuses={"/certificates": {"code": 'x"]', "message": "no pair"}})
    page = await open_page(await signing.form(), tool)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("heading", name=said("failure.title"))).to_be_visible()
    await expect(page.get_by_role("button", name=said("step.again"))).to_be_visible()


async def test_form_signed_in_another_window_meanwhile_is_shown(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    renewal = await signing.form()
    page = await open_page(renewal, FakeTool([office]))
    elsewhere = Office(signing, renewal)
    await elsewhere.answer(office, await elsewhere.begin(office))
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()


async def test_error_of_a_newer_tool_is_shown_in_its_words(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    message = {"vi": "Thiết bị cần cập nhật", "en": "The token needs an update"}
    tool = FakeTool([office], refuses={"/signatures": {"code": "token_stale", "message": message}})
    page = await open_page(await signing.form(), tool, language="en")
    await page.get_by_role("button", name=said("start.button", "en")).click()
    await expect(page.get_by_text(message["en"])).to_be_visible()


async def test_wrong_signature_is_refused_in_words(
    open_page: OpenPage, signing: World, office: Credential, other: Credential
) -> None:
    """The tool signs with another key than that of the certificate."""
    tool = FakeTool([office])
    tool.key_of = other
    page = await open_page(await signing.form(), tool)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_text("Chữ ký số không khớp với văn bản")).to_be_visible()


async def test_no_tool_leads_to_the_other_ways(open_page: OpenPage, signing: World) -> None:
    page = await open_page(await signing.form())
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("heading", name=said("step.none"))).to_be_focused()
    paper = page.get_by_role("link", name=said("ways.paper"))
    await page.locator("[data-step=none]").get_by_role("link", name=said("ways.title")).click()
    await expect(page.get_by_role("link", name=said("ways.upload"))).to_be_in_viewport()
    assert "/registrations/" in (await paper.get_attribute("href") or "")


async def test_what_is_not_set_is_not_offered(open_page: OpenPage, signing: World) -> None:
    renewal = await signing.form()
    page = await open_page(renewal)
    answer = await page.reload()
    assert answer
    assert "ws://localhost" not in answer.headers["content-security-policy"]
    assert await page.locator("#phone, [data-kyso]").count() == 0
    api = f"/signing/api/forms/{renewal}"
    statuses = [(await page.context.request.get(path)).status for path in (api, f"{api}/remote")]
    assert statuses == [200, 404]


async def test_tool_of_another_protocol_must_be_updated(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    page = await open_page(await signing.form(), FakeTool([office], protocol=2))
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("heading", name=said("step.outdated"))).to_be_visible()


async def test_session_that_ended_meanwhile_is_said(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    page = await open_page(await signing.form(), FakeTool([office]))
    await page.context.clear_cookies()
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_text(said("failure.signed_out"))).to_be_visible()
    await expect(page.get_by_role("button", name=said("step.reload"))).to_be_visible()


async def test_file_signed_elsewhere_is_uploaded_on_the_page(
    open_page: OpenPage, signing: World, office: Credential, tmp_path: Path
) -> None:
    """A file that isn't signed, and one of another registration, are refused in words first; then the signed
    one is sent. The refusal is on the screen."""
    renewal = await signing.form()
    page = await open_page(renewal)
    file = tmp_path / "phieu.pdf"
    for content, words in (
        (issued(), REASONS["signature_missing"].vi),
        (paper("Phiếu đăng ký số GH-0002"), "Tệp này không phải phiếu GH-0001"),
        (await signed_elsewhere(issued(), office), said("state.done_form")),
    ):
        file.write_bytes(content)
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name=said("upload.button")).click()
        await expect(page.get_by_text(words)).to_be_in_viewport()
    await expect(page.get_by_text("Nhận tệp đã ký lúc")).to_contain_text(SIGNER)
    assert (await signing.wait_for(FormSigned, renewal)).certificate.fingerprint == office.fingerprint


async def test_after_a_refused_file_the_other_language_is_there(
    open_page: OpenPage, signing: World, tmp_path: Path
) -> None:
    page = await open_page(await signing.form())
    file = tmp_path / "phieu.pdf"
    file.write_bytes(b"no PDF")
    await page.set_input_files("#file", file)
    await page.get_by_role("button", name=said("upload.button")).click()
    await expect(page).to_have_title(re.compile("Lỗi"))
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("button", name=said("start.button", "en"))).to_be_visible()


async def test_contract_is_signed_on_its_page(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    renewal = await signing.accepted_on_paper()
    contract = await signing.waiting_contract(renewal)
    page = await open_page(renewal, FakeTool([office]), kind="contracts")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(contract.contract_number)
    await expect(page.get_by_text(said("stamp.title"))).to_have_count(0)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_contract"))


async def test_entry_leads_to_the_documents_own_page(signing: World) -> None:
    answer = await signing.client.get(f"/signing?renewal={(renewal := fresh())}&document=contract")
    assert answer.headers["location"] == f"/signing/contracts/{renewal}"


async def test_member_sees_the_form_but_no_button(open_page: OpenPage, signing: World) -> None:
    page = await open_page(await signing.form(), role="member")
    await expect(page.get_by_text(said("start.member"))).to_be_visible()
    assert await page.get_by_role("button", name=BUTTON).count() == 0
    assert await page.get_by_role("img", name="Trang 1").count() == 1


async def test_form_sent_on_paper_says_so(open_page: OpenPage, signing: World) -> None:
    page = await open_page(await signing.form(send_by=SendBy.PAPER))
    await expect(page.get_by_role("heading", name=said("state.on_paper"))).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
async def test_page_has_no_barrier(
    open_page: OpenPage, signing: World, width: int, office: Credential
) -> None:
    tool = FakeTool([office], refuses={"/signatures": {"code": "cancelled"}})
    page = await open_page(await signing.form(), tool, width=width)
    assert await page_problems(page) == []
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_text(said("failure.cancelled"))).to_be_visible()
    assert await page_problems(page) == []


async def test_another_office_sees_nothing(signing: World, sign_in: SignIn) -> None:
    renewal = await signing.form()
    context = await sign_in(office="another")
    for path in ("", "/pdf", f"/{'0' * 64}/1.png"):
        answer = await context.request.get(f"/signing/forms/{renewal}{path}")
        assert answer.status == 404


async def test_script_without_the_pages_token_is_refused(signing: World) -> None:
    """A page of another site can't make the visitor's browser open an attempt."""
    renewal = await signing.form()
    cookie = {"cookie": f"giahan_session={signing.token()}"}
    body = {"certificates": ["AAAA"]}
    url = f"/signing/api/forms/{renewal}/attempts"
    answer = await signing.client.post(url, json=body, headers=cookie)
    assert answer.status_code == 403
    form = await signing.forms.get(renewal)
    assert form
    assert form.attempts == ()
