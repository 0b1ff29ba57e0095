"""The papers for the State Treasury, from the page of the payment and over REST."""

from datetime import date
from io import BytesIO
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from services.renewal.domain import money
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.payment.treasury_paper import (
    ContractBasis,
    TreasuryPaper,
    offered_papers,
    subject_of,
)
from services.renewal.domain.registration import form
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.pages.site import Site
from services.renewal.payment.pages.treasury import treasury_pages
from services.renewal.payment.rest.treasury import treasury_routes
from services.renewal.payment.treasury.papers import COST, TreasuryPapers
from services.renewal.render.content import TreasuryContent
from services.renewal.settings import EXAMPLE_VENDOR
from shared.ids import fresh
from shared.runtime.settings import Platform
from shared.storage.aggregate import Stored
from shared.time.clock import SystemClock
from shared.web import problems
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.guard import RequestGuard
from shared.web.pages.origins import Origins
from shared.web.pages.session import COOKIE
from shared.web.people import Person, Role
from tests.services.renewal.domain.joint.examples import joint_registration, lead
from tests.services.renewal.examples import NOW, OFFICE_REF, TODAY, registration
from tests.services.renewal.messages import document
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.clock import FixedClock
from tests.support.problems import problem

pytestmark = pytest.mark.usefixtures("rendered_once")
ORDER, REQUEST, ACCEPTANCE = TreasuryPaper
JOINT = joint_registration()
JOINED = JOINT.joined[0]


def test_papers_of_the_payment_while_it_is_open_and_acceptance_by_the_contract() -> None:
    made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state
    assert offered_papers(made, 1000) == (ORDER, REQUEST)
    assert offered_papers(made, 0) == ()
    number, dated = ContractNumber(year=2026, n=7), date(2026, 1, 6)
    prepared = made.with_changes(
        status=RegistrationStatus.ACCEPTED, contract_number=number, contract_date=dated
    )
    assert offered_papers(prepared, 1000) == (ORDER, REQUEST), "not sealed yet"
    issued = prepared.with_changes(status=RegistrationStatus.CONTRACT_ISSUED)
    assert offered_papers(issued, 1000) == (ORDER, REQUEST, ACCEPTANCE)
    assert offered_papers(issued, 0) == (ACCEPTANCE,), "paid, and still to be accepted"
    basis = ContractBasis.of(issued)
    assert basis
    assert (basis.number, basis.dated, basis.term) == (number, dated, made.registration.term)


def test_payment_of_a_joint_registration_is_for_all_and_acceptance_for_one_product() -> None:
    """Guards against: an accountant takes the sum of three products for the price of one."""
    made = joint_registration()
    assert subject_of(made, ORDER).total == subject_of(made, REQUEST).total == made.total
    assert subject_of(made, ACCEPTANCE).price == made.order.total
    joined = made.joined[0]
    assert subject_of(joined, ACCEPTANCE).price == joined.order.total


@pytest.mark.parametrize(("came", "told"), [(0, None), (1, None), (JOINT.total, JOINED.order.total)])
async def test_acceptance_of_a_joined_product_tells_what_came_once_all_is_paid(
    came: int, told: int | None
) -> None:
    """Guards against: the record of acceptance of a paid product never says that it is paid."""
    whole = Receivable.of(JOINT)
    if came:
        renewal = form.register(JOINT, document("form 1"), EXAMPLE_VENDOR, NOW).state
        whole = record_receipt(whole, renewal, came, TODAY, "FT1", "clerk-1", NOW).state
    kept: Any = _Kept(whole)
    papers = TreasuryPapers(kept, kept, EXAMPLE_VENDOR, money.Dialect(), FixedClock(NOW), 5)
    number = ContractNumber(year=2026, n=7)
    issued = lead().with_changes(
        registration=JOINED,
        status=RegistrationStatus.CONTRACT_ISSUED,
        contract_number=number,
        contract_date=TODAY,
        payment_followed=False,
    )
    await papers.draw(issued, ACCEPTANCE)
    assert kept.drawn.paid == told


class _Kept:
    """A store that has the receivable of the joint registration, and a renderer that keeps the content."""

    def __init__(self, whole: Receivable) -> None:
        self._whole = whole

    async def of(self, registration: Registration) -> Receivable:
        return Receivable.of(registration)

    async def stored(self, id: object) -> Stored[Receivable] | None:
        return Stored("1", self._whole) if id == JOINT.renewal_id else None

    async def treasury_paper(self, content: TreasuryContent) -> bytes:
        self.drawn = content
        return b"%PDF"


class _Renewer(SessionVerifier):
    """Everybody is one renewer, who may write so many times a minute."""

    def __init__(self, writes: int) -> None:
        unused: Any = None
        super().__init__(Platform("", "", "", writes_a_minute=writes), unused, unused)

    async def verify(self, token: str) -> Person:
        return Person(sub="renewer-1", office_ref=OFFICE_REF, roles=frozenset({Role.RENEWER}))


class _Parts:
    """A store, queries and papers that have one registration."""

    def __init__(self) -> None:
        self.made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state

    async def load(self, _: object) -> Stored[Renewal]:
        return Stored("1", self.made)

    async def renewal(self, *_: object) -> Renewal:
        return self.made

    async def offered(self, _: object) -> tuple[TreasuryPaper, ...]:
        return (ORDER,)

    async def draw(self, *_: object) -> bytes:
        return b"%PDF"


@pytest.mark.parametrize(
    "path", ["/v1/registrations/{id}/payment/papers/{p}", "/renewal/registrations/{id}/transfer/papers/{p}"]
)
async def test_drawings_count_against_the_persons_limit(path: str) -> None:
    """Guards against: reads are free, so that one person has papers drawn without end."""
    parts: Any = _Parts()
    verifier = _Renewer(2 * COST)
    app, site = FastAPI(), Site.of(EXAMPLE_VENDOR, "https://platform.vn/sign-in", secure=False)
    guard = RequestGuard(verifier, Origins.read("", secure=False))
    app.include_router(treasury_routes(parts, parts, verifier))
    app.include_router(treasury_pages(site, guard, parts, parts))
    problems.install(app)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers={"authorization": "Bearer token"},
        cookies={COOKIE: "token"},
    )
    async with client:
        at = path.format(id=parts.made.registration.renewal_id, p=ORDER)
        assert [(await client.get(at)).status_code for _ in range(3)] == [200, 200, 429]
        listed = f"/v1/registrations/{parts.made.registration.renewal_id}/payment/papers"
        assert (await client.get(listed)).status_code == 200, "the list is free"


async def test_office_downloads_what_is_true_now(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await registered(world, office_ref)
    office, desk = world.people.renewer(office_ref), world.people.headers(Role.DESK)
    path = f"/v1/registrations/{made['id']}/payment"
    listed = (await world.client.get(f"{path}/papers", headers=office)).json()
    assert [each["paper"] for each in listed] == ["payment-order", "payment-request"]
    absent = await world.client.get(f"{path}/papers/acceptance", headers=office)
    assert problem(absent) == (404, "treasury-paper-absent")
    unknown = await world.client.get(f"{path}/papers/no-such", headers=office)
    assert unknown.status_code == 422
    reader = await Reader.signed_in(world, office)
    page = await reader.get(f"/renewal/registrations/{made['id']}/transfer")
    assert "Biên bản nghiệm thu có ở đây sau khi hợp đồng được ký" in page.text
    english = await reader.get(f"/renewal/registrations/{made['id']}/transfer?lang=en")
    assert "Request for payment" in english.links

    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    received = {"amount": 1000, "received_on": f"{SystemClock().now():%Y-%m-%d}", "reference": "FT1"}
    key = {"idempotency-key": str(fresh())}
    paid = await world.client.post(
        f"/v1/registrations/{made['id']}/receipts", headers=desk | key, json=received
    )
    open_amount = paid.json()["open_amount"]
    await reader.get(f"/renewal/registrations/{made['id']}/transfer?lang=vi")
    page = await reader.get(f"/renewal/registrations/{made['id']}/transfer")
    answer = await reader.client.get(page.links["Biên bản nghiệm thu"])
    assert answer.headers["content-type"] == "application/pdf"
    assert "no-store" in answer.headers["cache-control"]
    words = _words(answer.content)
    contract = await world.registration(made["id"], office)
    assert contract["contract_number"] in words
    assert "Bên A đã thanh toán: 1.000" in words
    assert f"Còn phải thanh toán: {open_amount:,}".replace(",", ".") in words
    asked = await world.client.get(f"{path}/papers/payment-order", headers=office)
    assert f"{open_amount:,}".replace(",", ".") in _words(asked.content), "what is open, not the whole"
    stranger = world.people.renewer(f"{office_ref}-other")
    assert (await world.client.get(f"{path}/papers/payment-order", headers=stranger)).status_code == 404


def _words(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
