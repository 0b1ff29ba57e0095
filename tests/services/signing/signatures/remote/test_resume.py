"""A service that dies while a person is about to confirm goes on after it; nothing is signed twice."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from deploy.local.people.pki import Pki
from services.signing.domain.remote import RemoteSession, session_id
from services.signing.settings import SigningSettings
from services.signing.signatures.service import SigningService
from shared.events.signing import FormSigned
from shared.ids import fresh
from shared.resilience.errors import OutOfTime
from shared.runtime.settings import Settings
from tests.services.signing.service import World, signing_settings, world
from tests.services.signing.signatures.remote.conftest import PhoneSigner, provider_settings
from tests.services.signing.signatures.remote.provider import PhoneProvider
from tests.support.service_process import until

Providers = dict[str, PhoneProvider]


@pytest.fixture
def settings(remote_settings: Settings, pki: Pki, served: Providers) -> SigningSettings:
    """A namespace of its own: the service is started twice on it."""
    own = remote_settings.model_copy(update={"namespace": f"t{fresh().hex[:12]}"})
    return signing_settings(own, pki, remote_providers=provider_settings(served), remote_poll_seconds=0.01)


@pytest.fixture
def another_host(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """After a call of it, services run on another host than those before: they are other holders."""

    def move() -> None:
        name = f"host-{fresh().hex}"
        monkeypatch.setattr("shared.runtime.service.socket", SimpleNamespace(gethostname=lambda: name))

    return move


async def started(first: World, provider: str, **codes: str) -> UUID:
    signer = PhoneSigner(first, await first.form())
    assert (await signer.start(provider, **codes)).json()["status"] == "asked"
    return signer.renewal


async def asked(provider: PhoneProvider, times: int) -> None:
    async def reached() -> bool:
        return provider.done["credentials/authorize"] >= times

    await until(reached, "the provider is asked")


async def test_waiting_signatures_go_on(
    settings: SigningSettings, providers: Providers, another_host: Callable[[], None]
) -> None:
    """Version 2 has a handle and is asked no second time; version 1 shows the question on the phone again.
    A PIN is nowhere, so who typed one begins again."""
    one, two = providers["one"], providers["two"]
    one.phone = two.phone = None
    async with world(settings) as first:
        by_handle = await started(first, "two")
        await asked(two, 1)
        await PhoneSigner(first, by_handle).reaches("asked")
        again = await started(first, "one")
        await asked(one, 1)
        one.pin = "482913"
        with_code = await started(first, "one", pin="482913")
        await asked(one, 2)
    one.pin = ""
    another_host()
    async with world(settings) as second:
        interrupted = await PhoneSigner(second, with_code).reaches("failed")
        assert interrupted["failure"]["code"] == "interrupted"
        await asked(one, 3)
        one.confirm()
        two.confirm()
        for renewal in (by_handle, again):
            await PhoneSigner(second, renewal).reaches("completed")
            await second.wait_for(FormSigned, renewal)
        assert (two.done["credentials/authorize"], two.done["signatures/signHash"]) == (1, 1)
        assert one.done["signatures/signHash"] == 1
        assert len(second.published(FormSigned, by_handle)) == 1


async def test_value_that_was_stored_is_not_asked_for_again(
    settings: SigningSettings,
    providers: Providers,
    monkeypatch: pytest.MonkeyPatch,
    another_host: Callable[[], None],
) -> None:
    async def late(*args: Any) -> None:
        raise OutOfTime("never done")

    async with world(settings) as first:
        with monkeypatch.context() as broken:
            broken.setattr(SigningService, "complete", late)
            renewal = await started(first, "two")
            await PhoneSigner(first, renewal).reaches("confirmed")
    another_host()
    async with world(settings) as second:
        await PhoneSigner(second, renewal).reaches("completed")
        await second.wait_for(FormSigned, renewal)
    assert providers["two"].done["signatures/signHash"] == 1


async def test_process_that_crashed_holds_nothing_for_long(
    settings: SigningSettings,
    providers: Providers,
    monkeypatch: pytest.MonkeyPatch,
    another_host: Callable[[], None],
) -> None:
    """It holds a session only a short time at a time, also while version 1 waits for the person."""
    one = providers["one"]
    one.phone = None
    monkeypatch.setattr("services.signing.signatures.remote.follower._HOLD", timedelta(seconds=0.5))
    monkeypatch.setattr(RemoteSession, "release", lambda self, holder: None)
    async with world(settings) as first:
        renewal = await started(first, "one")
        await asked(one, 1)
        await renewed(first, renewal)
    another_host()
    async with world(settings) as second:
        await asked(one, 2)
        one.confirm()
        await PhoneSigner(second, renewal).reaches("completed")
    assert one.done["signatures/signHash"] == 1


async def renewed(world: World, renewal: UUID) -> None:
    """One request runs, and meanwhile the hold on the session is renewed."""

    async def held() -> str:
        sessions = world.signing.database["remote_sessions"]
        found = await sessions.find_one({"_id": str(session_id("form", renewal))})
        return str(found and found["held_until"])

    first = await held()

    async def later() -> bool:
        return await held() != first

    await until(later, "the hold is renewed")
