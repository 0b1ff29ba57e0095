"""Speaks to one provider of remote signatures (CSC API)."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import structlog
from pydantic import BaseModel, SecretStr, ValidationError

from services.signing.domain.remote import RemoteFailure, RemoteRefused
from services.signing.evidence.downloads import Downloads, HttpAnswer, NoAnswer, NotInTime
from services.signing.settings import RemoteProvider
from services.signing.signatures.remote.messages import (
    AccessToken,
    DigestToSign,
    Grant,
    KeyCodes,
    KeyDescription,
    KeyIds,
    Refusal,
    Signatures,
    key_request,
)

M = TypeVar("M", bound=BaseModel)
log = structlog.get_logger()

_INFO, _LIST, _CHECK = "credentials/info", "credentials/list", "credentials/authorizeCheck"
_LARGEST = 256 * 1024
_AT_ONCE = 10
_SPARE_SECONDS = 30
"""A token is renewed so long before its end."""
_BUSY = frozenset({408, 425, 429})
_CODES_WRONG = frozenset({"invalid_pin", "invalid_otp", "invalid_authentication_data"})


class NotConfirmed(Exception):
    """The person has not confirmed in time."""


@dataclass(frozen=True, slots=True)
class DescribedKeys:
    """Keys by id, at least one. `silence`: why there is no answer about another one, if there is none."""

    by_id: Mapping[str, KeyDescription]
    silence: NoAnswer | None = None


@dataclass(slots=True)
class CscClient:
    """All methods raise NoAnswer where a later call may succeed, and RemoteRefused otherwise. `patient` waits
    as long as a person may take to confirm. The access token is in memory only."""

    provider: RemoteProvider
    quick: Downloads
    patient: Downloads
    _token: SecretStr | None = None
    _token_until: float = 0.0
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find_keys(self, user: str) -> DescribedKeys:
        """The keys that this person may use. `user` is what the provider's setting says that the person
        types. A key about which the provider refuses to tell, tells nonsense or is silent is left out: it
        must not keep the person from the others."""
        ids, free = await self._ids(user), asyncio.Semaphore(_AT_ONCE)

        async def describe(id: str) -> KeyDescription:
            async with free:
                return await self._ask(_INFO, key_request(id), KeyDescription)

        answers = await asyncio.gather(*map(describe, ids), return_exceptions=True)
        failures = [each for each in answers if isinstance(each, BaseException)]
        silence = next((each for each in failures if isinstance(each, NoAnswer)), None)
        unforeseen = [each for each in failures if not isinstance(each, RemoteRefused | NoAnswer)]
        if unforeseen or len(failures) == len(ids):
            raise [*unforeseen, silence or failures[0]][0]
        found = zip(ids, answers, strict=True)
        return DescribedKeys({id: key for id, key in found if isinstance(key, KeyDescription)}, silence)

    async def _ids(self, user: str) -> tuple[str, ...]:
        if self.provider.asks_for == "key":
            return (user,)
        found = await self._ask(_LIST, {"userID": user}, KeyIds)
        if not found.credential_ids:
            raise RemoteRefused(RemoteFailure.USER_UNKNOWN)
        return found.credential_ids

    async def send_code(self, key: str, description: KeyDescription) -> None:
        """Have the provider send the person a one-time password, if it is one that is sent."""
        for id, factor in description.factors:
            if factor == "challenge" and self.provider.version == "v1":
                await self._exchange("credentials/sendOTP", {"credentialID": key})
            elif factor == "challenge":
                await self._exchange("credentials/getChallenge", {"credentialID": key, "authObjectID": id})

    async def authorize(self, wanted: DigestToSign, codes: KeyCodes) -> Grant:
        """Ask for the right to sign. A provider may answer only once the person has confirmed: raises
        NotConfirmed if the person doesn't."""
        body = wanted.authorize_request(self.provider.version, codes)
        try:
            return await self._ask("credentials/authorize", body, Grant, downloads=self.patient)
        except NotInTime:
            raise NotConfirmed from None

    async def check(self, handle: str) -> Grant:
        """Ask whether the person has confirmed. Raises NotConfirmed once the provider waits no longer."""
        return await self._ask(_CHECK, {"handle": handle}, Grant)

    async def sign(self, wanted: DigestToSign, sad: SecretStr) -> bytes:
        """The signature value."""
        body = wanted.sign_request(self.provider.version, sad)
        return (await self._ask("signatures/signHash", body, Signatures)).signatures[0]

    async def _ask(
        self, method: str, body: Mapping[str, Any], model: type[M], *, downloads: Downloads | None = None
    ) -> M:
        return self._read(method, await self._exchange(method, body, downloads=downloads), model)

    def _read(self, method: str, answer: HttpAnswer, model: type[M]) -> M:
        try:
            return model.model_validate_json(answer.body)
        except ValidationError:
            self._note(method, "not understood")
            raise RemoteRefused(RemoteFailure.PROVIDER_PROBLEM) from None

    async def _exchange(
        self, method: str, body: Mapping[str, Any], *, downloads: Downloads | None = None
    ) -> HttpAnswer:
        url, content = f"{self.provider.url}/{method}", json.dumps(body).encode()
        answer = await self._send(downloads or self.quick, url, content)
        if answer.status == 401 and self.provider.auth == "oauth2":
            self._token = None
            answer = await self._send(downloads or self.quick, url, content)
        if answer.status < 300:
            return answer
        raise self._refusal(method, answer)

    async def _send(self, downloads: Downloads, url: str, content: bytes) -> HttpAnswer:
        headers = {"content-type": "application/json", **await self._authorization()}
        return await downloads.exchange("POST", url, content, headers, limit=_LARGEST)

    async def _authorization(self) -> dict[str, str]:
        if self.provider.auth == "none":
            return {}
        token = self.provider.secret if self.provider.auth == "bearer" else await self._access_token()
        return {"authorization": f"Bearer {token.get_secret_value()}"}

    async def _access_token(self) -> SecretStr:
        loop = asyncio.get_running_loop()
        async with self._renewing:
            if self._token is None or loop.time() >= self._token_until:
                found = await self._fetch_token()
                self._token_until = loop.time() + found.expires_in - _SPARE_SECONDS
                self._token = found.access_token
            return self._token

    async def _fetch_token(self) -> AccessToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.provider.client_id,
            "client_secret": self.provider.secret.get_secret_value(),
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await self.quick.exchange(
            "POST", self.provider.token_address, urlencode(form).encode(), headers, limit=_LARGEST
        )
        if answer.status != httpx.codes.OK:
            raise self._refusal("oauth2/token", answer)
        return self._read("oauth2/token", answer, AccessToken)

    def _refusal(self, method: str, answer: HttpAnswer) -> Exception:
        """The error for an answer that isn't a success. The provider's own words are not passed on: they may
        repeat what was sent."""
        try:
            code = Refusal.model_validate_json(answer.body).error
        except ValidationError:
            code = ""
        self._note(method, f"status {answer.status} {code}".strip())
        if answer.status >= 500 or answer.status in _BUSY:
            return NoAnswer(f"status {answer.status}")
        if code in _CODES_WRONG:
            return RemoteRefused(RemoteFailure.CODE_WRONG)
        if code == "access_denied":
            return RemoteRefused(RemoteFailure.REFUSED)
        if method in (_INFO, _LIST) and answer.status in (400, 404):
            return RemoteRefused(RemoteFailure.USER_UNKNOWN)
        if method == _CHECK and answer.status in (400, 404):
            return NotConfirmed()
        return RemoteRefused(RemoteFailure.PROVIDER_PROBLEM)

    def _note(self, method: str, reason: str) -> None:
        log.warning("remote.refused", provider=self.provider.name, method=method, reason=reason)
