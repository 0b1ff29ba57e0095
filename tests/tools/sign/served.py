"""The tool's HTTP interface on a real port, with real tokens and somebody who answers without a window."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from deploy.local.host.ports import free_port
from tests.tools.sign import softhsm
from tools.sign.confirmation.question import Question, Reply
from tools.sign.instance import listen
from tools.sign.pairings import Pairings
from tools.sign.routes import build_app
from tools.sign.tokens.tokens import Tokens
from tools.sign.tool import SigningTool

SITE = "https://giahan.example.vn"
DIGEST = sha256(b"form").digest()


def confirmed(pin: str | None = softhsm.PIN) -> Reply:
    return Reply.model_validate({"outcome": "confirmed", "pin": pin})


@dataclass
class Somebody:
    """Replies with `reply` as soon as `ready` is set, and remembers what was asked and whether it ended."""

    reply: Reply = field(default_factory=confirmed)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Queue[Question] = field(default_factory=asyncio.Queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, question: Question) -> Reply:
        self.asked.put_nowait(question)
        try:
            await self.ready.wait()
        finally:
            self.ended.set()
        return self.reply


@dataclass
class ServedTool:
    port: int
    tool: SigningTool
    person: Somebody
    site: httpx.AsyncClient
    """Asks as the page of SITE does."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serve(
    folder: Path, *libraries: str, paired: bool = True, ready: bool = True
) -> AsyncIterator[ServedTool]:
    found = listen([free_port()])
    assert found
    listener, port = found
    person = Somebody()
    if ready:
        person.ready.set()
    pairings = Pairings(folder / "origins.json", [SITE] if paired else [])
    tool = SigningTool(pairings, Tokens(libraries, 60), person, lambda: datetime(2026, 11, 25, tzinfo=UTC))
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(tool, port), http="h11", ws="none", lifespan="off", log_config=None, access_log=False
        )
    )
    serving = asyncio.create_task(server.serve([listener]))
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(
        base_url=base, headers={"Origin": SITE}, timeout=60, trust_env=False, verify=False
    ) as site:
        yield ServedTool(port, tool, person, site)
    server.should_exit = True
    await serving


def signature_body(certificate: str, algorithm: str = "PS256", **changed: object) -> dict[str, Any]:
    document = {"title": "Phiếu đăng ký gia hạn", "number": "12/GH-2026", "sha256": "ab" * 32}
    body: dict[str, Any] = {
        "certificate": certificate,
        "algorithm": algorithm,
        "digest": base64.b64encode(DIGEST).decode(),
        "document": document,
    }
    return body | changed


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error of an answer, which must be as the protocol says."""
    body = answer.json()
    assert body["protocol"] == 1
    error: dict[str, Any] = body["error"]
    assert error["message"].keys() == {"vi", "en"}
    assert all(error["message"].values())
    return error
