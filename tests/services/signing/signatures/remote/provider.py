"""A provider of remote signatures (CSC API, versions 1 and 2) with a phone that answers as the test says.

certomancer-csc-dummy stands for version 1 where nobody is asked; it knows no PIN, no phone and no version 2.
"""

import asyncio
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import Credential
from tests.support.browser import serve_on_port

PSS = "1.2.840.113549.1.1.10"
Answer = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class PhoneProvider:
    """`keys` by id. `pin` and `otp`: what it demands. `phone`: what the person does; None: nothing yet.
    `instead`: another answer to a method. `secret`: the access token that it wants. `titles`: what the phone
    showed. `done` counts the requests by method."""

    keys: dict[str, Credential]
    version: str = "v1"
    pin: str = ""
    otp: str = ""
    otp_is_sent: bool = False
    algorithms: tuple[str, ...] = (PSS,)
    enabled: bool = True
    users: dict[str, list[str]] = field(default_factory=dict)
    phone: bool | None = True
    secret: str = ""
    key_of: Credential | None = None
    instead: dict[str, Answer] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    url: str = ""
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    _granted: dict[str, list[str]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"{self.url}/csc/{self.version}"

    def confirm(self, *, agrees: bool = True) -> None:
        """The person answers on the phone."""
        self.phone = agrees
        self.answered.set()

    async def answer(self, method: str, request: Request) -> Response:
        self.done[method] += 1
        if method in self.instead:
            return await self.instead[method](request)
        if method == "oauth2/token":
            return await self._token(request)
        if self.secret and request.headers.get("authorization") != f"Bearer {self.secret}":
            return refusal("invalid_token", 401)
        body = await request.json()
        if "credentialID" in body and body["credentialID"] not in self.keys:
            return refusal("invalid_request")
        handle: Callable[[dict[str, Any]], Awaitable[Response]] = getattr(
            self, f"_{method.replace('/', '_')}"
        )
        return await handle(body)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if (form["client_id"], form["client_secret"]) != ("giahan", "s3cret-of-ours"):
            return refusal("invalid_client", 401)
        self.secret = f"token-{self.done['oauth2/token']}"
        return JSONResponse({"access_token": self.secret, "token_type": "Bearer", "expires_in": 3600})

    async def _credentials_list(self, body: dict[str, Any]) -> Response:
        return JSONResponse({"credentialIDs": self.users.get(body["userID"], [])})

    async def _credentials_info(self, body: dict[str, Any]) -> Response:
        chain = [b64encode(der).decode() for der in self.keys[body["credentialID"]].chain]
        status = "enabled" if self.enabled else "disabled"
        common = {
            "key": {"status": status, "algo": list(self.algorithms), "len": 2048},
            "cert": {"status": "valid", "certificates": chain},
            "multisign": 1,
            "SCAL": "2",
        }
        return JSONResponse(common | (self._auth_1() if self.version == "v1" else self._auth_2()))

    def _auth_1(self) -> dict[str, Any]:
        pin, otp = (str(bool(each)).lower() for each in (self.pin, self.otp))
        kind = "online" if self.otp_is_sent else "offline"
        mode = "explicit" if self.pin or self.otp else "implicit"
        return {"authMode": mode, "PIN": {"presence": pin}, "OTP": {"presence": otp, "type": kind}}

    def _auth_2(self) -> dict[str, Any]:
        objects = [{"type": "Password", "id": "PIN"}] if self.pin else []
        if self.otp:
            objects += [{"type": "ChallengeResponse", "id": "sms"} if self.otp_is_sent else
                        {"type": "Password", "id": "otp", "generator": "totp"}]  # fmt: skip
        return {"auth": {"mode": "explicit", "objects": objects}}

    async def _credentials_sendOTP(self, body: dict[str, Any]) -> Response:  # noqa: N802
        return Response(status_code=204)

    async def _credentials_getChallenge(self, body: dict[str, Any]) -> Response:  # noqa: N802
        return Response(status_code=204)

    async def _credentials_authorize(self, body: dict[str, Any]) -> Response:
        typed = {each["id"]: each["value"] for each in body.get("authData", [])}
        pin, otp = (
            body.get("PIN", typed.get("PIN", "")),
            body.get("OTP", typed.get("otp", typed.get("sms", ""))),
        )
        if (pin, otp) != (self.pin, self.otp):
            wrong = "invalid_pin" if pin != self.pin else "invalid_otp"
            return refusal(wrong if self.version == "v1" else "invalid_authentication_data")
        self.titles.append(body["description"])
        sad = f"sad-{len(self._granted)}"
        self._granted[sad] = body["hash" if self.version == "v1" else "hashes"]
        if self.version == "v2" and self.phone is None:
            return JSONResponse({"handle": sad}, 202)
        if self.phone is None:
            await self.answered.wait()  # version 1 answers only then
        return self._decided(sad)

    async def _credentials_authorizeCheck(self, body: dict[str, Any]) -> Response:  # noqa: N802
        if body["handle"] not in self._granted:
            return refusal("invalid_request")
        waits = JSONResponse({"handle": body["handle"]}, 202)
        return waits if self.phone is None else self._decided(body["handle"])

    def _decided(self, sad: str) -> Response:
        return JSONResponse({"SAD": sad, "expiresIn": 300}) if self.phone else refusal("access_denied", 403)

    async def _signatures_signHash(self, body: dict[str, Any]) -> Response:  # noqa: N802
        hashes = body["hash" if self.version == "v1" else "hashes"]
        if self._granted.pop(body["SAD"], None) != hashes:  # one use, and for these digests alone
            return refusal("invalid_request")
        who = self.key_of or self.keys[body["credentialID"]]
        algorithm = "PS256" if body["signAlgo"] == PSS else "RS256"
        token = Token(who.p12.read_bytes(), who.password)
        values = [token.sign(b64decode(each), algorithm) for each in hashes]
        return JSONResponse({"signatures": [b64encode(value).decode() for value in values]})


def refusal(code: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": "Words that may quote 482913"}, status)


@asynccontextmanager
async def serve(provider: PhoneProvider) -> AsyncIterator[PhoneProvider]:
    """Serve it on a free port."""
    app = FastAPI()

    @app.post("/csc/{version}/{group}/{name}")
    async def answer(version: str, group: str, name: str, request: Request) -> Response:
        if version != provider.version:
            return refusal("invalid_request", 404)
        return await provider.answer(f"{group}/{name}", request)

    async with serve_on_port(app) as provider.url:
        yield provider
        provider.answered.set()
