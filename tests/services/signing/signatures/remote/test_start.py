"""What a start of a remote signature is refused for, before anybody is asked to confirm."""

from datetime import timedelta

import httpx

from services.signing.texts import REMOTE
from shared.events.signing import FormSigned
from shared.time.clock import OffsetClock
from tests.services.signing.signatures.remote.conftest import MakeSigner
from tests.services.signing.signatures.remote.provider import PhoneProvider

Providers = dict[str, PhoneProvider]


async def test_revision_that_the_page_did_not_show_is_not_signed(
    make_signer: MakeSigner, providers: Providers
) -> None:
    signer = await make_signer()
    shown, present = await signer.signing.reissued(signer.renewal)
    refused = await signer.start(document=shown)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:form-changed")
    assert not providers["one"].done
    assert (await signer.look()).status_code == 404
    await signer.start(document=present)
    await signer.reaches("completed")
    assert (await signer.signing.wait_for(FormSigned, signer.renewal)).issued_form == present


def is_too_many(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["type"]) == (429, "urn:giahan:problem:remote-too-many")


async def test_nobody_is_asked_on_the_phone_again_and_again(
    make_signer: MakeSigner, providers: Providers
) -> None:
    """Guards against: an office types a stranger's key. Another document has a count of its own."""
    signer, provider = await make_signer(), providers["one"]
    provider.phone = False
    for _ in range(5):
        await signer.start()
        await signer.reaches("failed")
    asked = dict(provider.done)
    refused = await signer.start()
    assert is_too_many(refused)
    assert refused.json()["title"] == REMOTE["too_many"].vi
    assert provider.done == asked
    assert (await (await make_signer()).start()).status_code == 201
    clock = signer.signing.signing.clock
    assert isinstance(clock, OffsetClock)
    clock.move(clock.now() - signer.signing.signing.real.now() + timedelta(hours=1, minutes=1))
    provider.phone = True
    await signer.start()
    await signer.reaches("completed")


async def test_passwords_that_are_sent_count_too(make_signer: MakeSigner, providers: Providers) -> None:
    signer, provider = await make_signer(), providers["two"]
    provider.otp, provider.otp_is_sent = "771204", True
    for _ in range(4):
        assert (await signer.start("two")).json()["type"] == "urn:giahan:problem:remote-otp-needed"
    await signer.start("two", otp="771204")
    await signer.reaches("completed")
    other = await make_signer()
    for _ in range(5):
        await other.start("two")
    assert is_too_many(await other.start("two"))
    assert provider.done["credentials/getChallenge"] == 9
