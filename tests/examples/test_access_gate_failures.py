"""Whatever happens to the gate, its last answer is valid for seven days, and no error locks anybody out."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from deploy.local.host.ports import free_port
from docs.examples import access_gate
from docs.examples.access_gate import EXPIRED, KEEP
from tests.examples.product import (
    CLOSED,
    FAILURES,
    MIDNIGHT,
    OFFICE,
    OPEN,
    SECOND,
    Behaviour,
    Gate,
    Product,
    answering,
    unreachable,
)
from tests.support.service_process import until


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Behaviour:
    monkeypatch.setattr(access_gate, "TIMEOUT_S", 0.05)
    return FAILURES[request.param]


async def test_failure_without_an_answer_lets_in_and_is_reported(
    failure: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    gate.fail_with(failure)
    assert await Product(gate).let_in()
    assert f"let in without an answer about {OFFICE}" in caplog.messages

    async def reported() -> bool:
        return any(message.startswith("the gate could not be asked") for message in caplog.messages)

    await until(reported, "the failure in the log")
    assert len(gate.requests) == 1


async def test_failure_leaves_the_last_answer_and_its_steps_for_seven_days(failure: Behaviour) -> None:
    gate = Gate(OPEN)
    product = Product(gate)
    assert await product.let_in()
    gate.fail_with(failure)
    product.clock.move_to(MIDNIGHT - SECOND)
    assert await product.let_in()
    product.clock.move_to(MIDNIGHT)
    response = await product.ask()
    assert (response.status_code, response.json()["stage"]) == (403, "locked")
    assert response.json()["reason"] == EXPIRED, "the reason of the stage before is no longer true"
    product.clock.move_to(MIDNIGHT - timedelta(hours=12) + KEEP)
    assert not await product.let_in()
    product.later(SECOND)
    assert await product.let_in()


async def test_304_that_confirms_nothing_is_no_answer() -> None:
    gate = Gate()
    gate.fail_with(answering(304, b""))
    assert await Product(gate).let_in()


async def test_closed_port_lets_in() -> None:
    assert await Product(httpx.AsyncHTTPTransport(), url=f"http://127.0.0.1:{free_port()}").let_in()


async def test_after_a_failure_the_gate_is_left_in_peace_for_longer_and_longer() -> None:
    gate = Gate(CLOSED)
    gate.fail_with(unreachable)
    product = Product(gate)
    start, asked_after = product.clock.now(), []
    for second in range(200):
        before = len(gate.requests)
        product.clock.move_to(start + second * SECOND + timedelta(milliseconds=1) * second)
        assert await product.let_in()
        if len(gate.requests) > before:
            asked_after.append(second)
    assert asked_after == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    gate.failing = False
    product.later(timedelta(minutes=2))
    assert not await product.let_in()


@pytest.mark.parametrize("behaviour", [unreachable, answering(500, b"")], ids=["away", "bad"])
async def test_answer_makes_the_next_failure_a_first_one_again(behaviour: Behaviour) -> None:
    gate = Gate(CLOSED)
    product = Product(gate)
    for failing in (True, True, True, False, True, True):
        gate.behaviour, gate.failing = behaviour, failing
        product.later(timedelta(minutes=2))
        await product.let_in()
    product.later(2 * SECOND + timedelta(milliseconds=1))
    await product.let_in()
    assert len(gate.requests) == 7


async def test_gate_that_is_away_is_left_in_peace_by_all_offices_but_a_bad_answer_concerns_one() -> None:
    for behaviour, asked in ((unreachable, 1), (answering(500, b""), 2)):
        gate = Gate()
        gate.fail_with(behaviour)
        product = Product(gate)
        assert await product.let_in(office="A")
        assert await product.let_in(office="B")
        assert len(gate.requests) == asked


async def test_questions_that_fail_together_count_once() -> None:
    gate = Gate()
    gate.fail_with(unreachable)
    product = Product(gate)
    assert all(await asyncio.gather(*(product.let_in(office=str(n)) for n in range(20))))
    before = len(gate.requests)
    product.later(2 * SECOND)
    assert await product.let_in()
    assert len(gate.requests) == before + 1


async def test_wrong_clock_of_ours_locks_nobody_early(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate(OPEN)
    product = Product(gate)
    gate.date = MIDNIGHT - timedelta(hours=2)
    product.clock.move_to(gate.date + timedelta(days=1))
    assert await product.let_in()
    assert "our clock and the gate's differ: steps to come are left out" in caplog.messages
    gate.fail_with(unreachable)
    product.later(timedelta(hours=1))
    assert await product.let_in()


async def test_clock_that_was_set_back_makes_the_answer_no_answer() -> None:
    gate = Gate(CLOSED)
    product = Product(gate)
    product.later(timedelta(days=3650))
    assert not await product.let_in()
    product.clock.move_to(MIDNIGHT - SECOND)
    assert not await product.let_in()
    assert len(gate.requests) == 2
    product.clock.move_to(MIDNIGHT - timedelta(days=1))
    gate.fail_with(unreachable)
    assert await product.let_in()
