"""An office signs with a key at a provider: over HTTP, on real Kafka and MongoDB."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import Response

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.domain.remote import session_id
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from services.signing.signatures.remote.follower import RemoteFollower
from services.signing.texts import REASONS, REMOTE
from shared.events.signing import ContractSigned, FormSigned
from shared.ids import fresh
from shared.text.i18n import Text
from shared.time.clock import OffsetClock
from tests.services.signing.factory import OFFICE
from tests.services.signing.offices import Office
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signatures.remote.conftest import MakeSigner, PhoneSigner
from tests.services.signing.signatures.remote.provider import PhoneProvider, refusal
from tests.support.service_process import until

Providers = dict[str, PhoneProvider]


async def stored(signer: PhoneSigner) -> dict[str, Any]:
    sessions = signer.signing.signing.database["remote_sessions"]
    found = await sessions.find_one({"_id": str(session_id("form", signer.renewal))})
    assert found
    return found


def message(text: Text) -> list[str]:
    return list(text)


@pytest.mark.parametrize("name", ["one", "two"])
async def test_form_is_signed_once_the_person_confirms(
    make_signer: MakeSigner, providers: Providers, name: str, office: Credential, trust: TrustSettings
) -> None:
    """Version 1 answers only then, version 2 is asked again."""
    signer, provider = await make_signer(), providers[name]
    provider.phone = None
    said = (await signer.start(name)).json()
    assert (said["status"], said["signer"]) == ("asked", "Sở Tài chính tỉnh Hà Giang")
    assert said["title"] == ["Phiếu đăng ký gia hạn GH-0001", "Renewal form GH-0001"]
    await until(lambda: seen(provider), "the phone shows it")
    assert provider.titles == [said["title"][0]]
    assert (await signer.reaches("asked"))["failure"] is None
    provider.confirm()
    await signer.reaches("completed")
    event = await signer.signing.wait_for(FormSigned, signer.renewal)
    assert event.certificate.fingerprint == office.fingerprint
    pdf = await signer.signing.signing.documents.get(event.signed_form.sha256)
    await verify(pdf, issued(), "office", trust, event.signed_at, old_padding=False)
    left = await stored(signer)
    assert (left["key"], left["handle"], left["signature"]) == ("", "", b"")
    assert provider.done["signatures/signHash"] == 1


async def seen(provider: PhoneProvider) -> bool:
    return bool(provider.titles)


async def test_contract_is_signed(signing: World, providers: Providers) -> None:
    renewal = await signing.accepted_on_paper()
    contract = await signing.waiting_contract(renewal)
    path = f"/v1/contracts/{renewal}/remote"
    body = {"provider": "two", "user": "key-1"}
    said = (await signing.client.post(path, json=body, headers=signing.bearer())).json()
    assert contract.contract_number in said["title"][0]
    assert (await signing.wait_for(ContractSigned, renewal)).renewal_id == renewal


@pytest.mark.parametrize("name", ["one", "two"])
async def test_codes_are_asked_for_and_stored_nowhere(
    make_signer: MakeSigner, providers: Providers, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    signer, provider = await make_signer(), providers[name]
    provider.pin, provider.otp, provider.otp_is_sent = "482913", "771204", True
    first = await signer.start(name)
    assert (first.status_code, first.json()["type"]) == (409, "urn:giahan:problem:remote-pin-needed")
    second = await signer.start(name, pin="482913")
    assert second.json()["type"] == "urn:giahan:problem:remote-otp-needed"
    sent = "credentials/sendOTP" if name == "one" else "credentials/getChallenge"
    assert provider.done[sent] == 1
    assert (await signer.start(name, pin="482914", otp="771204")).json()["status"] == "asked"
    wrong = await signer.reaches("failed")
    assert wrong["failure"]["code"] == "code_wrong"
    assert wrong["failure"]["message"] == message(REMOTE["code_wrong"])
    assert provider.done["credentials/authorize"] == 1, "a wrong code is tried once"
    await signer.start(name, pin="482913", otp="771204")
    await signer.reaches("completed")
    out, err = capfd.readouterr()
    texts = f"{out}{err}{await stored(signer)}"
    assert not [code for code in ("482913", "482914", "771204") if code in texts]


async def test_refusal_on_the_phone_and_another_try(make_signer: MakeSigner, providers: Providers) -> None:
    signer = await make_signer()
    providers["one"].phone = False
    await signer.start()
    assert (await signer.reaches("failed"))["failure"]["code"] == "refused"
    form = await signer.signing.forms.get(signer.renewal)
    assert form
    assert form.can_be_signed
    providers["one"].phone = True
    await signer.start()
    await signer.reaches("completed")


async def test_provider_that_waits_no_longer(make_signer: MakeSigner, providers: Providers) -> None:
    signer, provider = await make_signer(), providers["two"]
    provider.phone = None
    await signer.start("two")
    await until(lambda: seen(provider), "the phone shows it")

    async def forgotten(request: Request) -> Response:
        return refusal("invalid_request")

    provider.instead["credentials/authorizeCheck"] = forgotten
    assert (await signer.reaches("expired"))["failure"] is None


async def test_nobody_confirms_in_time(make_signer: MakeSigner, providers: Providers) -> None:
    signer, provider = await make_signer(), providers["two"]
    provider.phone = None
    await signer.start("two")
    await until(lambda: seen(provider), "the phone shows it")
    clock = signer.signing.signing.clock
    assert isinstance(clock, OffsetClock)
    clock.move(clock.now() - signer.signing.signing.real.now() + timedelta(minutes=4))
    assert (await signer.reaches("expired"))["failure"] is None
    provider.confirm()
    assert provider.done["signatures/signHash"] == 0


async def test_signature_whose_process_is_gone_goes_on_where_a_page_asks(
    make_signer: MakeSigner, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while that process may still be at work."""
    signer, provider = await make_signer(), providers["two"]
    sessions = signer.signing.signing.database["remote_sessions"]
    id, now = {"_id": str(session_id("form", signer.renewal))}, signer.signing.signing.real.now()
    with monkeypatch.context() as dead:
        dead.setattr(RemoteFollower, "_follow_soon", lambda self, key: None)
        await signer.start("two")
    for until_when in (now + timedelta(minutes=10), now - timedelta(minutes=10)):
        await sessions.update_one(id, {"$set": {"holder": "gone:1", "held_until": until_when}})
        assert (await signer.look()).json()["status"] == "asked"
        if until_when > now:
            assert (await stored(signer))["holder"] == "gone:1"
    await signer.reaches("completed")
    assert provider.done["signatures/signHash"] == 1


async def test_provider_is_down_for_a_while_or_for_good(
    make_signer: MakeSigner, providers: Providers
) -> None:
    provider = providers["two"]

    async def silent(request: Request) -> Response:
        return Response(status_code=502)

    async def silent_twice(request: Request) -> Response:
        if provider.done["signatures/signHash"] > 1:
            del provider.instead["signatures/signHash"]
        return Response(status_code=502)

    signer = await make_signer()
    provider.instead["credentials/info"] = silent
    down = await signer.start("two")
    assert (down.status_code, down.json()["type"]) == (503, "urn:giahan:problem:remote-provider-down")
    del provider.instead["credentials/info"]
    provider.instead["signatures/signHash"] = silent_twice
    await signer.start("two")
    await signer.reaches("completed")
    other = await make_signer()
    provider.instead["credentials/authorize"] = silent
    await other.start("two")
    assert (await other.reaches("failed"))["failure"]["code"] == "provider_down"


async def test_cancelled_signature_is_never_made(make_signer: MakeSigner, providers: Providers) -> None:
    signer, provider = await make_signer(), providers["two"]
    provider.phone = None
    await signer.start("two")
    await until(lambda: seen(provider), "the phone shows it")
    assert (await signer.cancel()).json()["status"] == "cancelled"
    provider.confirm()
    checked = provider.done["credentials/authorizeCheck"]
    await signer.start("one")
    await signer.reaches("completed")
    assert provider.done["signatures/signHash"] == 0
    assert provider.done["credentials/authorizeCheck"] <= checked + 1
    assert (await signer.cancel()).json()["status"] == "completed"


async def test_office_signs_with_its_tool_meanwhile(
    make_signer: MakeSigner, providers: Providers, office: Credential
) -> None:
    signer, provider = await make_signer(), providers["two"]
    provider.phone = None
    await signer.start("two")
    desk = Office(signer.signing, signer.renewal)
    await desk.answer(office, await desk.begin(office))
    assert (await signer.reaches("failed"))["failure"]["code"] == "replaced"
    assert len(signer.signing.published(FormSigned, signer.renewal)) <= 1
    assert provider.done["signatures/signHash"] == 0


async def test_value_of_another_key_is_refused(
    make_signer: MakeSigner, providers: Providers, pki: Pki
) -> None:
    signer = await make_signer()
    providers["one"].key_of = pki.credential("remote-other", Holder("Người khác"))
    await signer.start()
    failure = (await signer.reaches("failed"))["failure"]
    assert (failure["code"], failure["reason"]) == ("signature_rejected", "signature_mismatch")
    assert failure["message"] == message(REASONS["signature_mismatch"])


async def test_of_a_person_s_keys_the_office_s_is_used(
    make_signer: MakeSigner, providers: Providers, office: Credential, pki: Pki
) -> None:
    """Also one that signs in the old way, which gets a warning."""
    signer, provider = await make_signer(), providers["one"]
    own = pki.credential("remote-person", Holder("Nguyễn Văn A", ("CCCD:001099012345",)))
    provider.keys = {"mine": own, "office": office}
    provider.users = {"0912345678": ["mine", "office"]}
    provider.algorithms = ("1.2.840.113549.1.1.1",)
    await signer.start("by-phone", "0912345678")
    await signer.reaches("completed")
    form = (
        await signer.signing.client.get(f"/v1/forms/{signer.renewal}", headers=signer.signing.bearer())
    ).json()
    assert [warning["code"] for warning in form["warnings"]] == ["old_padding"]
    assert (await signer.signing.wait_for(FormSigned, signer.renewal)).certificate.match == "tax_code"


async def test_foreign_certificate_is_warned_of_before_anybody_confirms(
    make_signer: MakeSigner, providers: Providers, pki: Pki
) -> None:
    signer, provider = await make_signer(), providers["two"]
    provider.keys["key-1"] = pki.credential("remote-foreign", Holder("Người lạ"))
    provider.phone = None
    picked = provider.keys["key-1"].fingerprint
    said = (await signer.start("two", certificate=picked)).json()
    assert [warning["code"] for warning in said["warnings"]] == ["no_code"]
    await signer.cancel()


@pytest.mark.parametrize(
    ("changed", "status", "problem"),
    [
        ({"enabled": False}, 409, "remote-key-disabled"),
        ({"algorithms": ()}, 409, "remote-key-unusable"),
    ],
)
async def test_key_that_cannot_sign(
    make_signer: MakeSigner, providers: Providers, changed: dict[str, Any], status: int, problem: str
) -> None:
    for name, value in changed.items():
        setattr(providers["one"], name, value)
    signer = await make_signer()
    answer = await signer.start()
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:giahan:problem:{problem}")
    assert (await signer.look()).status_code == 404


async def test_who_may(make_signer: MakeSigner, signing: World) -> None:
    signer = await make_signer()

    async def status(method: str, headers: dict[str, str]) -> int:
        body = {"provider": "one", "user": "key-1"} if method == "POST" else None
        return (await signing.client.request(method, signer.path, json=body, headers=headers)).status_code

    for method in ("POST", "GET", "DELETE"):
        assert await status(method, {}) == 401
        assert await status(method, signing.bearer(role="member")) == 403
        assert await status(method, signing.bearer(office="another")) == 404
    assert await status("GET", signing.bearer(office=OFFICE)) == 404
    unknown = await signer.start("no-such-provider")
    assert (unknown.status_code, unknown.json()["type"]) == (
        409,
        "urn:giahan:problem:remote-provider-unknown",
    )
    for user in ("", "x" * 201, "a\nb"):
        assert (await signer.start(user=user)).status_code == 422
    path = f"/v1/forms/{fresh()}/remote"
    assert (await signing.client.get(path, headers=signing.bearer())).status_code == 404
