"""The pages of an invoice in a real browser: accessibility by axe, pages that are too wide."""

from uuid import UUID

import pytest

from shared.events.invoice import InvoiceRequested
from shared.web.people import Role
from tests.services.renewal.offices import registered, today
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.browser import Visit

pytestmark = pytest.mark.usefixtures("rendered_once")


async def test_pages_of_an_invoice_have_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit
) -> None:
    made = await registered(renewal_world, office_ref)
    await sign(renewal_world, made, office_ref)
    await issue(renewal_world, made, office_ref)
    await renewal_world.hears(InvoiceRequested, UUID(made["id"]))
    page = await visit(renewal_world.people.renewer(office_ref))
    await is_fine(page, f"/renewal/registrations/{made['id']}/invoice")
    desk = await visit(renewal_world.people.clerk())
    await is_fine(desk, "/renewal/desk/invoices", f"/renewal/desk/registrations/{made['id']}/invoice")
    day = today(renewal_world)
    fields = {"symbol": f"1C{day:%y}TPG", "number": "7", "dated": day.isoformat(), "total": 1}
    body = fields | {"renewal_id": made["id"]}
    headers = renewal_world.people.headers(Role.DESK) | {"idempotency-key": made["id"]}
    odd = await renewal_world.client.post("/v1/invoices", headers=headers, json=body)
    assert odd.status_code == 200, odd.text
    await is_fine(desk, "/renewal/desk/invoices", f"/renewal/desk/registrations/{made['id']}/invoice")
