"""A simulator of MISA KYSO: over a web socket it gets a PDF in base64 and returns it signed.

The ports and the shape of the messages are those of public pages that have it sign XML.
"""

import asyncio
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import BrowserContext, WebSocketRoute

from deploy.local.people.pki import Credential
from tests.services.signing.signer import signed_elsewhere

ADDRESS = "ws://localhost:12681/plugin"


@dataclass
class KysoSimulator:
    """`cancels`: the person closes its window. `signs` False: it returns the file as it is. `says`: other
    words than its own. `asked`: what pages sent."""

    signer: Credential
    cancels: bool = False
    signs: bool = True
    says: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    _work: set[asyncio.Task[None]] = field(default_factory=set)

    async def plug_into(self, context: BrowserContext) -> None:
        await context.route_web_socket(ADDRESS, self._connected)

    def _connected(self, socket: WebSocketRoute) -> None:
        def receive(message: str | bytes) -> None:
            self._work.add(asyncio.ensure_future(self._answer(socket, json.loads(message))))

        socket.on_message(receive)

    async def _answer(self, socket: WebSocketRoute, asked: dict[str, Any]) -> None:
        self.asked.append(asked)
        if self.says:
            socket.send(self.says)
            return
        if self.cancels:
            socket.send(json.dumps({"status": False, "message": "Người dùng hủy ký số", "data": None}))
            return
        issued = b64decode(asked["files"][0]["data"])
        file = await signed_elsewhere(issued, self.signer) if self.signs else issued
        inner = {"files": [{"name": "signed.pdf", "data": b64encode(file).decode()}], "CertName": "CN"}
        socket.send(json.dumps({"status": True, "message": "", "data": json.dumps(inner)}))
