"""The pages of resources in a real browser: accessibility by axe, pages that are too wide."""

import pytest

from shared.events.platform import ResourcesGranted
from shared.events.resources import ResourcesRequested
from shared.web.people import Role
from tests.services.renewal.messages import common
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.browser import Visit
from tests.support.service_process import until

pytestmark = pytest.mark.usefixtures("rendered_once")


async def test_pages_of_resources_have_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)

    async def full() -> ResourcesRequested | None:
        asked = (event for event in world.heard if isinstance(event, ResourcesRequested))
        return next((e for e in asked if (e.office_ref, e.kind) == (office_ref, "full")), None)

    event = await until(full, "a request")
    office, desk = await visit(world.people.renewer(office_ref)), await visit(world.people.clerk())
    own = f"/renewal/o/{office_ref}"
    await is_fine(desk, "/renewal/desk/resources")
    told = event.model_dump(include={"grant_id", "revision", "package", "users", "storage_gb"})
    other = told | {"users": event.users + 1, "users_used": 3, "storage_used_bytes": 2**30}
    await world.tell(world.subscription, ResourcesGranted(**common(office_ref), **other))

    async def differs() -> bool:
        clerk = world.people.headers(Role.DESK)
        found = (await world.client.get("/v1/desk/grants", headers=clerk)).json()["to_look_at"]
        return any(each["office_ref"] == office_ref for each in found)

    await until(differs, "a look")
    await is_fine(desk, "/renewal/desk/resources")
    await is_fine(office, f"{own}/qlts", f"{own}/qlts/resources", f"{own}/qlts/notice", f"{own}/history")
