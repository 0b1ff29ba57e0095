"""The simulated e-invoice system with the real renewal service: from the event to the office's files."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID
from xml.etree import ElementTree as ET

import httpx
import pypdf
import pytest

from deploy.local.host.ports import HOST, Ports
from deploy.local.platform.einvoice import INDEX, EInvoiceSimulator, SimulatedInvoice
from deploy.local.platform.invoice_provider import InvoiceOrder, SimulatedProvider
from deploy.local.platform.invoice_recorder import InvoiceRecorder, NotRecorded
from shared.background.heartbeat import Heartbeat
from shared.events.invoice import InvoiceRequested
from shared.ids import fresh
from shared.runtime.service import Service
from shared.storage.aggregate import Cause
from shared.web.people import Role
from tests.contracts.golden import load
from tests.services.renewal.offices import registered
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.people import People

pytestmark = pytest.mark.usefixtures("rendered_once")

PORTS = Ports.from_base(8100)


class StackTransport(httpx.AsyncBaseTransport):
    """The stack's pages sign in; the rest is answered by the running service. The first `lost` answers are
    lost on the way back."""

    def __init__(self, world: World, lost: int = 0) -> None:
        self._service = httpx.ASGITransport(world.app)
        self._people: People = world.people
        self._lost = lost

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == HOST
        if request.url.port == PORTS.pages:
            assert request.url.path == "/people/einvoice/token"
            token = self._people.headers(Role.EINVOICE)["authorization"].partition(" ")[2]
            return httpx.Response(200, json={"token": token}, request=request)
        answer = await self._service.handle_async_request(request)
        if self._lost:
            self._lost -= 1
            raise httpx.ReadError("lost", request=request)
        return answer


@pytest.fixture
async def simulator(renewal_world: World) -> AsyncIterator[EInvoiceSimulator]:
    service = Service("platform", renewal_world.service.settings)
    recorder = InvoiceRecorder(PORTS, httpx.AsyncClient(transport=StackTransport(renewal_world, lost=1)))
    store = service.store("simulated_invoices", SimulatedInvoice, INDEX)
    clock, wake = renewal_world.service.clock, service.wakes.new()
    yield EInvoiceSimulator(store, SimulatedProvider(), recorder, clock, timedelta(0), wake)
    await recorder.close()
    service.client.close()


async def test_request_becomes_an_invoice_marked_as_simulated(
    renewal_world: World, simulator: EInvoiceSimulator, office_ref: str
) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    event = await world.hears(InvoiceRequested, UUID(made["id"]))
    cause = Cause(message_id=fresh(), correlation_id=fresh())
    for _ in range(2):
        await simulator.requested(event, cause)
    heartbeat = Heartbeat("invoices", limit=90)
    for _ in range(3):  # the first answer is lost, so it is recorded twice
        await simulator.tick(heartbeat)
    office = world.people.renewer(office_ref)
    answer = await world.client.get(f"/v1/registrations/{made['id']}/invoice", headers=office)
    stands = answer.json()
    (invoice,) = stands["issued"]
    assert (stands["status"], invoice["total"]) == ("issued", stands["total"])
    assert (invoice["symbol"][-3:], invoice["request_revision"]) == ("TMP", 1)
    assert invoice["lookup_code"].startswith("SIM-")
    files = {
        file["media_type"]: (await world.client.get(file["href"], headers=office)).content
        for file in invoice["files"]
    }
    assert "SIMULATED" in pypdf.PdfReader(BytesIO(files["application/pdf"])).pages[0].extract_text()
    root = ET.fromstring(files["application/xml"])
    assert (root.tag, root.findtext("SoHoaDon")) == ("HoaDonMoPhong", invoice["number"])
    assert root.findtext("TenNguoiMua") == stands["buyer"]["name"]


async def test_what_is_refused_is_not_tried_again(renewal_world: World) -> None:
    """Guards against: one invoice that nobody can record holds up all others."""
    recorder = InvoiceRecorder(PORTS, httpx.AsyncClient(transport=StackTransport(renewal_world)))
    order = InvoiceOrder.model_validate(
        {**load(InvoiceRequested.TYPE).example, "renewal_id": fresh()}  # type: ignore[union-attr]
    )
    issued = await SimulatedProvider().issue(order, date(2026, 11, 25))
    assert await recorder.record(order, issued) is False, "no such registration"
    await recorder.close()
    away = httpx.MockTransport(lambda request: httpx.Response(503, request=request))
    with pytest.raises(NotRecorded):
        await InvoiceRecorder(PORTS, httpx.AsyncClient(transport=away)).record(order, issued)
