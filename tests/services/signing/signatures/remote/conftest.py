"""The signing service with two providers of remote signatures on this machine."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.local.people.pki import Credential, Pki
from services.signing.signatures.transfers import Kind
from shared.runtime.settings import Settings
from tests.services.signing.service import World, server_settings, signing_settings, world
from tests.services.signing.signatures.remote.provider import PhoneProvider, serve
from tests.support.service_process import until

MakeProvider = Callable[..., PhoneProvider]


@pytest.fixture(scope="package")
async def served(office: Credential) -> AsyncIterator[dict[str, PhoneProvider]]:
    one, two = PhoneProvider({}), PhoneProvider({}, version="v2")
    async with serve(one), serve(two):
        yield {"one": one, "two": two}


@pytest.fixture
def providers(served: dict[str, PhoneProvider], office: Credential) -> dict[str, PhoneProvider]:
    """Both know the office's key as `key-1`, demand no code, and the person confirms at once."""
    for each in served.values():
        each.answered.set()
        fresh_one = PhoneProvider({"key-1": office}, version=each.version, url=each.url)
        for name in PhoneProvider.__slots__:
            setattr(each, name, getattr(fresh_one, name))
    return served


def provider_settings(served: dict[str, PhoneProvider]) -> list[dict[str, Any]]:
    """The two, and the first one once more for people who type their phone number."""
    found: list[dict[str, Any]] = [
        {"name": name, "label": f"Nhà cung cấp {name}", "url": each.base, "version": each.version}
        for name, each in served.items()
    ]
    return [*found, found[0] | {"name": "by-phone", "asks_for": "user"}]


@pytest.fixture(scope="package")
def remote_settings(kafka: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return server_settings(kafka, mongo_uri, tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="package")
async def signing(
    remote_settings: Settings, pki: Pki, served: dict[str, PhoneProvider]
) -> AsyncIterator[World]:
    settings = signing_settings(
        remote_settings, pki, remote_providers=provider_settings(served), remote_poll_seconds=0.01, kyso=True
    )
    async with world(settings) as made:
        yield made


@dataclass(slots=True)
class PhoneSigner:
    """A person who signs one form or contract with a key at a provider."""

    signing: World
    renewal: UUID
    kind: Kind = "form"

    @property
    def path(self) -> str:
        return f"/v1/{self.kind}s/{self.renewal}/remote"

    async def start(self, provider: str = "one", user: str = "key-1", **codes: str) -> httpx.Response:
        body = {"provider": provider, "user": user, **codes}
        return await self.signing.client.post(self.path, json=body, headers=self.signing.bearer())

    async def look(self, **headers: str) -> httpx.Response:
        return await self.signing.client.get(self.path, headers=self.signing.bearer() | headers)

    async def cancel(self) -> httpx.Response:
        return await self.signing.client.delete(self.path, headers=self.signing.bearer())

    async def reaches(self, *statuses: str) -> dict[str, Any]:
        """The answer once the signature has one of these statuses."""

        async def reached() -> dict[str, Any] | None:
            said = (await self.look()).json()
            return said if said["status"] in statuses else None

        return await until(reached, " or ".join(statuses)) or {}


MakeSigner = Callable[[], Awaitable[PhoneSigner]]


@pytest.fixture
def make_signer(signing: World, providers: dict[str, PhoneProvider]) -> MakeSigner:
    """`await make_signer()`: a form that waits for its signature, and who signs it."""

    async def make() -> PhoneSigner:
        return PhoneSigner(signing, await signing.form())

    return make
