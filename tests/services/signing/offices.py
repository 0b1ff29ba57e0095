"""An office that signs a form or a contract over HTTP."""

from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID

import httpx

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import Credential
from tests.services.signing.service import World


def chain(who: Credential) -> list[str]:
    return [b64encode(der).decode() for der in who.chain]


class Office:
    """The signer of one renewal's form or contract."""

    def __init__(self, signing: World, renewal: UUID, what: str = "forms") -> None:
        self.signing = signing
        self.renewal = renewal
        self.form = f"/v1/{what}/{renewal}"

    async def ask(self, certificates: list[str], **more: str) -> httpx.Response:
        path, body = f"{self.form}/attempts", {"certificates": certificates, **more}
        return await self.signing.client.post(path, json=body, headers=self.signing.bearer())

    async def begin(self, who: Credential) -> dict[str, Any]:
        answer = await self.ask(chain(who))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def answer(
        self, who: Credential, attempt: dict[str, Any], *, algorithm: str = "", language: str = "vi"
    ) -> httpx.Response:
        """Sign the digest with the office's tool and send the signature."""
        token = Token(who.p12.read_bytes(), who.password)
        value = token.sign(b64decode(attempt["digest"]), algorithm or attempt["algorithm"])
        path = f"{self.form}/attempts/{attempt['attempt']}/signature"
        body = {"signature": b64encode(value).decode()}
        return await self.signing.client.put(path, json=body, headers=self.signing.bearer(language=language))
