"""The limit stops a stuck key, a script and a runaway client, but no manual work."""

import time
from collections.abc import Callable
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI

from shared.runtime.settings import Platform, Settings
from shared.web import problems
from shared.web.people import Person, Role, TokenVerifier, require_person
from shared.web.problems import Problem
from shared.web.rate_limit import Rate


def test_a_stuck_key_is_limited_and_allowed_later() -> None:
    now = 0.0
    rate = Rate(3, lambda: now)
    for _ in range(3):
        rate.spend("a")
    with pytest.raises(Problem) as refused:
        rate.spend("a")
    assert (refused.value.status, refused.value.retry_after) == (429, 20)
    now = 20.0
    rate.spend("a")
    with pytest.raises(Problem):
        rate.spend("a")


def test_one_person_does_not_use_up_anothers_rate() -> None:
    rate = Rate(1, lambda: 0.0)
    rate.spend("a")
    rate.spend("b")


def test_heavy_work_counts_several_times_and_is_never_impossible() -> None:
    now = 0.0
    rate = Rate(6, lambda: now)
    rate.spend("a", 4)
    with pytest.raises(Problem) as refused:
        rate.spend("a", 4)
    assert refused.value.retry_after == 20
    Rate(1, lambda: 0.0).spend("a", 4)


@pytest.mark.parametrize(("a_second", "stopped"), [(0.5, False), (5, False), (20, True)])
def test_manual_work_stays_below_the_limit_and_a_runaway_client_does_not(
    a_second: float, *, stopped: bool
) -> None:
    """Writes for five minutes. By hand, a scanner reads at most five codes a second."""
    now = 0.0
    rate = Rate(Settings.model_fields["desk_writes_a_minute"].default, lambda: now)
    refused = 0
    for n in range(int(300 * a_second)):
        now = n / a_second
        try:
            rate.spend("clerk-1")
        except Problem:
            refused += 1
    assert bool(refused) is stopped


class _Verifier(TokenVerifier):
    """A token is `SUB:OFFICE:ROLE`."""

    async def verify(self, token: str) -> Person:
        sub, office_ref, role = token.split(":")
        return Person(sub=sub, office_ref=office_ref or None, roles=frozenset({Role(role)}))


def _app() -> FastAPI:
    app, verifier = FastAPI(), _Verifier(Platform("", "", "", writes_a_minute=2, desk_writes_a_minute=3))
    problems.install(app)
    light, heavy = Depends(require_person(verifier)), Depends(require_person(verifier, cost=2))

    @app.get("/")
    async def look(who: Annotated[Person, light]) -> str:
        return who.sub

    for method in ("POST", "PUT", "DELETE", "PATCH"):
        app.add_api_route("/", look, methods=[method])

    @app.post("/heavy")
    async def work(who: Annotated[Person, heavy]) -> str:
        return who.sub

    return app


Asks = Callable[[str, str, str], httpx.Request]


async def _statuses(*requests: tuple[str, str, str]) -> list[int]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://service") as client:
        return [
            (await client.request(method, path, headers={"authorization": f"Bearer {who}"})).status_code
            for method, path, who in requests
        ]


OFFICE, CLERK = "a:dv-1:renewer", "d::desk"


async def test_writes_are_counted_and_reads_are_not() -> None:
    requests = [(method, "/", OFFICE) for method in ("POST", "GET", "PUT", "GET", "DELETE", "PATCH", "GET")]
    assert await _statuses(*requests) == [200, 200, 200, 200, 429, 429, 200]


async def test_heavy_route_counts_as_several() -> None:
    assert await _statuses(("POST", "/heavy", OFFICE), ("POST", "/", OFFICE)) == [200, 429]


async def test_vendors_people_and_others_have_limits_of_their_own() -> None:
    requests = [*[("POST", "/", OFFICE)] * 3, ("POST", "/", "a:dv-2:renewer"), *[("POST", "/", CLERK)] * 4]
    assert await _statuses(*requests) == [200, 200, 429, 200, 200, 200, 200, 429]


@pytest.mark.parametrize(("language", "title"), [("vi", "Thao tác quá nhanh"), ("en", "That was too fast")])
async def test_refusal_says_how_long_to_wait(language: str, title: str) -> None:
    headers = {"authorization": f"Bearer {OFFICE}", "accept-language": language}
    began = time.monotonic()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://service") as client:
        answers = [await client.post("/", headers=headers) for _ in range(3)]
    refusal = answers[-1]
    assert refusal.status_code == 429
    assert refusal.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refusal.headers["retry-after"]) <= 30 + time.monotonic() - began
    assert refusal.json()["title"].startswith(title)
