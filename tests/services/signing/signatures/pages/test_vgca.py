"""An office that has VGCA Sign Service: the page gives it addresses, against a simulator of the program."""

from datetime import timedelta

import httpx
import pytest
from playwright.async_api import expect

from deploy.local.people.pki import Credential
from services.signing.signatures.transfers import Transfers
from services.signing.texts import REFUSALS
from shared.events.signing import FormSigned
from shared.ids import fresh
from shared.web.pages.ended_sessions import VerifiedSession
from shared.web.people import Person, Role
from tests.services.signing.factory import OFFICE
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signatures.pages.conftest import OpenPage, said
from tests.services.signing.signatures.pages.fake_tool import FakeTool
from tests.services.signing.signatures.pages.vgca_simulator import VgcaSimulator
from tests.services.signing.signer import signed

CHANGED = "urn:giahan:problem:form-changed"


def session(signing: World) -> VerifiedSession:
    renewer = Person(sub="p1", office_ref=OFFICE, roles=frozenset({Role.RENEWER}))
    return VerifiedSession(id="0" * 64, person=renewer, until=signing.signing.real.now() + timedelta(hours=1))


async def test_form_is_signed_by_the_program(open_page: OpenPage, signing: World, office: Credential) -> None:
    """It is preferred to our own tool, which answers too."""
    renewal, ours = await signing.form(), FakeTool([office])
    page = await open_page(renewal, ours, vgca=VgcaSimulator(office))
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()
    assert (await signing.wait_for(FormSigned, renewal)).certificate.fingerprint == office.fingerprint
    assert ours.asked == []


async def test_person_may_take_longer_than_the_search_for_programs(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    vgca = VgcaSimulator(office, waits=True)
    page = await open_page(await signing.form(), vgca=vgca)
    await page.clock.install()
    await page.reload()
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_role("heading", name=said("step.confirming"))).to_be_visible()
    await page.clock.run_for(60_000)
    vgca.confirmed.set()
    await expect(page.get_by_text(said("state.done_form"))).to_be_visible()


@pytest.mark.parametrize(
    ("cancels", "words"),
    [(True, "Người dùng hủy ký số"), (False, "Tệp chưa có chữ ký số nào")],
)
async def test_what_stops_it_is_said_in_its_words(
    open_page: OpenPage, signing: World, office: Credential, cancels: bool, words: str
) -> None:
    page = await open_page(await signing.form(), vgca=VgcaSimulator(office, cancels=cancels, signs=False))
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_text(words)).to_be_visible()


async def test_program_that_ends_unheard_may_have_signed(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    vgca = VgcaSimulator(office, mumbles=True)
    renewal = await signing.form()
    page = await open_page(renewal, vgca=vgca)
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.get_by_text(said("failure.unknown"))).to_be_visible()
    await expect(page.locator("[data-unsent]")).to_be_hidden()
    await signing.wait_for(FormSigned, renewal)


async def test_address_gives_nothing_once_it_expired_or_was_guessed(signing: World) -> None:
    renewal, service = await signing.form(), signing.signing
    expired = Transfers(service.database["transfers"], service.real, timedelta(0))
    for secret in (await expired.open(renewal, "form", "0" * 64, session(signing)), "x" * 43):
        fetched = await signing.client.get(f"/signing/transfers/{secret}/form.pdf")
        sent = await signing.client.post(f"/signing/transfers/{secret}", files={"file": b"x"})
        assert (fetched.status_code, sent.status_code) == (404, 404)


async def test_page_of_an_earlier_revision_is_loaded_again(
    open_page: OpenPage, signing: World, office: Credential
) -> None:
    renewal = await signing.form()
    page = await open_page(renewal, vgca=VgcaSimulator(office))
    _, present = await signing.reissued(renewal)
    await page.get_by_role("button", name=said("start.button")).click()
    await expect(page.locator("#sign")).to_have_attribute("data-sha256", present)
    assert signing.published(FormSigned, renewal) == []


async def test_address_holds_to_the_revision_that_the_page_showed(signing: World, office: Credential) -> None:
    """Nor is one given out for a revision that is no longer the present one."""
    renewal = await signing.form()
    cookie = {"cookie": f"giahan_session={signing.token()}"}
    page = (await signing.client.get(f"/signing/forms/{renewal}", headers=cookie)).text
    script = cookie | {"x-csrf-token": page.split('data-csrf="')[1].split('"')[0]}

    async def open_transfer(document: str) -> httpx.Response:
        path, body = f"/signing/api/forms/{renewal}/transfers", {"document": document}
        return await signing.client.post(path, json=body, headers=script)

    form = await signing.forms.get(renewal)
    assert form is not None
    address = (await open_transfer(form.form.sha256)).json()
    file = await signed(issued(), office)
    shown, present = await signing.reissued(renewal)
    fetched = await signing.client.get(address["document"])
    assert (fetched.status_code, fetched.json()["type"]) == (409, CHANGED)
    sent = (await signing.client.post(address["upload"], files={"file": file})).json()
    assert (sent["Status"], sent["Message"]) == (False, REFUSALS["form_changed"].vi)
    refused = await open_transfer(shown)
    assert (refused.status_code, refused.json()["type"]) == (409, CHANGED)
    assert (await signing.client.get((await open_transfer(present)).json()["document"])).status_code == 200


async def test_address_without_a_file_says_so(signing: World) -> None:
    service = signing.signing
    transfers = Transfers(service.database["transfers"], service.real, timedelta(minutes=5))
    renewal = await signing.form()
    form = await signing.forms.get(renewal)
    assert form is not None
    secret = await transfers.open(renewal, "form", form.form.sha256, session(signing))
    answer = (await signing.client.post(f"/signing/transfers/{secret}", data={"a": "b"})).json()
    assert (answer["Status"], answer["Message"]) == (False, said("upload.empty"))


async def test_only_the_offices_renewer_gets_an_address(signing: World) -> None:
    renewal = await signing.form()
    stranger = {"cookie": f"giahan_session={signing.token(office='another')}"}
    for headers in ({}, stranger):
        answer = await signing.client.post(f"/signing/api/forms/{renewal}/transfers", headers=headers)
        assert answer.status_code in (401, 403)
    answer = await signing.client.post(f"/signing/api/forms/{fresh()}/transfers")
    assert answer.status_code == 401
