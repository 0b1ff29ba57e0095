"""Registrations on paper that wait for the desk."""

from typing import Any
from uuid import UUID

from services.renewal.domain.paper import paper_form
from services.renewal.domain.renewal import Renewal
from shared.events.base import DocumentRef
from shared.storage.aggregate import Cause, Decision
from tests.services.renewal.messages import posted_form
from tests.services.renewal.offices import licensed, post, request
from tests.services.renewal.world import World


async def register_on_paper(
    world: World, office_ref: str, product_code: str = "qlts", **office: Any
) -> dict[str, Any]:
    await licensed(world, office_ref, product_code)
    body = request(world, office_ref, product_code, **office) | {"send_by": "paper"}
    answer = await post(world, office_ref, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def register_and_print(world: World, office_ref: str) -> tuple[dict[str, Any], bytes]:
    """A registration on paper, and its form as issued."""
    made = await register_on_paper(world, office_ref)
    form = await world.client.get(made["documents"][0]["href"], headers=world.people.renewer(office_ref))
    assert form.status_code == 200, form.text
    return made, form.content


async def register_and_receive(
    world: World, office_ref: str, product_code: str = "qlts", scan: DocumentRef | None = None, **office: Any
) -> dict[str, Any]:
    """A registration whose stamped form has come, stored directly without a batch."""
    made = await register_on_paper(world, office_ref, product_code, **office)
    form = posted_form().model_copy(update={"scan": scan or posted_form().scan})

    def receive(state: Renewal | None) -> Decision[Renewal]:
        assert state is not None
        return paper_form.receive(state, form, world.service.clock.now())

    await world.renewals.change(UUID(made["id"]), receive, Cause.command())
    return made
