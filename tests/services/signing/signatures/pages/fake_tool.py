"""A signing tool that answers as the test says, in place of the program on the office's computer.

Playwright hands it the page's requests to the tool's ports, so tests can run side by side.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.x509.oid import NameOID
from playwright.async_api import BrowserContext, Route

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import Credential

PORTS = "http://127.0.0.1:1474"
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "content-type",
    "access-control-allow-methods": "GET, POST",
}


@dataclass
class FakeTool:
    """`refuses`: the error by path, such as {"/signatures": {"code": "pin_wrong"}}. `asked`: the bodies of
    the requests to sign. `answers` False: nothing listens at the ports. `silent`: the paths that get no
    answer. `key_of`: whose key signs, if not the certificate's own."""

    credentials: list[Credential]
    paired: bool = True
    protocol: int = 1
    answers: bool = True
    refuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    algorithm: str = ""
    key_of: Credential | None = None

    async def plug_into(self, context: BrowserContext) -> None:
        await context.route(f"{PORTS}*/**", self._answer)

    async def _answer(self, route: Route) -> None:
        if not self.answers or not route.request.url.startswith(f"{PORTS}2/"):
            await route.abort("connectionrefused")
            return
        path = route.request.url.partition("/v1")[2]
        if path in self.silent:
            return
        error = self.refuses.get(path)
        said = {"error": error} if error else self._said(path, route.request.post_data)
        body = json.dumps({"protocol": self.protocol, **said})
        status = 403 if error else 200
        await route.fulfill(status=status, body=body, content_type="application/json", headers=_CORS)

    def _said(self, path: str, sent: str | None) -> dict[str, Any]:
        if path == "/tool":
            return {"tool": "giahan-sign", "version": "0.1.0", "paired": self.paired}
        if path == "/pairing":
            self.paired = True
            return {"paired": True}
        if path == "/certificates":
            return {"certificates": [_described(each) for each in self.credentials]}
        body = json.loads(sent or "")
        self.asked.append(body)
        who = next(each for each in self.credentials if each.fingerprint == body["certificate"])
        algorithm, signer = self.algorithm or body["algorithm"], self.key_of or who
        value = Token(signer.p12.read_bytes(), signer.password).sign(b64decode(body["digest"]), algorithm)
        return {"signature": b64encode(value).decode(), "algorithm": algorithm}


def _described(who: Credential) -> dict[str, Any]:
    first, *issuers = (b64encode(der).decode() for der in who.chain)
    return {
        "id": who.fingerprint,
        "certificate": first,
        "issuers": issuers,
        "holder": who.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
        "issuer": "CA thử nghiệm",
        "serial": "1",
        "valid_from": "2020-01-01T00:00:00Z",
        "valid_to": "2060-01-01T00:00:00Z",
        "codes": [],
        "key": "RSA 2048",
        "algorithms": ["PS256", "RS256"],
        "token": {"label": "TOKEN 1", "pin_low": False, "pin_final_try": False, "pin_locked": False},
    }
