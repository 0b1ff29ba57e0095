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
from deploy.local.platform.invoice_recorder import FINAL, InvoiceRecorder, NotRecorded, ServiceAway
from services.renewal.texts import REFUSALS
from shared.background.heartbeat import Heartbeat
from shared.events.invoice import InvoiceRequested
from shared.ids import fresh
from shared.runtime.service import Service
from shared.storage.aggregate import Cause
from shared.web.people import Role
from shared.web.problems import TITLES
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
        simulator.clock.move(timedelta(minutes=1))  # type: ignore[attr-defined]
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


def golden_order() -> InvoiceOrder:
    return InvoiceOrder.model_validate(
        {**load(InvoiceRequested.TYPE).example, "renewal_id": fresh()}  # type: ignore[union-attr]
    )


async def test_what_is_refused_is_not_tried_again(renewal_world: World) -> None:
    """Guards against: one invoice that nobody can record holds up all others."""
    recorder = InvoiceRecorder(PORTS, httpx.AsyncClient(transport=StackTransport(renewal_world)))
    order = golden_order()
    issued = await SimulatedProvider().issue(order, date(2026, 11, 25))
    assert await recorder.record(order, issued) is False, "no such registration"
    await recorder.close()


def answering(status: int, problem: str = "") -> InvoiceRecorder:
    """A recorder to which the service answers so; a proxy, where there is no problem."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.port == PORTS.pages:
            return httpx.Response(200, json={"token": "t"}, request=request)
        body = {"json": {"type": f"urn:giahan:problem:{problem}"}} if problem else {"text": "<html>"}
        return httpx.Response(status, request=request, **body)

    return InvoiceRecorder(PORTS, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize(
    ("status", "problem", "ends_in"),
    [
        (404, "registration-unknown", None),
        (409, "invoice-elsewhere", None),
        (404, "", NotRecorded),
        (404, "http", NotRecorded),
        (409, "invoice-moved", NotRecorded),
        (413, "", NotRecorded),
        (500, "internal", NotRecorded),
        (503, "busy", ServiceAway),
        (429, "", ServiceAway),
    ],
)
async def test_only_problems_by_name_are_final(
    status: int, problem: str, ends_in: type[NotRecorded] | None
) -> None:
    """Guards against: a proxy's 404, while the service is deployed, ends an invoice for good."""
    order = golden_order()
    issued = await SimulatedProvider().issue(order, date(2026, 11, 25))
    recorder = answering(status, problem)
    if ends_in is None:
        assert await recorder.record(order, issued) is False
    else:
        with pytest.raises(NotRecorded) as not_now:
            await recorder.record(order, issued)
        assert type(not_now.value) is ends_in


async def test_service_that_can_not_be_reached_is_away() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    recorder = InvoiceRecorder(PORTS, httpx.AsyncClient(transport=httpx.MockTransport(refuse)))
    order = golden_order()
    issued = await SimulatedProvider().issue(order, date(2026, 11, 25))
    with pytest.raises(ServiceAway):
        await recorder.record(order, issued)


def test_final_problems_are_the_services_own() -> None:
    assert set(FINAL) <= REFUSALS.keys() | TITLES.keys()
