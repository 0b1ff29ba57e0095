"""A product whose offices also sign the contract, over HTTP, Kafka and MongoDB."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from deploy.local.demo.scanner import feeder_pdf, scan_pages
from services.renewal.domain.contract import contract
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import batch as batching
from services.renewal.domain.paper import entry as entries
from services.renewal.domain.paper.entry import EntryStatus, ManualInput
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.registration import form
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.reminders import ReminderJob
from services.renewal.settings import EXAMPLE_VENDOR
from shared.background.leader_loop import CheckLeadership
from shared.events.assent import ContractAssented, ContractPaperReceived, ContractPaperReturned
from shared.events.base import DocumentRef
from shared.events.renewal import ContractPrepared, RenewalRegistered
from shared.ids import fresh
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision
from shared.storage.documents import Provenance
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, judged, licence, registration
from tests.services.renewal.messages import contract_issued, contract_signed, document, form_signed
from tests.services.renewal.offices import registered, today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.stores import renewal_stores
from tests.services.renewal.world import World
from tests.support.clock import FixedClock
from tests.support.service_process import until

BATCHES = "/v1/desk/batches"


async def to_sign(world: World, office_ref: str) -> tuple[UUID, ContractPrepared, dict[str, Any]]:
    """A registration that was accepted by rule, whose office must sign the contract."""
    made = await registered(world, office_ref, "both")
    id = UUID(made["id"])
    told = await world.hears(RenewalRegistered, id)
    event = form_signed(renewal_id=id, office_ref=office_ref, signed=await world.signed_form())
    of_product = {"subscription_id": told.subscription_id, "product_code": "both"}
    await world.tell(world.signing, event.model_copy(update=of_product))
    prepared = await world.hears(ContractPrepared, id)
    return id, prepared, await world.becomes(id, status="awaiting_assent")


def of(event: Any, prepared: ContractPrepared, **change: Any) -> Any:
    names = ("subscription_id", "office_ref", "product_code", "renewal_id", "contract_number")
    return event.model_copy(update={name: getattr(prepared, name) for name in names} | change)


async def issued(world: World, prepared: ContractPrepared) -> dict[str, Any]:
    sealed = await world.sealed(prepared.renewal_id)
    event = contract_issued(prepared.contract_number, renewal_id=prepared.renewal_id, sealed=sealed)
    await world.tell(world.signing, of(event, prepared))
    return await world.becomes(prepared.renewal_id, status="contract_issued")


async def test_office_signs_then_the_vendor(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    id, prepared, waits = await to_sign(world, office_ref)
    assert prepared.sign_by is not None
    assert prepared.sign_by > today(world) + timedelta(days=10)
    assert (waits["turn"], waits["sign_by"]) == ("assent", prepared.sign_by.isoformat())
    assert f"{prepared.sign_by:%d/%m/%Y}" in waits["next_text"][0]
    reader = await Reader.signed_in(world, world.people.renewer(office_ref))
    day = f"{prepared.sign_by:%d/%m/%Y}"
    for path in (f"/renewal/registrations/{id}", f"/renewal/o/{office_ref}/both/notice"):
        assert day in (await reader.get(path)).text, path
    page = await reader.get(f"/renewal/registrations/{id}")
    assert "Đại diện Bên A" in page.text
    assert page.links["Tải hợp đồng để xem hoặc in"].endswith(prepared.contract.sha256)

    data = b"%PDF contract signed by the office"
    foreign, theirs = await _stored(world, data + b" of another", None), await _stored(world, data, id)
    for file in (foreign, theirs):
        event = contract_signed(prepared.contract_number, renewal_id=id)
        await world.tell(world.signing, of(event, prepared, signed_contract=file))
    told = await world.hears(ContractAssented, id)
    assert (told.contract, told.scan) == (theirs, None)
    assert (await world.becomes(id, status="accepted"))["turn"] == "vendor"
    done = await issued(world, prepared)
    kinds = [paper["kind"] for paper in done["documents"]]
    assert kinds == ["form", "signed_form", "contract", "signed_contract", "sealed_contract"]
    page = await reader.get(f"/renewal/registrations/{id}")
    assert page.links["Mở hợp đồng (PDF)"].endswith(done["documents"][-1]["sha256"])


async def _stored(world: World, data: bytes, renewal: UUID | None) -> DocumentRef:
    made = Provenance("signed_contract", renewal) if renewal else Provenance("form", "another")
    return await world.documents.put(data, media_type="application/pdf", name="hop-dong.pdf", of=made)


async def test_stamped_contract_comes_by_post_is_sent_back_once_and_accepted(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    id, prepared, waits = await to_sign(world, office_ref)
    paper = next(each for each in waits["documents"] if each["kind"] == "contract")
    printed = await world.client.get(paper["href"], headers=world.people.renewer(office_ref))
    await _posted(world, feeder_pdf(scan_pages(printed.content, seed=5, noise=4.0)), waits["number"])
    came = await world.hears(ContractPaperReceived, id)
    assert came.contract_number == prepared.contract_number
    here = await world.becomes(id, status="assent_received")
    assert here["turn"] == "vendor"

    clerk, path = world.people.clerk(), f"/v1/registrations/{id}"
    case = await (await Reader.signed_in(world, clerk)).get(f"/renewal/desk/registrations/{id}")
    assert "Chấp nhận hợp đồng giấy" in case.text
    assert any(came.scan.sha256 in link for link in case.links.values())
    body = {"reason": "unstamped", "note": "thiếu dấu"}
    sent_back = await world.client.post(f"{path}/paper/return", json=body, headers=clerk)
    assert sent_back.json()["status"] == "awaiting_assent", sent_back.text
    assert (await world.hears(ContractPaperReturned, id)).sign_by >= prepared.sign_by  # type: ignore[operator]
    await _posted(world, feeder_pdf(scan_pages(printed.content, seed=6, noise=4.0)), waits["number"])
    await world.becomes(id, status="assent_received")
    accepted = await world.client.post(f"{path}/paper/accept", headers=clerk)
    assert accepted.json()["status"] == "accepted", accepted.text
    told = await world.hears(ContractAssented, id)
    assert told.contract == prepared.contract
    assert told.scan is not None
    assert await world.documents.is_of(told.scan.sha256, Provenance("paper", id))
    await issued(world, prepared)


async def _posted(world: World, pages: bytes, number: str) -> None:
    """A closed batch with that paper, entered by its own code."""
    clerk = world.people.clerk()
    opening = {"received_on": today(world).isoformat()}
    batch = (await world.client.post(BATCHES, json=opening, headers=clerk)).json()["id"]
    code = FormCode(number=number, revision=1, paper="contract").digits
    entering = await world.client.post(f"{BATCHES}/{batch}/entries", json={"code": code}, headers=clerk)
    entry = entering.json()
    assert (entry["paper"], entry["why_not"]) == ("contract", None), entering.text
    typed = await world.client.post(f"{BATCHES}/{batch}/entries", json={"code": number}, headers=clerk)
    assert typed.json()["id"] == entry["id"], "what is typed without a revision is what is awaited"
    await world.client.post(f"{BATCHES}/{batch}/feeds", content=pages, headers=clerk)

    async def read() -> bool:
        tally = (await world.client.get(f"{BATCHES}/{batch}", headers=clerk)).json()["tally"]
        return bool(tally["reading"] == 0 and tally["waiting"] == 0)

    await until(read, "its pages read")
    closing = await world.client.post(f"{BATCHES}/{batch}/closing", headers=clerk)
    assert closing.status_code == 200, closing.text


@pytest.mark.parametrize(
    ("days", "lies", "voids"),
    [(14, None, 0), (15, None, 1), (15, EntryStatus.ENTERED, 0), (15, EntryStatus.REFUSED, 1)],
)
async def test_contract_lapses_after_its_day_unless_its_paper_is_in_a_batch(
    settings: Settings, days: int, lies: EntryStatus | None, voids: int
) -> None:
    """One round of the reminder loop."""
    service = Service("renewal", settings)
    renewals, batches = renewal_stores(service)
    made = registration().model_copy(update={"assent_days": 10})
    begun = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
    signed = contract.record_signed_form(begun, form_signed(), licence(), judged(), NOW).state
    number = ContractNumber(year=2026, n=7)
    waits = contract.prepare_contract(signed, number, TODAY, document("contract"), NOW)
    assert waits.state.sign_by == date(2026, 1, 19)
    await renewals.add(waits, Cause.command())
    clock = FixedClock(datetime(2026, 1, 5, 17, tzinfo=NOW.tzinfo) + timedelta(days=days - 1))
    leader_loop: Any = None
    if lies:
        batch = batching.open_batch(fresh(), Post(received_on=TODAY), "clerk-1", TODAY, NOW).state
        given = ManualInput(by="clerk-1")
        entered = entries.enter(None, batch, waits.state, 1, given, NOW, "contract")
        assert entered is not None
        there = Decision(entered.state.model_copy(update={"at": lies}))
        await batches.entries.save(None, there, Cause.command(), id=entered.state.id)

    async def check_leadership() -> None:
        pass

    async def no_invoices(_: CheckLeadership) -> None:
        pass

    for _ in range(2):
        job = ReminderJob(renewals, batches.has_pending, clock, leader_loop, no_invoices)
        await job._step(check_leadership)
    stored = await renewals.load(RENEWAL)
    assert stored is not None
    assert bool(stored.state.voiding) is bool(voids)
    found = await service.database["renewals"].find_one({"_id": str(RENEWAL)})
    assert found is not None
    told = [dict(event["headers"])["ce_type"].decode() for event in found["outbox"]]
    assert sum(type.endswith("contract_voided.v1") for type in told) == voids
    service.client.close()
