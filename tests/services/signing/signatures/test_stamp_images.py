"""Images of its signature and seal that an office gives for the stamp on its form."""

from base64 import b64encode
from typing import Any

import httpx
import pytest

from deploy.local.people.pki import Credential
from services.signing.texts import REFUSALS
from shared.events.signing import FormSigned
from tests.services.signing.images import BLUE, RED, columns_of, drawn, seal_png, signature_png
from tests.services.signing.offices import Office, chain
from tests.services.signing.service import World


async def begin(office: Office, who: Credential, **images: bytes) -> httpx.Response:
    given = {name: b64encode(data).decode() for name, data in images.items()}
    body = {"certificates": chain(who), "images": given}
    client, headers = office.signing.client, office.signing.bearer()
    return await client.post(f"{office.form}/attempts", json=body, headers=headers)


async def test_they_are_on_the_signed_form(signing: World, office: Credential) -> None:
    at_desk = Office(signing, await signing.form())
    attempt = (await begin(at_desk, office, signer=signature_png(), seal=seal_png())).json()
    assert (await at_desk.answer(office, attempt)).status_code == 200
    event = await signing.wait_for(FormSigned, at_desk.renewal)
    picture = drawn(await signing.signing.documents.get(event.signed_form.sha256))
    signature, seal = columns_of(picture, BLUE), columns_of(picture, RED)
    assert seal[0] < signature[0] < seal[-1] < signature[-1]


@pytest.mark.parametrize("name", ["signer", "seal"])
async def test_desk_looks_at_a_form_with_one(signing: World, office: Credential, name: str) -> None:
    """It could say anything, as a stamp in an uploaded file could."""
    at_desk = Office(signing, await signing.form())
    attempt = (await begin(at_desk, office, **{name: signature_png()})).json()
    assert (await at_desk.answer(office, attempt)).status_code == 200
    event = await signing.wait_for(FormSigned, at_desk.renewal)
    assert (event.looks, event.certificate.match) == (("stamp_says_more",), "review")


async def test_contract_takes_none(signing: World, office: Credential) -> None:
    """Nobody looks at a contract before it is sealed. Without images it is signed."""
    contract = await signing.waiting_contract(await signing.accepted_on_paper())
    at_desk = Office(signing, contract.renewal_id, "contracts")
    refused = await begin(at_desk, office, signer=signature_png())
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:images-on-contract")
    assert refused.json()["title"] == REFUSALS["images_on_contract"].vi
    assert (await at_desk.answer(office, await at_desk.begin(office))).status_code == 200


async def test_without_them_the_stamp_has_none(signing: World, office: Credential) -> None:
    at_desk = Office(signing, await signing.form())
    await at_desk.answer(office, await at_desk.begin(office))
    event = await signing.wait_for(FormSigned, at_desk.renewal)
    picture = drawn(await signing.signing.documents.get(event.signed_form.sha256))
    assert columns_of(picture, RED) == []
    assert (event.looks, event.certificate.match) == ((), "tax_code")


@pytest.mark.parametrize(
    ("images", "status", "name"),
    [
        ({"signer": b"<svg/>"}, 422, "stamp-image"),
        ({"seal": seal_png()[:300]}, 422, "stamp-image"),
        ({"seal": seal_png() + bytes(1024**2)}, 422, "stamp-image"),
        ({"face": seal_png()}, 422, "invalid"),
    ],
)
async def test_others_are_refused_and_nothing_is_opened(
    signing: World, office: Credential, images: dict[str, Any], status: int, name: str
) -> None:
    at_desk = Office(signing, await signing.form())
    answer = await begin(at_desk, office, **images)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, name)
    form = await signing.forms.get(at_desk.renewal)
    assert form
    assert form.attempts == ()


async def test_largest_images_pass_the_limit_of_the_request(signing: World, office: Credential) -> None:
    """They are too large for a PNG of ours, and refused as such, not cut off on the way."""
    at_desk = Office(signing, await signing.form())
    answer = await begin(at_desk, office, signer=bytes(1024**2), seal=bytes(1024**2))
    assert answer.json()["type"].endswith(":stamp-image")
