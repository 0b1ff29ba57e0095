"""An office that signs on a phone: the page starts it, says what to confirm, and goes on by itself."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from deploy.local.people.pki import Credential, Pki
from services.signing.texts import REFUSALS, REMOTE
from shared.events.signing import FormSigned
from shared.ids import fresh
from shared.runtime.settings import Settings
from tests.services.signing.offices import Office
from tests.services.signing.paper import issued
from tests.services.signing.service import World, signing_settings, world
from tests.services.signing.signatures.pages.conftest import OpenPage, said
from tests.services.signing.signatures.remote.provider import PhoneProvider, serve
from tests.services.signing.signer import signed_elsewhere
from tests.support.album import Album
from tests.support.browser import WIDTHS, page_problems

expect.set_options(timeout=60_000)


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
    offered = [{"name": "one", "label": "Ký số Một", "url": provider.base, "version": "v2"}]
    async with world(
        signing_settings(settings, pki, remote_providers=offered, remote_poll_seconds=0.01)
    ) as made:
        yield made


@pytest.fixture(autouse=True)
def person_who_has_not_answered(provider: PhoneProvider, office: Credential) -> None:
    provider.phone, provider.pin, provider.keys = None, "", {"key-1": office}


async def send(page: Page, user: str = "key-1") -> None:
    await page.get_by_label(said("phone.user")).fill(user)
    await page.get_by_role("button", name=said("phone.button")).click()


async def test_form_is_signed_once_the_person_confirms(
    open_page: OpenPage, signing: World, provider: PhoneProvider, office: Credential, album: Album
) -> None:
    """A page that is loaded again meanwhile goes on waiting."""
    renewal = await signing.form()
    page = await open_page(renewal)
    await send(page)
    await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_focused()
    await expect(page.get_by_text("Phiếu đăng ký gia hạn GH-0001")).to_be_visible()
    await expect(page.get_by_text("Sở Tài chính tỉnh Hà Giang")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name=said("phone.waiting"))).to_be_visible()
    await expect(page.get_by_text("Sở Tài chính tỉnh Hà Giang")).to_be_visible()
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
    await album.take(page, "sign-phone-pin")
    await pin.fill("000000")
    await page.get_by_role("button", name=said("phone.button")).click()
    await expect(page.get_by_text(REMOTE["code_wrong"].vi)).to_be_visible()
    await expect(pin).to_have_value("")
    await pin.fill("482913")
    await page.get_by_role("button", name=said("phone.button")).click()
    await expect(page.get_by_role("status")).to_contain_text(said("state.done_form"))


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
    provider.phone = False
    await button.click()
    await expect(page.get_by_text(REMOTE["refused"].en)).to_be_visible()
    assert await page.locator("#phone [data-ended]:visible").count() == 1


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
