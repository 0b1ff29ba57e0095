"""The middleware for platforms closes what the gate closes; it sends few requests and waits for little."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from docs.examples.access_gate import KEEP
from tests.examples.product import (
    CLOSED,
    FULL,
    LOCK,
    MIDNIGHT,
    OFFICE,
    OPEN,
    SECOND,
    WORDS,
    Gate,
    Product,
    entry,
    etag_of,
    gate_answer,
    unreachable,
)
from tests.support.service_process import until


async def test_open_office_is_let_in_and_locked_one_is_refused_with_the_gates_words() -> None:
    gate = Gate(OPEN)
    assert await Product(gate).let_in()
    gate.answer = CLOSED
    response = await Product(gate).ask()
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {
        "type": "urn:giahan:problem:access-closed",
        "title": WORDS[0],
        "status": 403,
        "stage": "locked",
        "reason": {"vi": WORDS[0], "en": WORDS[1]},
        "link": "https://vendor.example/renew",
    }


async def test_capability_decides() -> None:
    product = Product(Gate(gate_answer(entry(["read", "export"]))))
    assert [await product.let_in(does) for does in FULL] == [True, False, False, True]


async def test_office_with_two_products_is_closed_for_the_expired_one_only() -> None:
    gate = Gate(gate_answer(entry([]), entry(FULL, product="kt")))
    assert not await Product(gate).let_in()
    assert await Product(gate, product_code="kt").let_in()


async def test_way_to_registration_is_open_and_not_asked_for() -> None:
    gate = Gate(CLOSED)
    response = await Product(gate).ask(path="/renew/form")
    assert response.status_code == 200
    assert not gate.requests


async def test_scopes_other_than_requests_pass() -> None:
    product = Product(Gate(CLOSED))
    await product.app({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert product.scopes == ["lifespan"]


async def test_websocket_of_locked_office_is_closed_before_it_is_accepted() -> None:
    product, sent = Product(gate := Gate(CLOSED)), []
    headers = [(b"x-office", OFFICE.encode()), (b"x-does", b"read")]
    scope = {"type": "websocket", "path": "/", "headers": headers}

    async def send(message: Any) -> None:
        sent.append(message)

    await product.app(scope, None, send)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert not product.scopes
    gate.answer = OPEN
    product.later(timedelta(minutes=2))
    await product.app(scope, None, send)  # type: ignore[arg-type]
    assert product.scopes == ["websocket"]


async def test_asks_with_quoted_names_and_reuses_the_answer() -> None:
    office = "DV/01 ạ?#"
    gate = Gate(gate_answer(entry(FULL), office=office))
    product = Product(gate)
    for _ in range(3):
        assert await product.let_in(office=office)
        product.later(30 * SECOND)
    assert [request.url.raw_path for request in gate.requests] == [
        b"/v1/access/DV%2F01%20%E1%BA%A1%3F%23/qlts"
    ]


async def test_304_lets_the_last_answer_stand_for_another_seven_days() -> None:
    gate = Gate(CLOSED)
    product = Product(gate)
    assert not await product.let_in()
    product.later(KEEP)
    assert not await product.let_in()
    assert [request.headers.get("if-none-match") for request in gate.requests] == [None, etag_of(CLOSED)]
    gate.fail_with(unreachable)
    product.later(KEEP)
    assert not await product.let_in()
    product.later(SECOND)
    assert await product.let_in()


async def test_renewed_office_is_let_in_by_the_first_request_that_would_be_refused() -> None:
    gate = Gate(CLOSED)
    product = Product(gate)
    assert not await product.let_in()
    gate.answer = OPEN
    product.later(61 * SECOND)
    assert await product.let_in()


async def test_old_answer_lets_in_at_once_and_is_renewed_behind() -> None:
    gate = Gate(gate_answer(entry(FULL)))
    product = Product(gate)
    assert await product.let_in()
    release = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await release.wait()
        return httpx.Response(200, json=CLOSED)

    gate.fail_with(slow)
    product.later(timedelta(days=6))
    assert await product.let_in()
    release.set()

    async def refused() -> bool:
        return not await product.let_in()

    await until(refused, "the answer given behind")
    assert len(gate.requests) == 2


async def test_latest_step_begun_holds_in_whatever_order_they_come() -> None:
    back = {"starts_at": (MIDNIGHT + timedelta(days=1)).isoformat(), "stage": "active", "access": ["read"]}
    gate = Gate(gate_answer(entry(FULL, back, LOCK)))
    product = Product(gate)
    assert await product.let_in("read")
    gate.fail_with(unreachable)
    product.clock.move_to(MIDNIGHT)
    assert not await product.let_in("read")
    product.later(timedelta(days=1))
    assert await product.let_in("read")
    assert not await product.let_in("write")


async def test_many_requests_at_once_are_one_question() -> None:
    release = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await release.wait()
        return httpx.Response(200, json=CLOSED)

    gate = Gate()
    gate.fail_with(slow)
    product = Product(gate)
    waiting = [asyncio.create_task(product.let_in()) for _ in range(50)]
    await product.wait_for_requests(gate, 1)
    release.set()
    assert not any(await asyncio.gather(*waiting))
    assert len(gate.requests) == 1


async def test_request_that_is_given_up_leaves_its_question_to_the_others() -> None:
    release = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await release.wait()
        return httpx.Response(200, json=CLOSED)

    gate = Gate()
    gate.fail_with(slow)
    product = Product(gate)
    given_up = asyncio.create_task(product.let_in())
    await product.wait_for_requests(gate, 1)
    other = asyncio.create_task(product.let_in())
    given_up.cancel()
    await asyncio.wait([given_up])
    release.set()
    assert not await other
    assert len(gate.requests) == 1
