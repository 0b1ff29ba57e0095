"""A simulator of VGCA Sign Service, as pages that use it describe it: over a web socket it gets an address of
the PDF, and one for the signed file."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import BrowserContext, WebSocketRoute

from deploy.local.people.pki import Credential
from tests.services.signing.signer import signed_elsewhere

ADDRESS = "wss://127.0.0.1:8987/SignApproved"


@dataclass
class VgcaSimulator:
    """`cancels`: the person closes its window. `waits`: until `confirmed` the person does nothing.
    `signs` False: it returns the file as it is. `mumbles`: its last words are no JSON. `answers`: what
    the upload's address answered."""

    signer: Credential
    cancels: bool = False
    waits: bool = False
    signs: bool = True
    mumbles: bool = False
    answers: list[dict[str, Any]] = field(default_factory=list)
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    _work: set[asyncio.Task[None]] = field(default_factory=set)

    async def plug_into(self, context: BrowserContext) -> None:
        await context.route_web_socket(ADDRESS, self._connected)

    def _connected(self, socket: WebSocketRoute) -> None:
        def receive(message: str | bytes) -> None:
            self._work.add(asyncio.ensure_future(self._answer(socket, json.loads(message))))

        socket.on_message(receive)

    async def _answer(self, socket: WebSocketRoute, asked: dict[str, str]) -> None:
        if self.waits:
            await self.confirmed.wait()
        if self.cancels:
            socket.send(json.dumps({"Status": 3, "Message": "Người dùng hủy ký số"}))
            return
        async with httpx.AsyncClient() as client:
            issued = (await client.get(asked["FileName"])).raise_for_status().content
            file = await signed_elsewhere(issued, self.signer) if self.signs else issued
            sent = {"uploadfile": ("signed.pdf", file, "application/pdf")}
            answer = (await client.post(asked["FileUploadHandler"], files=sent)).raise_for_status().json()
        self.answers.append(answer)
        if self.mumbles:
            socket.send("...")
            return
        socket.send(json.dumps({"Status": 0 if answer["Status"] else 2, "Message": answer["Message"]}))
