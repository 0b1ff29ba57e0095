"""Who types a stranger's number doesn't make the stranger's phone ring: a certificate without the office's
code is shown first, and goes on only if the person picks it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import Request
from fastapi.responses import Response

from deploy.local.people.pki import FROM, Credential, Holder, Pki
from services.signing.texts import CERTIFICATE_NEEDED
from shared.events.signing import FormSigned
from tests.services.signing.factory import TAX_CODE
from tests.services.signing.signatures.remote.conftest import MakeSigner
from tests.services.signing.signatures.remote.provider import PhoneProvider

Providers = dict[str, PhoneProvider]
NEEDED = "urn:giahan:problem:remote-certificate-needed"


@pytest.fixture
def stranger(pki: Pki) -> Credential:
    return pki.credential("choice-stranger", Holder("Người lạ", ("CCCD:001099012345", "MST:0100686209")))


def listed(answer: httpx.Response) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.json()["type"]) == (409, NEEDED)
    assert answer.json()["title"] == CERTIFICATE_NEEDED.vi
    found: list[dict[str, Any]] = answer.json()["certificates"]
    return found


async def test_stranger_is_asked_only_once_the_person_picked_the_certificate(
    make_signer: MakeSigner, providers: Providers, stranger: Credential
) -> None:
    """Nor is a one-time password sent. A person's own code is not told."""
    signer, provider = await make_signer(), providers["two"]
    provider.keys["key-1"] = stranger
    provider.otp, provider.otp_is_sent = "771204", True
    (shown,) = listed(await signer.start("two"))
    assert (shown["holder"], shown["codes"], shown["match"]) == ("Người lạ", ["0100686209"], "review")
    assert shown["certificate"] == stranger.fingerprint
    assert shown["issuer"]
    assert [warning["code"] for warning in shown["warnings"]] == ["needs_review"]
    assert listed(await signer.start("two", certificate="0" * 64))
    assert set(provider.done) == {"credentials/info"}
    await signer.start("two", certificate=shown["certificate"])
    await signer.start("two", certificate=shown["certificate"], otp="771204")
    await signer.reaches("completed")
    signed = await signer.signing.wait_for(FormSigned, signer.renewal)
    assert signed.certificate.fingerprint == stranger.fingerprint


async def test_certificate_that_cannot_sign_cannot_be_picked(
    make_signer: MakeSigner, providers: Providers, pki: Pki
) -> None:
    signer, provider = await make_signer(), providers["one"]
    unknown = pki.credential("choice-untrusted", Holder("Không ai biết", ("MST:0100686209",)), trusted=False)
    provider.keys["key-1"] = unknown
    for picked in ({}, {"certificate": unknown.fingerprint}):
        (shown,) = listed(await signer.start(**picked))
        assert (shown["refusal"]["code"], shown["codes"]) == ("certificate_untrusted", [])
    assert set(provider.done) == {"credentials/info"}


async def test_of_several_keys_without_the_code_the_person_picks(
    make_signer: MakeSigner, providers: Providers, stranger: Credential, pki: Pki
) -> None:
    signer, provider = await make_signer(), providers["one"]
    second = pki.credential("choice-second", Holder("Nguyễn Văn A"))
    provider.keys, provider.users = {"a": stranger, "b": second}, {"0912345678": ["a", "b"]}
    found = listed(await signer.start("by-phone", "0912345678"))
    assert [each["holder"] for each in found] == ["Người lạ", "Nguyễn Văn A"]
    await signer.start("by-phone", "0912345678", certificate=second.fingerprint)
    await signer.reaches("completed")
    signed = await signer.signing.wait_for(FormSigned, signer.renewal)
    assert signed.certificate.fingerprint == second.fingerprint


async def test_own_certificate_is_found_among_many(
    make_signer: MakeSigner, providers: Providers, stranger: Credential, office: Credential
) -> None:
    """Of strangers' certificates ten are shown; the answer says how many more there are."""
    signer, provider = await make_signer(), providers["one"]
    keys = [f"key-{n}" for n in range(13)]
    provider.keys = dict.fromkeys(keys, stranger)
    provider.users = {"0912345678": keys}
    answer = await signer.start("by-phone", "0912345678")
    assert (len(listed(answer)), answer.json()["more"]) == (10, 3)
    provider.keys["key-12"] = office
    await signer.start("by-phone", "0912345678")
    await signer.reaches("completed")
    signed = await signer.signing.wait_for(FormSigned, signer.renewal)
    assert signed.certificate.fingerprint == office.fingerprint


async def test_own_certificate_is_found_behind_many_that_cannot_sign(
    make_signer: MakeSigner, providers: Providers, office: Credential, pki: Pki
) -> None:
    """Such as the office's former ones, which the provider still calls enabled."""
    signer, provider = await make_signer(), providers["one"]
    past = FROM, FROM + timedelta(days=30)
    former = pki.credential("choice-former", Holder("Tên cũ", (f"MST:{TAX_CODE}",)), period=past)
    keys = [f"key-{n}" for n in range(11)]
    provider.keys, provider.users = dict.fromkeys(keys, former), {"0912345678": keys}
    found = listed(await signer.start("by-phone", "0912345678"))
    assert {each["refusal"]["code"] for each in found} == {"certificate_expired"}
    provider.keys["key-10"] = office
    await signer.start("by-phone", "0912345678")
    await signer.reaches("completed")
    signed = await signer.signing.wait_for(FormSigned, signer.renewal)
    assert signed.certificate.fingerprint == office.fingerprint


async def test_key_without_an_answer_hides_nobody_else_s(
    make_signer: MakeSigner, providers: Providers, stranger: Credential, office: Credential
) -> None:
    """If no key has the office's code the silent one may be the office's: nobody has to pick another."""
    signer, provider = await make_signer(), providers["one"]

    async def info(request: Request) -> Response:
        body = await request.json()
        silent = body["credentialID"] == "silent"
        return Response(status_code=429) if silent else await provider._credentials_info(body)

    provider.instead["credentials/info"] = info
    provider.keys, provider.users = {"a": stranger}, {"0912345678": ["silent", "a"]}
    down = await signer.start("by-phone", "0912345678")
    assert (down.status_code, down.json()["type"]) == (503, "urn:giahan:problem:remote-provider-down")
    provider.keys["a"] = office
    await signer.start("by-phone", "0912345678")
    await signer.reaches("completed")


async def test_names_of_strangers_are_told_five_times_an_hour(
    make_signer: MakeSigner, providers: Providers, stranger: Credential
) -> None:
    """Guards against: an office types one number after another to learn whose it is."""
    signer, provider = await make_signer(), providers["one"]
    provider.keys["key-1"] = stranger
    for _ in range(5):
        listed(await signer.start())
    asked = dict(provider.done)
    assert (await signer.start()).status_code == 429
    assert provider.done == asked
    assert (await signer.look()).json()["status"] == "cancelled"
