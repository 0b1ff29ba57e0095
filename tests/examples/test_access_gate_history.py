"""In any history, a request is refused only by a real answer of the last seven days with
its steps applied."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from docs.examples.access_gate import KEEP
from tests.examples.product import (
    FAILURES,
    FULL,
    MIDNIGHT,
    OPEN,
    SECOND,
    Gate,
    Product,
    entry,
    gate_answer,
)
from tests.support.clock import FixedClock

ACCESS = st.sampled_from([[], ["read"], FULL])
JUMP = st.integers(-24, 9 * 24).map(lambda hours: timedelta(hours=hours))
STEP = st.builds(
    lambda after, access: {
        "starts_at": (MIDNIGHT + after).isoformat(),
        "stage": "locked",
        "access": access,
    },
    st.integers(-10, 20).map(lambda day: timedelta(days=day)),
    ACCESS,
)
ANSWER = st.builds(
    lambda access, steps: gate_answer(entry(access, *steps)), ACCESS, st.lists(STEP, max_size=3)
)
EVENT = st.one_of(
    st.tuples(st.just("answer"), ANSWER),
    st.tuples(st.just("fail"), st.sampled_from([name for name in FAILURES if name != "hangs"])),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("pass"), JUMP),
    st.tuples(st.just("pass"), st.integers(0, 90).map(lambda seconds: seconds * SECOND)),
)


def allowed(answer: dict[str, Any], now: datetime) -> list[str]:
    """The access that the answer gives at `now`: a second implementation of the rule."""
    product = answer["products"][0]
    stages = sorted(product["steps"], key=lambda step: datetime.fromisoformat(step["starts_at"]))
    access: list[str] = product["access"]
    done: datetime | None = None
    for step in stages:
        starts_at = datetime.fromisoformat(step["starts_at"])
        if starts_at <= now and starts_at != done:
            access, done = step["access"], starts_at
    return access


@given(st.lists(EVENT, max_size=30), st.booleans())
def test_refused_only_by_a_real_answer_of_the_last_seven_days(
    events: list[tuple[str, Any]], kept: bool
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_history(events, Path(folder) if kept else None))


class RecordingGate(Gate):
    """Remembers its last real answer, and when it gave it."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(OPEN)
        self.clock = clock
        self.last_answer: tuple[dict[str, Any], datetime] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if not self.failing:
            self.last_answer = (self.answer, self.clock.now())
        return response

    def must_refuse(self) -> bool:
        if self.last_answer is None or not timedelta(0) <= self.clock.now() - self.last_answer[1] <= KEEP:
            return False
        return "write" not in allowed(self.last_answer[0], self.clock.now())


async def _history(events: list[tuple[str, Any]], folder: Path | None) -> None:
    clock = FixedClock(MIDNIGHT - timedelta(hours=12))
    gate = RecordingGate(clock)
    product = Product(gate, folder, clock=clock)
    for kind, value in [*events, ("pass", SECOND)]:
        match kind:
            case "answer":
                gate.answer, gate.failing = value, False
            case "fail":
                gate.fail_with(FAILURES[value])
            case "restart":
                gate.last_answer = gate.last_answer if folder else None
                product = Product(gate, folder, clock=clock)
            case "pass":
                clock.move_to(clock.now() + value)
        before = gate.last_answer
        let_in = await product.let_in()
        refused = gate.must_refuse()
        assert let_in or refused
        assert not let_in or not refused or gate.last_answer != before, "kept, and not gone by"
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
