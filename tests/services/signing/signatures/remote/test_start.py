"""What a start of a remote signature is refused for, before anybody is asked to confirm."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from services.signing.domain.contract import seal_id
from services.signing.domain.remote import RemoteSession
from services.signing.signatures.remote.sessions import RemoteSessions
from services.signing.texts import REMOTE
from shared.events.renewal import ContractVoided
from shared.events.signing import FormSigned, SealFailed
from shared.time.clock import OffsetClock
from tests.services.signing.service import World
from tests.services.signing.signatures.remote.conftest import MakeSigner, PhoneSigner
from tests.services.signing.signatures.remote.provider import PhoneProvider
from tests.support.service_process import until

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


async def test_of_two_starts_at_once_the_newer_goes_on(
    make_signer: MakeSigner, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older one is stored last. Nobody is asked twice."""
    signer, provider = await make_signer(), providers["two"]
    provider.phone = None
    begun, overtaken, open_session = asyncio.Event(), asyncio.Event(), RemoteSessions.open

    async def open_late(self: RemoteSessions, session: RemoteSession, now: datetime) -> None:
        if session.attempt == 1:
            begun.set()
            await overtaken.wait()
        await open_session(self, session, now)

    monkeypatch.setattr(RemoteSessions, "open", open_late)
    older = asyncio.create_task(signer.start("two"))
    await begun.wait()
    assert (await signer.start("two")).status_code == 201
    overtaken.set()
    refused = await older
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:giahan:problem:remote-replaced")
    provider.confirm()
    assert (await signer.reaches("completed", "failed"))["status"] == "completed"
    assert provider.done["credentials/authorize"] == 1


async def test_session_of_a_void_contract_is_another_than_that_of_the_next_one(
    signing: World, providers: Providers
) -> None:
    """Guards against: the older one, whose provider answers once the person has confirmed, signed the void
    contract and stored the value in the newer one."""
    renewal = await signing.accepted_on_paper()
    contract = await signing.waiting_contract(renewal)
    signer, patient = PhoneSigner(signing, renewal, "contract"), providers["one"]
    patient.phone = None
    older = (await signer.start("one")).json()

    async def is_asked() -> bool:
        return bool(patient.titles)

    await until(is_asked, "the phone shows it")
    fields = contract.model_dump(include=set(ContractVoided.model_fields))
    await signing.publish(ContractVoided(**fields, reason="sai số"))
    await signing.wait_for(SealFailed, renewal)
    await signing.waiting_contract(renewal, contract_number="2/2026/HĐ-GH")

    async def is_replaced() -> bool:
        stored = await signing.contracts.state(seal_id(renewal))
        return stored is not None and stored.contract.contract_number == "2/2026/HĐ-GH"

    await until(is_replaced, "the next contract")
    await signer.start("two")
    patient.confirm()
    newer = await signer.reaches("completed", "failed")
    assert (newer["status"], newer["failure"]) == ("completed", None)
    assert newer["attempt"] > older["attempt"]


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
