"""Addresses for a program: none goes on once the visitor signed out, or may no longer sign."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from deploy.local.people.pki import Credential
from services.signing.domain.form import FormStatus
from shared.ids import fresh
from shared.storage.documents import Provenance
from shared.web.pages.session import COOKIE, csrf_of
from tests.services.signing.factory import named, withdrawn
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signer import signed_elsewhere
from tests.support.service_process import until


@dataclass(frozen=True, slots=True)
class Address:
    """What the page gave the program for one form."""

    signing: World
    renewal: UUID
    paths: dict[str, str]

    async def fetch(self) -> int:
        return (await self.signing.client.get(self.paths["document"])).status_code

    async def send(self, file: bytes) -> int:
        return (await self.signing.client.post(self.paths["upload"], files={"file": file})).status_code

    async def change(self, **fields: Any) -> None:
        """Change what is stored of it."""
        rows = self.signing.signing.database["transfers"]
        assert (await rows.update_one({"renewal_id": str(self.renewal)}, fields)).modified_count == 1


async def open_address(signing: World, renewal: UUID, token: str) -> Address:
    headers = {"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_of(token)}
    answer = await signing.client.post(f"/signing/api/forms/{renewal}/transfers", headers=headers)
    assert answer.status_code == 201, answer.text
    return Address(signing, renewal, answer.json())


async def is_signed(signing: World, renewal: UUID) -> bool:
    form = await signing.forms.get(renewal)
    return form is not None and form.status is FormStatus.SIGNED


@pytest.fixture
async def file(office: Credential) -> bytes:
    return await signed_elsewhere(issued(), office)


async def test_it_ends_with_the_session(signing: World, file: bytes) -> None:
    token = signing.token()
    address = await open_address(signing, await signing.form(), token)
    assert await address.fetch() == 200
    await signing.client.delete("/v1/session", headers={"authorization": f"Bearer {token}"})
    assert (await address.fetch(), await address.send(file)) == (404, 404)
    assert not await is_signed(signing, address.renewal)


async def test_it_ends_with_the_token(signing: World, file: bytes) -> None:
    address = await open_address(signing, await signing.form(), signing.token())
    past = signing.signing.real.now() - timedelta(seconds=1)
    await address.change(**{"$set": {"session.until": past}})
    assert (await address.fetch(), await address.send(file)) == (404, 404)
    assert not await is_signed(signing, address.renewal)


async def test_it_ends_with_the_appointment(signing: World, file: bytes) -> None:
    ref = f"O-{fresh().hex[:8]}"
    renewal, token = await signing.form(office_ref=ref), signing.token(ref, "member")
    evidence = await signing.put(b"%PDF evidence", Provenance("renewer_evidence", ref))
    await signing.publish(named("p1", office_ref=ref, evidence=evidence))

    async def may_sign() -> bool:
        headers = {"authorization": f"Bearer {token}"}
        return (await signing.client.get(f"/v1/forms/{renewal}", headers=headers)).status_code == 200

    await until(may_sign, "the member may sign")
    address = await open_address(signing, renewal, token)
    assert await address.fetch() == 200
    await signing.publish(withdrawn("p1", office_ref=ref))

    async def has_ended() -> bool:
        return await address.fetch() == 404

    await until(has_ended, "the address leads nowhere")
    assert await address.send(file) == 404
    assert not await is_signed(signing, renewal)


async def test_one_of_an_older_release_goes_on(signing: World, file: bytes) -> None:
    """It has no session."""
    address = await open_address(signing, await signing.form(), signing.token())
    await address.change(**{"$unset": {"session": ""}})
    assert (await address.fetch(), await address.send(file)) == (200, 200)
    assert await is_signed(signing, address.renewal)
