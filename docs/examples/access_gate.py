"""Closes a product for an office whose subscription has ended: an ASGI middleware to copy. Needs httpx.

    app = AccessGate(app, client=httpx.AsyncClient(base_url="https://giahan.example"), product_code="qlts",
                     needs=needs, link="https://giahan.example/renew", folder=Path("/var/lib/product/access"))

`needs(scope)` is (office_ref, "read" | "write" | "print" | "export"), or None for what is always let in. Each
answer of Gia Hạn's login gate is kept; it names the steps to come. If the gate can't be asked, the last one
holds for KEEP; after that, or without any, the office is let in and that is logged. Errors lock nobody out.
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
    """What the gate `said` at the moment `at`: the stage in force, then the steps to come."""

    said: Any
    etag: str
    at: datetime
    stages: list[Stage]

    def in_force(self, now: datetime) -> Stage:
        begun = [step for step in self.stages[1:] if step.starts_at <= now]
        return max(begun, key=lambda step: step.starts_at, default=self.stages[0])


def within(span: timedelta, since: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - since <= span  # nothing is kept from the future: a clock was wrong


def read_answer(said: Any, etag: str, at: datetime, office: str, product: str) -> Answer:
    """Raises (ValueError, KeyError, TypeError …) unless `said` is whole and about this office and product."""
    entries = [entry for entry in said["products"] if entry["product_code"] == product]
    if said["office_ref"] != office or len(entries) != 1:
        raise ValueError("the gate doesn't know this office and product")
    reason = dict(zip(("vi", "en"), entries[0]["reason"], strict=True))
    stages = [Stage(at, entries[0]["stage"], entries[0]["access"], reason)]
    steps = [(datetime.fromisoformat(step["starts_at"]), step) for step in entries[0]["steps"]]
    stages += [Stage(starts_at, step["stage"], step["access"], EXPIRED) for starts_at, step in steps]
    if any(stage.starts_at.tzinfo is None or not isinstance(stage.access, list) for stage in stages):
        raise ValueError("an instant without its zone, or access that is no list")
    return Answer(said, etag, at, stages)


class Answers:
    """In memory and, given a folder, in a file an office, so that a restart keeps them."""

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
            said, etag, at = json.loads((folder / self._name(office)).read_bytes())
            return read_answer(said, str(etag), datetime.fromisoformat(at), office, self._product)
        except Exception as error:
            log.info("no answer kept about %s: %r", office, error)
            return None

    def _write(self, file: Path, answer: Answer) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(self._part)  # then moved: a reader finds the old or the new, whole
            part.write_text(json.dumps([answer.said, answer.etag, answer.at.isoformat()]))
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
        """An answer younger than `reuse` isn't asked for again. Where the gate's clock (its Date) and `now`
        are not within `clocks_within`, steps are left out: a wrong clock must not lock anybody early."""
        self._app, self._client, self._product, self._needs = app, client, product_code, needs
        self._link, self._now, self._reuse, self._clocks_within = link, now, reuse, clocks_within
        self._answers = Answers(folder, product_code)
        self._questions: dict[str, asyncio.Task[None]] = {}
        self._pauses: dict[str, tuple[datetime, timedelta]] = {}  # of an office; of "", the gate as a whole

    async def __call__(self, scope: Scope, receive: Asgi, send: Asgi) -> None:
        need = self._needs(scope) if scope["type"] in ("http", "websocket") else None
        refusal = await self._refusal(*need) if need else None
        await (refuse(refusal, self._link, scope, send) if refusal else self._app(scope, receive, send))

    async def _refusal(self, office: str, capability: str) -> Stage | None:
        """Whoever may go in by the last answer does, and it is renewed behind. A refusal (and having no
        answer) waits for the gate, TIMEOUT_S at most."""
        last = self._last(office)
        if last is None or not within(self._reuse, last.at, self._now()):
            question = self._ask(office)
            if question and (last is None or capability not in last.in_force(self._now()).access):
                await asyncio.wait([question], timeout=TIMEOUT_S)
                last = self._last(office)
        if last is None:
            log.warning("let in without an answer about %s", office)
            return None
        stage = last.in_force(self._now())
        return None if capability in stage.access else stage

    def _last(self, office: str) -> Answer | None:
        last = self._answers.get(office)
        return last if last and within(KEEP, last.at, self._now()) else None

    def _ask(self, office: str) -> asyncio.Task[None] | None:
        """The question under way, else a new one, so one at a time; none while a pause lasts."""
        question = self._questions.get(office)
        if question is None or question.done():
            if self._pausing("") or self._pausing(office):
                return None
            question = self._questions[office] = asyncio.create_task(self._renew(office))
        return question

    async def _renew(self, office: str) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._fetch(office, self._answers.get(office))
        except Exception as error:  # whatever it is, it must not lock anybody out
            log.warning("the gate could not be asked about %s: %r", office, error)
            key = "" if isinstance(error, httpx.TransportError | TimeoutError) else office
            if not self._pausing(key):  # questions that fail together count once
                _, length = self._pauses.get(key, (None, FIRST_PAUSE / 2))
                self._pauses[key] = (self._now(), min(length * 2, LONGEST_PAUSE))
        else:
            self._pauses.pop("", None)
            self._pauses.pop(office, None)
            await self._answers.put(office, answer)

    def _pausing(self, key: str) -> bool:
        pause = self._pauses.get(key)
        return pause is not None and within(pause[1], pause[0], self._now())

    async def _fetch(self, office: str, last: Answer | None) -> Answer:
        path = f"/v1/access/{quote(office, safe='')}/{quote(self._product, safe='')}"
        headers = {"if-none-match": last.etag} if last and last.etag else {}
        response = await self._client.get(path, headers=headers)
        if response.status_code == 304 and last:
            said, etag = last.said, last.etag
        else:
            said, etag = response.raise_for_status().json(), response.headers.get("etag", "")
        if said.get("stale") and last:
            raise ValueError("the gate repeats an old answer: ours stands, with its steps")
        date, now = response.headers.get("date"), self._now()
        if date and abs(parsedate_to_datetime(date) - now) > self._clocks_within:
            log.error("our clock and the gate's differ: steps to come are left out")
            said, etag = {**said, "products": [{**entry, "steps": []} for entry in said["products"]]}, ""
        return read_answer(said, etag, now, office, self._product)


async def refuse(stage: Stage, link: str, scope: Scope, send: Asgi) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # not accepted yet: the server answers 403
        return
    problem = {"type": "urn:giahan:problem:access-closed", "title": stage.reason["vi"], "status": 403}
    body = json.dumps({**problem, "stage": stage.name, "reason": stage.reason, "link": link})
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
