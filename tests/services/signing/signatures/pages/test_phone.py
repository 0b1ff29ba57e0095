"""An office that signs on a phone: the page starts it, says what to confirm, and goes on by itself."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, Route, expect

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.texts import REASONS, REFUSALS, REMOTE
from shared.events.signing import FormSigned
from shared.ids import fresh
from shared.runtime.settings import Settings
from tests.services.signing.offices import Office
from tests.services.signing.paper import issued
from tests.services.signing.service import World, signing_settings, world
from tests.services.signing.signatures.pages.conftest import OpenPage, lose_answers, said
from tests.services.signing.signatures.remote.provider import PhoneProvider, serve
from tests.services.signing.signer import signed_elsewhere
from tests.support.album import Album
from tests.support.browser import WIDTHS, page_problems

expect.set_options(timeout=60_000)
REMOTE_API = "**/api/forms/*/remote"


@pytest.fixture(scope="module")
async def provider(office: Credential) -> AsyncIterator[PhoneProvider]:
    async with serve(PhoneProvider({"key-1": office}, version="v2")) as served:
        yield served


@pytest.fixture(scope="module")
async def signing(
    kafka: str, mongo_uri: str, pki: Pki, provider: PhoneProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    settings = Settings(
        environment="local",
        kafka=kafka,
        mongo=mongo_uri,
        namespace=f"t{fresh().hex[:12]}",
        jwks=str(tmp_path_factory.mktemp("people") / "jwks.json"),
        log_level="warning",
        writes_a_minute=100_000,
    )
    one = {"name": "one", "label": "Ký số Một", "url": provider.base, "version": "v2"}
    offered = [one, one | {"name": "two", "label": "Ký số Hai", "asks_for": "user"}]
    async with world(
        signing_settings(settings, pki, remote_providers=offered, remote_poll_seconds=0.01)
    ) as made:
        yield made


@pytest.fixture(autouse=True)
def person_who_has_not_answered(provider: PhoneProvider, office: Credential) -> None:
    provider.phone, provider.pin, provider.otp, provider.keys = None, "", "", {"key-1": office}


async def send(page: Page, user: str = "key-1") -> None:
    await page.get_by_label(said("phone.user")).fill(user)
    await page.get_by_role("button", name=said("phone.button")).click()


async def test_form_is_signed_once_the_person_confirms(
    open_page: OpenPage, signing: World, provider: PhoneProvider, office: Credential, album: Album
) -> None:
    """A page that is loaded again meanwhile goes on waiting. The request stands above the card of the signing
    tool, and its end is told in the office's time."""
    renewal = await signing.form()
    page = await open_page(renewal)
    await send(page)
    await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_focused()
    await expect(page.get_by_text("Phiếu đăng ký gia hạn GH-0001")).to_be_visible()
    await expect(page.get_by_text("Sở Tài chính tỉnh Hà Giang")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_visible()
    await expect(page.get_by_text("Sở Tài chính tỉnh Hà Giang")).to_be_visible()
    await expect(page.locator("#phone + #sign")).to_be_attached()
    session = await signing.client.get(f"/v1/forms/{renewal}/remote", headers=signing.bearer())
    until = datetime.fromisoformat(session.json()["until"]).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    await expect(page.locator("[data-said=until]")).to_have_text(f"{until:%H:%M}")
    await album.take(page, "sign-phone-waiting")
    provider.confirm()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    event = await signing.wait_for(FormSigned, renewal)
    assert event.certificate.fingerprint == office.fingerprint


async def test_pin_is_asked_for_only_where_the_key_wants_one(
    open_page: OpenPage, signing: World, provider: PhoneProvider, album: Album
) -> None:
    provider.pin, provider.phone = "482913", True
    page = await open_page(await signing.form())
    pin = page.get_by_label(said("phone.pin"))
    await expect(pin).to_be_hidden()
    await send(page)
    await expect(pin).to_be_focused()
    told = page.get_by_role("alert")
    await expect(told).to_have_class("note")
    await album.take(page, "sign-phone-pin")
    await pin.fill("000000")
    await page.get_by_role("button", name=said("phone.button_code")).click()
    await expect(page.get_by_text(REMOTE["code_wrong"].vi)).to_be_visible()
    await expect(told).to_have_class("note is-bad")
    await expect(pin).to_have_value("")
    await pin.fill("482913")
    await page.get_by_role("button", name=said("phone.button_code")).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))


async def test_pin_is_typed_once_where_a_password_follows(
    open_page: OpenPage, signing: World, provider: PhoneProvider
) -> None:
    provider.pin, provider.otp, provider.phone = "482913", "115599", True
    page = await open_page(await signing.form())
    await send(page)
    await page.get_by_label(said("phone.pin")).fill("482913")
    button = page.get_by_role("button", name=said("phone.button_code"))
    await button.click()
    await expect(page.get_by_label(said("phone.otp"))).to_be_focused()
    await page.get_by_label(said("phone.otp")).fill("115599")
    await button.click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))


async def test_hint_is_for_what_the_provider_asks(open_page: OpenPage, signing: World) -> None:
    page = await open_page(await signing.form())
    await expect(page.get_by_text(said("phone.hint_key"))).to_be_visible()
    await page.get_by_label(said("phone.provider"), exact=True).select_option("two")
    await expect(page.get_by_text(said("phone.hint_user"))).to_be_visible()
    await expect(page.get_by_text(said("phone.hint_key"))).to_be_hidden()


async def test_refused_upload_is_told_on_the_screen(
    open_page: OpenPage, signing: World, tmp_path: Path
) -> None:
    """The card of the phone, which comes with the script, doesn't push it below the edge."""
    page = await open_page(await signing.form())
    await page.set_viewport_size({"width": 1280, "height": 800})
    file = tmp_path / "phieu.pdf"
    file.write_bytes(issued())
    await page.set_input_files("#file", file)
    await page.get_by_role("button", name=said("upload.button")).click()
    await expect(page.get_by_label(said("phone.user"))).to_be_attached()
    await expect(page.get_by_text(REASONS["signature_missing"].vi)).to_be_in_viewport(ratio=1)


async def test_stranger_is_shown_before_the_phone_is_asked(
    open_page: OpenPage, signing: World, provider: PhoneProvider, pki: Pki, album: Album
) -> None:
    """The person types another name, or picks the certificate; then the PIN goes with it."""
    stranger = pki.credential("phone-stranger", Holder("Nguyễn Văn Lạ", ("MST:0100686209",)))
    provider.keys["key-2"] = stranger
    provider.phone, provider.pin = True, "482913"
    asked = provider.done["credentials/authorize"]
    renewal = await signing.form()
    page = await open_page(renewal)
    await send(page, "key-2")
    await expect(page.get_by_role("heading", name=said("phone.choose"))).to_be_focused()
    await expect(page.get_by_text("0100686209")).to_be_visible()
    picked = page.get_by_role("radio", name="Nguyễn Văn Lạ")
    await expect(picked).not_to_be_checked()
    await expect(page.get_by_role("button", name=said("phone.choose_button"))).to_be_disabled()
    await expect(page.get_by_text(said("phone.choose_more"))).to_be_hidden()
    assert await page_problems(page) == []
    await album.take(page, "sign-phone-choose")
    await page.get_by_role("button", name=said("phone.choose_back")).click()
    await expect(page.get_by_label(said("phone.user"))).to_be_focused()
    await send(page, "key-2")
    await picked.check()
    await page.get_by_role("button", name=said("phone.choose_button")).click()
    await page.get_by_label(said("phone.pin")).fill("482913")
    assert provider.done["credentials/authorize"] == asked
    await page.get_by_role("button", name=said("phone.button_code")).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    event = await signing.wait_for(FormSigned, renewal)
    assert event.certificate.fingerprint == stranger.fingerprint


async def test_person_refuses_cancels_or_types_a_wrong_code(
    open_page: OpenPage, signing: World, provider: PhoneProvider
) -> None:
    page = await open_page(await signing.form(), language="en")
    await page.get_by_label(said("phone.user", "en")).fill("nobody")
    button = page.get_by_role("button", name=said("phone.button", "en"))
    await button.click()
    await expect(page.get_by_text(REMOTE["user_unknown"].en)).to_be_visible()
    await page.get_by_label(said("phone.user", "en")).fill("key-1")
    await button.click()
    await page.get_by_role("button", name=said("phone.cancel", "en")).click()
    await expect(page.get_by_text(said("phone.cancelled", "en"))).to_be_visible()
    await expect(page.locator("#sign + #phone")).to_be_attached()
    await button.click()
    await expect(page.get_by_role("heading", name=said("phone.waiting", "en"))).to_be_visible()
    await page.reload()
    provider.phone = False
    await expect(page.get_by_text(REMOTE["refused"].en)).to_be_visible()
    await expect(page.get_by_label(said("phone.user", "en"))).to_have_value("key-1")
    assert await page.locator("#phone [data-ended]:visible").count() == 1


@pytest.mark.parametrize("confirmed", [True, None], ids=["confirmed meanwhile", "not yet"])
async def test_page_goes_on_although_the_answer_to_the_start_is_lost(
    open_page: OpenPage, signing: World, provider: PhoneProvider, confirmed: bool | None
) -> None:
    """The phone rings once."""
    provider.phone, rung = confirmed, provider.done["credentials/authorize"]
    page = await open_page(await signing.form())
    lost = await lose_answers(page, REMOTE_API, "POST", times=1)
    await send(page)
    if confirmed is None:
        await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_focused()
        provider.confirm()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))
    assert (lost, provider.done["credentials/authorize"] - rung) == ([201], 1)


async def test_start_that_never_arrived_is_said(
    open_page: OpenPage, signing: World, provider: PhoneProvider
) -> None:
    page = await open_page(await signing.form())

    async def cut(route: Route) -> None:
        await (route.abort() if route.request.method == "POST" else route.continue_())

    await page.route(REMOTE_API, cut)
    await send(page)
    await expect(page.locator("#phone [role=alert]")).to_contain_text(said("failure.offline"))
    await expect(page.get_by_role("button", name=said("phone.button"))).to_be_visible()


async def test_form_signed_in_another_way_meanwhile(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    """Another attempt ends the one on the phone; a document that is signed is shown as it is."""
    renewal = await signing.form()
    page = await open_page(renewal)
    await send(page)
    await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_visible()
    await Office(signing, renewal).begin(office)
    await expect(page.get_by_text(REFUSALS["attempt_closed"].vi)).to_be_visible()
    await send(page)
    await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_visible()
    file = await signed_elsewhere(issued(), office)
    path = f"/v1/forms/{renewal}/signed-file"
    (await signing.client.post(path, content=file, headers=signing.bearer())).raise_for_status()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
async def test_card_is_accessible(open_page: OpenPage, signing: World, width: int) -> None:
    page = await open_page(await signing.form(), width=width)
    await expect(page.get_by_label(said("phone.user"))).to_be_visible()
    assert await page_problems(page) == []
    await send(page)
    await expect(page.get_by_role("button", name=said("phone.cancel"))).to_be_visible()
    assert await page_problems(page) == []
