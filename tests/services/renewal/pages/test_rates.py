"""The desk's own limit of writes: no hand reaches it, a client that runs away does."""

from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from services.renewal.pages.door import Door
from services.renewal.pages.origins import Origins
from services.renewal.pages.rate import Rate
from services.renewal.pages.session import COOKIE, csrf_of
from services.renewal.sessions import SessionKeys
from services.renewal.settings import RenewalSettings
from shared.people import Person, Role
from shared.problems import Problem

CLERK = Person(sub="clerk-1", roles=frozenset({Role.DESK}))


async def verify(token: str) -> Person:
    return CLERK


def sent() -> Request:
    """A form of the clerk's own session."""
    body = urlencode({"csrf": csrf_of("token"), "code": "1"}).encode()
    cookie = SimpleCookie({COOKIE: "token"}).output(header="").strip().encode()
    kind = b"application/x-www-form-urlencoded"

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"cookie", cookie), (b"content-type", kind), (b"host", b"here")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def test_the_desk_has_a_limit_of_its_own() -> None:
    keys: SessionKeys = SimpleNamespace(verify=verify)  # type: ignore[assignment]
    door = Door(keys, Rate(1, lambda: 0.0), Rate(3, lambda: 0.0), Origins.read("", secure=False))
    for _ in range(3):
        await door.letter(sent())
    with pytest.raises(Problem) as refused:
        await door.letter(sent())
    assert refused.value.status == 429


@pytest.mark.parametrize(("a_second", "stopped"), [(0.5, False), (5, False), (20, True)])
def test_no_hand_meets_the_limit_and_a_runaway_does(a_second: float, *, stopped: bool) -> None:
    """For five minutes; by hand a scanner beeps five times a second at the very most."""
    now = 0.0
    rate = Rate(RenewalSettings.model_fields["desk_writes_a_minute"].default, lambda: now)
    refused = 0
    for n in range(int(300 * a_second)):
        now = n / a_second
        try:
            rate.spend("clerk-1")
        except Problem:
            refused += 1
    assert bool(refused) is stopped
