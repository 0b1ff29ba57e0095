"""An ASGI middleware to copy: it closes a product for an office whose subscription has ended. Needs httpx.

    app = AccessGate(app, client=httpx.AsyncClient(base_url="https://giahan.example"), product_code="qlts",
                     needs=needs, link="https://giahan.example/renew", folder=Path("/var/lib/product/access"))

`needs(scope)` is (office_ref, "read" | "write" | "print" | "export"), or None for requests that are always
let in. The middleware stores each answer of Gia Hạn's login gate, which also names the future steps. If the
gate cannot be reached, the last answer is valid for KEEP. After that, or without any answer, the office is
let in and a warning is logged. An error never locks anybody out.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

log = logging.getLogger("giahan.access_gate")
KEEP, TIMEOUT_S = timedelta(days=7), 1.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)
EXPIRED = {"vi": "Đã hết hạn sử dụng; mời đơn vị đăng ký gia hạn.", "en": "Use has ended; please renew."}

Scope = MutableMapping[str, Any]
Asgi = Callable[..., Awaitable[Any]]


class Stage(NamedTuple):
    starts_at: datetime
    name: str
    access: list[str]
    reason: dict[str, str]


class Answer(NamedTuple):
    """The gate's answer `body` at the moment `at`. `stages`: the stage in force, then the future steps."""

    body: Any
    etag: str
    at: datetime
    stages: list[Stage]

    def in_force(self, now: datetime) -> Stage:
        begun = [step for step in self.stages[1:] if step.starts_at <= now]
        return max(begun, key=lambda step: step.starts_at, default=self.stages[0])


def within(span: timedelta, since: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - since <= span  # a moment in the future means that a clock was wrong


def read_answer(body: Any, etag: str, at: datetime, office: str, product: str) -> Answer:
    """Raises ValueError, KeyError, TypeError … unless `body` is complete and about this
    office and product."""
    entries = [entry for entry in body["products"] if entry["product_code"] == product]
    if body["office_ref"] != office or len(entries) != 1:
        raise ValueError("the gate doesn't know this office and product")
    reason = dict(zip(("vi", "en"), entries[0]["reason"], strict=True))
    stages = [Stage(at, entries[0]["stage"], entries[0]["access"], reason)]
    steps = [(datetime.fromisoformat(step["starts_at"]), step) for step in entries[0]["steps"]]
    stages += [Stage(starts_at, step["stage"], step["access"], EXPIRED) for starts_at, step in steps]
    if any(stage.starts_at.tzinfo is None or not isinstance(stage.access, list) for stage in stages):
        raise ValueError("an instant without its zone, or access that is no list")
    return Answer(body, etag, at, stages)


class Answers:
    """Answers in memory and, with a folder, in one file for each office, so that they survive a restart."""

    def __init__(self, folder: Path | None, product: str) -> None:
        self._folder, self._product, self._part = folder, product, f".{secrets.token_hex(4)}.part"
        self._known: dict[str, Answer | None] = {}

    def get(self, office: str) -> Answer | None:
        if office not in self._known:
            self._known[office] = self._read(self._folder, office) if self._folder else None
        return self._known[office]

    async def put(self, office: str, answer: Answer) -> None:
        self._known[office] = answer
        if self._folder:
            await asyncio.to_thread(self._write, self._folder / self._name(office), answer)

    def _name(self, office: str) -> str:
        return sha256(json.dumps([office, self._product]).encode()).hexdigest()

    def _read(self, folder: Path, office: str) -> Answer | None:
        try:
            body, etag, at = json.loads((folder / self._name(office)).read_bytes())
            return read_answer(body, str(etag), datetime.fromisoformat(at), office, self._product)
        except Exception as error:
            log.info("no answer kept about %s: %r", office, error)
            return None

    def _write(self, file: Path, answer: Answer) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(self._part)  # moved when complete: a reader finds the old or the new file
            part.write_text(json.dumps([answer.body, answer.etag, answer.at.isoformat()]))
            part.replace(file)
        except OSError as error:
            log.warning("an answer can't be kept over a restart: %r", error)


class AccessGate:
    def __init__(
        self, app: Asgi, *, client: httpx.AsyncClient, product_code: str,
        needs: Callable[[Scope], tuple[str, str] | None], link: str, folder: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251 (the only place that asks)
        reuse: timedelta = timedelta(seconds=60), clocks_within: timedelta = timedelta(minutes=5),
    ) -> None:  # fmt: skip
        """An answer younger than `reuse` is not requested again.

        If the gate's clock (its Date header) and `now` differ by more than `clocks_within`, future steps are
        ignored: a wrong clock must not lock anybody early.
        """
        self._app, self._client, self._product, self._needs = app, client, product_code, needs
        self._link, self._now, self._reuse, self._clocks_within = link, now, reuse, clocks_within
        self._answers = Answers(folder, product_code)
        self._refreshes: dict[str, asyncio.Task[None]] = {}
        self._pauses: dict[str, tuple[datetime, timedelta]] = {}  # of an office; of "", the gate as a whole

    async def __call__(self, scope: Scope, receive: Asgi, send: Asgi) -> None:
        need = self._needs(scope) if scope["type"] in ("http", "websocket") else None
        refusal = await self._refusal(*need) if need else None
        await (refuse(refusal, self._link, scope, send) if refusal else self._app(scope, receive, send))

    async def _refusal(self, office: str, capability: str) -> Stage | None:
        """The stage that refuses the request, or None.

        If the last answer allows the request, it passes at once and the answer is refreshed in the
        background. A refusal, or a missing answer, waits for the gate, at most TIMEOUT_S.
        """
        last = self._last(office)
        if last is None or not within(self._reuse, last.at, self._now()):
            refresh = self._start_refresh(office)
            if refresh and (last is None or capability not in last.in_force(self._now()).access):
                await asyncio.wait([refresh], timeout=TIMEOUT_S)
                last = self._last(office)
        if last is None:
            log.warning("let in without an answer about %s", office)
            return None
        stage = last.in_force(self._now())
        return None if capability in stage.access else stage

    def _last(self, office: str) -> Answer | None:
        last = self._answers.get(office)
        return last if last and within(KEEP, last.at, self._now()) else None

    def _start_refresh(self, office: str) -> asyncio.Task[None] | None:
        """The running refresh, else a new one, so that there is one at a time; None during a pause."""
        refresh = self._refreshes.get(office)
        if refresh is None or refresh.done():
            if self._is_paused("") or self._is_paused(office):
                return None
            refresh = self._refreshes[office] = asyncio.create_task(self._refresh(office))
        return refresh

    async def _refresh(self, office: str) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._fetch(office, self._answers.get(office))
        except Exception as error:  # no error may lock anybody out
            log.warning("the gate could not be asked about %s: %r", office, error)
            key = "" if isinstance(error, httpx.TransportError | TimeoutError) else office
            if not self._is_paused(key):  # refreshes that fail together count once
                _, length = self._pauses.get(key, (None, FIRST_PAUSE / 2))
                self._pauses[key] = (self._now(), min(length * 2, LONGEST_PAUSE))
        else:
            self._pauses.pop("", None)
            self._pauses.pop(office, None)
            await self._answers.put(office, answer)

    def _is_paused(self, key: str) -> bool:
        pause = self._pauses.get(key)
        return pause is not None and within(pause[1], pause[0], self._now())

    async def _fetch(self, office: str, last: Answer | None) -> Answer:
        path = f"/v1/access/{quote(office, safe='')}/{quote(self._product, safe='')}"
        headers = {"if-none-match": last.etag} if last and last.etag else {}
        response = await self._client.get(path, headers=headers)
        if response.status_code == 304 and last:
            body, etag = last.body, last.etag
        else:
            body, etag = response.raise_for_status().json(), response.headers.get("etag", "")
        if body.get("stale") and last:
            raise ValueError("the gate repeats an old answer: ours stands, with its steps")
        date, now = response.headers.get("date"), self._now()
        if date and abs(parsedate_to_datetime(date) - now) > self._clocks_within:
            log.error("our clock and the gate's differ: steps to come are left out")
            body, etag = {**body, "products": [{**entry, "steps": []} for entry in body["products"]]}, ""
        return read_answer(body, etag, now, office, self._product)


async def refuse(stage: Stage, link: str, scope: Scope, send: Asgi) -> None:
    if scope["type"] == "websocket":
        await send(
            {"type": "websocket.close", "code": 1008}
        )  # before it is accepted, so the server answers 403
        return
    problem = {"type": "urn:giahan:problem:access-closed", "title": stage.reason["vi"], "status": 403}
    body = json.dumps({**problem, "stage": stage.name, "reason": stage.reason, "link": link})
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
