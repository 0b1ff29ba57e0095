"""Every route of the REST side, called with every role, without sign-in, and by another office's people."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from services.subscription.main import compose
from services.subscription.settings import SubscriptionSettings
from shared.ids import fresh
from shared.runtime.settings import Settings
from shared.web.people import Role
from tests.services.subscription.rest_steps import ask, create, id_of
from tests.services.subscription.world import World, world
from tests.support.people import People

OPS, DESK, OWN, OTHER, MEMBER = "ops", "desk", "own renewer", "another's renewer", "own member"
WHO: dict[str, dict[str, Any]] = {
    OPS: {"role": Role.OPS},
    DESK: {"role": Role.DESK},
    OWN: {"role": Role.RENEWER, "office_ref": "dv-1"},
    OTHER: {"role": Role.RENEWER, "office_ref": "dv-2"},
    MEMBER: {"role": Role.MEMBER, "office_ref": "dv-1"},
}
VENDOR = {OPS, DESK}
_MODULES = tuple(
    f"services.subscription.{name}" for name in ("corrections.", "data.", "lifecycle.", "plans.hold_releases")
)
ROUTES: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/subscriptions"): {OPS},
    ("GET", "/v1/subscriptions"): VENDOR,
    ("GET", "/v1/subscriptions/{id}"): VENDOR,
    ("POST", "/v1/subscriptions/{id}/corrections"): {OPS},
    ("PUT", "/v1/subscriptions/{id}/extension"): VENDOR,
    ("DELETE", "/v1/subscriptions/{id}/extension"): VENDOR,
    ("PUT", "/v1/subscriptions/{id}/exemption"): VENDOR,
    ("DELETE", "/v1/subscriptions/{id}/exemption"): VENDOR,
    ("POST", "/v1/subscriptions/{id}/hold-release"): VENDOR,
    ("POST", "/v1/subscriptions/{id}/disputes/{renewal_id}"): VENDOR,
    ("POST", "/v1/subscriptions/{id}/deletion"): {OPS},
    ("POST", "/v1/subscriptions/{id}/deletion/approval"): {OPS},
    ("DELETE", "/v1/subscriptions/{id}/deletion"): {OPS},
    ("GET", "/v1/deletions"): {OPS},
    ("POST", "/v1/subscriptions/{id}/recoveries"): {*VENDOR, OWN},
    ("GET", "/v1/subscriptions/{id}/recoveries"): {*VENDOR, OWN},
    ("POST", "/v1/hold-releases"): VENDOR,
}
"""The roles that may call the route. Whether the request then makes sense is tested elsewhere."""


async def test_every_route_is_tried(settings: Settings) -> None:
    service, plan = compose(SubscriptionSettings(**settings.model_dump()))
    service.client.close()
    assert {*_routes(plan.routers)} == {*ROUTES}


def _routes(routers: Sequence[APIRouter]) -> Iterator[tuple[str, str]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.endpoint.__module__.startswith(_MODULES):
                yield from ((method, route.path) for method in route.methods or ())


async def test_each_may_do_what_is_theirs_and_no_more(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 30)
        passed: dict[tuple[str, str], set[str]] = {}
        for route in ROUTES:
            answers = {name: await _try(it, route, **who) for name, who in WHO.items()}
            assert all(status < 500 for status in answers.values()), (route, answers)
            # A person of another office gets 404.
            passed[route] = {name for name, status in answers.items() if status not in (403, 404)}
    assert passed == ROUTES


async def test_nobody_is_answered_without_a_sign_in(settings: Settings, people: People) -> None:
    async with world(settings, people, "api") as it:
        await create(it, "dv-1", 30)
        for route in ROUTES:
            assert await _try(it, route, headers={"authorization": ""}) == 401, route
            assert await _try(it, route, headers={"authorization": "Bearer x.y.z"}) == 401, route


async def _try(it: World, route: tuple[str, str], **who: Any) -> int:
    """The status of a request that reaches the decision and changes nothing there."""
    method, path = route
    filled = path.format(id=id_of("dv-1"), renewal_id=fresh())
    body = None if method == "GET" else _body(path)
    return (await ask(it, method, filled, body, **who)).status_code


def _body(path: str) -> Any:
    """A body that is valid, and has no effect if the request passes."""
    return {"reason": "thử"} if path.endswith(("release", "deletion")) else {}
