"""A fake login gate that answers or fails on demand, and a product behind the middleware."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from docs.examples.access_gate import AccessGate
from tests.support.clock import FixedClock
from tests.support.service_process import until

MIDNIGHT = datetime(2026, 12, 31, 17, tzinfo=UTC)  # in Hà Nội
OFFICE, PRODUCT = "DV-01-000123", "qlts"
FULL = ["read", "write", "print", "export"]
SECOND = timedelta(seconds=1)
WORDS = ["Dữ liệu vẫn được giữ nguyên.", "Your data is kept."]
LOCK = {"starts_at": MIDNIGHT.isoformat(), "stage": "locked", "access": []}
Behaviour = Callable[[httpx.Request], Awaitable[httpx.Response]]


def entry(access: list[str], *steps: Any, product: str = PRODUCT) -> dict[str, Any]:
    stage = "expiring" if access else "locked"
    return {
        "product_code": product,
        "subscription_id": "6b0f9a52-94b5-5d6f-8a5e-0f6f4b7f0c11",
        "stage": stage,
        "access": access,
        "days_left": 1,
        "days_overdue": 0,
        "expires_on": "2026-12-31",
        "ends_on": "2027-03-01",
        "valid_until": None,
        "reason": WORDS,
        "reachable": ["registration", "history", "documents"],
        "steps": list(steps),
    }


def gate_answer(*products: Any, office: str = OFFICE, known: bool = True) -> dict[str, Any]:
    return {"office_ref": office, "known": known, "products": list(products)}


def etag_of(answer: Any) -> str:
    return f'"{sha256(json.dumps(answer).encode()).hexdigest()[:16]}"'


class Gate(httpx.AsyncBaseTransport):
    """Answers like the login gate, or fails as `fail_with` says."""

    def __init__(self, answer: Any = None) -> None:
        self.answer, self.failing = answer, False
        self.behaviour: Behaviour = unreachable
        self.requests: list[httpx.Request] = []
        self.date: datetime | None = None

    def fail_with(self, behaviour: Behaviour) -> None:
        self.behaviour, self.failing = behaviour, True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.failing:
            return await self.behaviour(request)
        headers = {"etag": etag_of(self.answer)}
        if self.date:
            headers["date"] = format_datetime(self.date, usegmt=True)
        if request.headers.get("if-none-match") == headers["etag"]:
            return httpx.Response(304, headers=headers)
        return httpx.Response(200, headers=headers, json=self.answer)


async def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


class Product:
    """A product behind the middleware. The header `X-Office` names the office, `X-Does` the capability it
    needs."""

    def __init__(
        self,
        gate: httpx.AsyncBaseTransport,
        folder: Path | None = None,
        *,
        url: str = "http://gate",
        product_code: str = PRODUCT,
        clock: FixedClock | None = None,
    ) -> None:
        self.clock = clock or FixedClock(MIDNIGHT - timedelta(hours=12))
        self.scopes: list[str] = []
        self.app = AccessGate(
            self._inside,
            client=httpx.AsyncClient(transport=gate, base_url=url),
            product_code=product_code,
            needs=_needs,
            link="https://vendor.example/renew",
            folder=folder,
            now=self.clock.now,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://product")

    async def _inside(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope["type"])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"inside"})

    async def ask(self, does: str = "write", office: str = OFFICE, path: str = "/assets") -> httpx.Response:
        headers = [(b"x-office", office.encode()), (b"x-does", does.encode())]
        return await self.client.get(path, headers=headers)

    async def let_in(self, does: str = "write", office: str = OFFICE) -> bool:
        response = await self.ask(does, office)
        assert response.status_code in (200, 403)
        return response.status_code == 200

    def later(self, by: timedelta) -> None:
        self.clock.move_to(self.clock.now() + by)

    async def wait_for_requests(self, gate: Gate, times: int) -> None:
        """Wait for requests that the middleware sends in the background."""

        async def enough() -> bool:
            return len(gate.requests) >= times

        await until(enough, f"{times} questions")


def _needs(scope: Any) -> tuple[str, str] | None:
    if scope["path"].startswith("/renew"):
        return None
    headers = dict(scope["headers"])
    return headers[b"x-office"].decode(), headers[b"x-does"].decode()


def answering(status: int, content: Any, **headers: str) -> Behaviour:
    async def behaviour(request: httpx.Request) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body, headers=headers)

    return behaviour


async def hang(request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def hangs_up(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("Server disconnected", request=request)


async def raises(request: httpx.Request) -> httpx.Response:
    raise RuntimeError("Cannot send a request, as the client has been closed.")


def damaged(**changes: Any) -> Behaviour:
    return answering(200, gate_answer({**entry([]), **changes}))


CLOSED = gate_answer(entry([]))
OPEN = gate_answer(entry(FULL, LOCK))
FAILURES: dict[str, Behaviour] = {
    "unreachable": unreachable,
    "hangs": hang,
    "hangs_up": hangs_up,
    "client_raises": raises,
    "status_500": answering(500, CLOSED),
    "status_503": answering(503, b"<html>"),
    "status_404": answering(404, CLOSED),
    "status_401": answering(401, CLOSED),
    "redirect": answering(302, CLOSED, location="http://elsewhere/"),
    "no_content": answering(204, b""),
    "empty": answering(200, b""),
    "html": answering(200, b"<html>"),
    "not_utf8": answering(200, b"\xff\xfe{"),
    "too_deep": answering(200, b"[" * 200_000),
    "null": answering(200, None),
    "list": answering(200, [CLOSED]),
    "half": answering(200, json.dumps(CLOSED).encode()[:200]),
    "unknown_office": answering(200, gate_answer(known=False)),
    "other_office": answering(200, gate_answer(entry([]), office="DV-01-000999")),
    "other_product": answering(200, gate_answer(entry([], product="other"))),
    "product_twice": answering(200, gate_answer(entry([]), entry([]))),
    "access_missing": answering(200, gate_answer({k: v for k, v in entry([]).items() if k != "access"})),
    "access_text": damaged(access=""),
    "access_null": damaged(access=None),
    "reason_short": damaged(reason=[]),
    "steps_null": damaged(steps=None),
    "step_without_zone": damaged(steps=[{**LOCK, "starts_at": "2026-01-01T00:00:00"}]),
    "step_no_instant": damaged(steps=[{**LOCK, "starts_at": "tomorrow"}]),
    "bad_date": answering(200, CLOSED, date="yesterday"),
}
