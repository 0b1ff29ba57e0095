"""A registration replaces another in two saves: the process dies around each of them, then the request is
repeated.

The rows are those of the table in `services.renewal.registration.replacement`.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

import pytest

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.contract.vendor_seal import VendorSeal, VendorSealCopy
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.claims.slip import claim_with_slip
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.domain.registration.form import register
from services.renewal.domain.renewal import Renewal
from services.renewal.licences import Licences
from services.renewal.payment.service import ClaimRequest, PaymentService
from services.renewal.registration.form_factory import FormFactory
from services.renewal.registration.replacement import ReplacementRepair, ReplacementService
from services.renewal.registration.restatement import RestatementService
from services.renewal.registration.service import RegistrationService
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewal_indexes import INDEXES
from services.renewal.stores.renewals import Renewals
from shared.background.leader_loop import LeaderLoop
from shared.events.base import DocumentRef, SendBy
from shared.messaging.envelope import Position
from shared.resilience.errors import OutOfTime
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import write_copies
from shared.web.people import Person, Role
from tests.services.renewal.dying_parts import Died, quick_contract_factory, quick_form_factory
from tests.services.renewal.examples import (
    NOW,
    OFFICE_REF,
    RENEWAL,
    TODAY,
    catalogue,
    declaration,
    registration,
)
from tests.services.renewal.messages import document, recorded
from tests.services.renewal.stores import of_office
from tests.support.clock import FixedClock

pytestmark = pytest.mark.usefixtures("rendered_once")

RENEWER = Person(sub="renewer-1", office_ref=OFFICE_REF, roles=frozenset({Role.RENEWER}))
FIFTEEN = declaration(order={"users": 15})


class Dying:
    """The store of renewals or receivables. The process dies at the save with this number (from 1), whichever
    method makes it."""

    def __init__(self, store: Renewals | Receivables, number: int, when: str) -> None:
        self._store, self._left, self._when = store, number, when

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)
        saves = ("change",) if isinstance(self._store, Receivables) else ("save", "add")
        return self._counted(call) if name in saves else call

    def _counted(self, call: Any) -> Any:
        async def counted(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0 and self._when == "before":
                raise Died
            answer = await call(*args, **kwargs)
            if self._left == 0:
                raise Died
            return answer

        return counted


@dataclass
class Desk:
    service: Service
    registering: RegistrationService

    @property
    def renewals(self) -> Renewals:
        return self.registering.renewals

    async def replaced(
        self, declared: Declaration = FIFTEEN, key: str | None = "k", dying: Dying | None = None
    ) -> Renewal:
        work = self.registering
        if dying:
            renewals: Any = dying
            replacements = replace(work.replacements, renewals=renewals)
            work = replace(work, renewals=renewals, replacements=replacements)
        renewal, _ = await work.register(
            OFFICE_REF, "qlts", declared, SendBy.PAPER, RENEWER, replacing=RENEWAL, key=key
        )
        return renewal

    async def swept(self) -> None:
        async def check_leadership() -> None:
            pass

        leader_loop: LeaderLoop = None  # type: ignore[assignment]  # one step is taken here, without a lease
        await ReplacementRepair(self.registering.replacements, leader_loop)._step(check_leadership)

    async def all(self) -> list[Renewal]:
        """All renewals, the oldest first."""
        return list(reversed(await of_office(self.renewals, OFFICE_REF)))

    async def told(self) -> list[str]:
        found = await self.service.database["renewals"].find({}).to_list(None)
        types = [dict(event["headers"])["ce_type"].decode() for one in found for event in one["outbox"]]
        return sorted(type.removeprefix("vn.giahan.renewal.").removesuffix(".v1") for type in types)


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    service = Service("renewal", settings)
    clock = FixedClock(NOW)
    service.clock = clock
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    licences = service.projection("licences", LicenceCopy)
    numbers = ContractNumbers(service.collection("numbers"))
    for collection, indexes in service.indexes.items():
        if indexes:
            await collection.create_indexes(indexes)
    forms, contracts = quick_form_factory(service), quick_contract_factory(service, numbers)
    await write_copies(Licences(licences, clock).copy_licence(recorded(), Position("subscription/1", 1)))
    await renewals.add(register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW), Cause.command())
    receivables = Receivables(service.store("receivables", Receivable))
    replacing = ReplacementService(renewals, receivables, EXAMPLE_VENDOR, clock)
    seal = VendorSeal(service.projection("vendor_seal", VendorSealCopy))
    judging = ApprovalFactReader(renewals, seal, licences)
    restating = RestatementService(renewals, licences, forms, contracts, judging, clock)
    yield Desk(
        service, RegistrationService(renewals, licences, replacing, forms, catalogue(), clock, restating)
    )
    service.client.close()


async def replaced_once(desk: Desk) -> None:
    old, new = sorted(
        await desk.all(), key=lambda renewal: renewal.status is not RegistrationStatus.CANCELLED
    )
    assert (old.status, new.status) == (RegistrationStatus.CANCELLED, RegistrationStatus.AWAITING_PAPER)
    assert (old.replaced_by, old.replacement) == (new.registration.renewal_id, None)
    assert new.registration.order.users == 15
    assert await desk.told() == ["cancelled", "registered", "registered"]


PLACES = [(number, when) for number in (1, 2, 3) for when in ("before", "after")]
"""The saves are: the cancelled one, the new one, and the cancelled one without its replacement."""


@pytest.mark.parametrize("key", ["k", None])
@pytest.mark.parametrize(("number", "when"), PLACES)
async def test_death_then_the_repeat(desk: Desk, number: int, when: str, key: str | None) -> None:
    with pytest.raises(Died):
        await desk.replaced(key=key, dying=Dying(desk.renewals, number, when))
    if key is None and (number, when) != (1, "before"):
        with pytest.raises(RenewalError, match="registration-open") as refused:
            await desk.replaced(key=None)
        assert refused.value.about["registration"] != str(RENEWAL)
    else:
        await desk.replaced(key=key)
    await replaced_once(desk)


@pytest.mark.parametrize(("number", "when"), PLACES[1:])
async def test_death_then_the_sweep_then_the_repeat(desk: Desk, number: int, when: str) -> None:
    with pytest.raises(Died):
        await desk.replaced(dying=Dying(desk.renewals, number, when))
    await desk.swept()
    await replaced_once(desk)
    await desk.swept()
    made = await desk.replaced()
    assert made.status is RegistrationStatus.AWAITING_PAPER
    await replaced_once(desk)


@pytest.mark.parametrize(("number", "when"), PLACES[1:4])
async def test_nothing_else_is_registered_in_between(desk: Desk, number: int, when: str) -> None:
    with pytest.raises(Died):
        await desk.replaced(dying=Dying(desk.renewals, number, when))
    with pytest.raises(RenewalError, match="registration-open"):
        await desk.registering.register(OFFICE_REF, "qlts", declaration(), SendBy.ELECTRONIC, RENEWER)
    await replaced_once(desk)


async def test_accepted_one_is_not_replaced(desk: Desk) -> None:
    stored = await desk.renewals.load(RENEWAL)
    assert stored
    accepted = stored.state.with_changes(status=RegistrationStatus.ACCEPTED)
    await desk.service.database["renewals"].update_one({"_id": stored.id}, {"$set": {"status": "accepted"}})
    with pytest.raises(RenewalError, match="not-awaiting"):
        await desk.replaced()
    assert await desk.all() == [accepted]


async def test_timeout_is_reported_and_a_repeat_registers_once(desk: Desk) -> None:
    """Guards against: a registration waits for a process for minutes. Waiting, rendering and saving share one
    limit; a repeat with the same key finds the work done, or does it."""

    class Stuck:
        def __init__(self, forms: FormFactory) -> None:
            self.conditions = forms.conditions

        async def form(self, *_: object) -> DocumentRef:
            await asyncio.Event().wait()
            raise AssertionError

    work, stuck = desk.registering, Stuck(desk.registering.form_factory)
    desk.registering = replace(work, form_factory=stuck, seconds=0.2)  # type: ignore[arg-type]
    with pytest.raises(OutOfTime):
        await desk.replaced()
    desk.registering = work
    made = await desk.replaced()
    assert (await desk.replaced()).registration.renewal_id == made.registration.renewal_id
    await replaced_once(desk)


async def _claimed(desk: Desk, *, received: int = 0) -> None:
    """The office says that it paid the registration that will be replaced, and uploads its payment order."""
    stored = await desk.renewals.load(RENEWAL)
    assert stored
    renewal, first = stored.state, Receivable.of(stored.state.registration)
    claimed = claim_with_slip(first, renewal, TODAY, "da tra", document("slip 1"), "office", NOW)
    assert claimed
    state = claimed.state
    if received:
        state = record_receipt(state, renewal, received, TODAY, "FT1", "clerk-1", NOW).state
    receivables = desk.registering.replacements.receivables
    await receivables.change(first.id, lambda _: Decision(state), Cause.command())


async def _assert_taken_over(desk: Desk, *, here: int) -> None:
    old, new = sorted(
        await desk.all(), key=lambda renewal: renewal.status is not RegistrationStatus.CANCELLED
    )
    assert old.replacement is None
    receivables = desk.registering.replacements.receivables
    before, after = await receivables.of(old.registration), await receivables.of(new.registration)
    assert after.claim
    assert (after.claim.paid_on, after.claim.memo, after.here) == (TODAY, "da tra", here)
    assert (after.earlier, after.claims) == ((RENEWAL,), 1), "once"
    assert after.slips == before.slips
    assert after.claimed_since is not None, "the desk looks for it under the new registration"
    assert before.claimed_since is None
    assert (before.claim is not None, after.paid) == (True, 0), "nothing is lost, and no money is moved"
    listed = [each.renewal_id for each in await receivables.claimed(10)]
    assert listed == [new.registration.renewal_id]


@pytest.mark.parametrize(("number", "when"), [(n, when) for n in (1, 2) for when in ("before", "after")])
async def test_death_while_the_payment_is_taken_over(desk: Desk, number: int, when: str) -> None:
    await _claimed(desk)
    work = desk.registering
    dying: Any = Dying(work.replacements.receivables, number, when)
    desk.registering = replace(work, replacements=replace(work.replacements, receivables=dying))
    with pytest.raises(Died):
        await desk.replaced()
    desk.registering = work
    await desk.swept()
    await desk.swept()
    await replaced_once(desk)
    await _assert_taken_over(desk, here=0)


async def test_money_that_came_for_the_replaced_one_is_asked_for_by_nobody(desk: Desk) -> None:
    await _claimed(desk, received=1000)
    await desk.replaced()
    await _assert_taken_over(desk, here=1000)
    found = await desk.service.database["renewals"].find({}).to_list(None)
    bodies = [event["body"] for one in found for event in one["outbox"]]
    asks = [b'"transfer":{' in body.replace(b" ", b"") for body in bodies if b'"form_revision"' in body]
    assert sorted(asks) == [False, True], "the first registration asks for a transfer, the new one doesn't"
    new = next(each for each in await desk.all() if each.registration.renewal_id != RENEWAL)
    form = json.loads(await desk.service.documents.get(new.dossier[0].document.sha256))
    assert form["asks"] is False, "nor does its form"


async def test_claim_stays_where_nothing_takes_it_over(desk: Desk) -> None:
    """Guards against: the new registration is closed before it takes over, and nobody has the claim."""
    await _claimed(desk)
    work = desk.registering
    dying: Any = Dying(work.replacements.receivables, 1, "before")
    desk.registering = replace(work, replacements=replace(work.replacements, receivables=dying))
    with pytest.raises(Died):
        await desk.replaced()
    desk.registering = work
    new = next(each for each in await desk.all() if each.registration.renewal_id != RENEWAL)
    closed = {"$set": {"status": RegistrationStatus.CANCELLED.value}}
    renewals = desk.service.database["renewals"]
    await renewals.update_one({"_id": str(new.registration.renewal_id)}, closed)
    await desk.swept()
    listed = [each.renewal_id for each in await work.replacements.receivables.claimed(10)]
    assert listed == [RENEWAL]


class Late:
    """The store of renewals, read before the replacement by a page that saves after it."""

    def __init__(self, renewals: Renewals, first: Stored[Renewal] | None) -> None:
        self._renewals, self._first = renewals, first

    def __getattr__(self, name: str) -> Any:
        return getattr(self._renewals, name)

    async def load(self, id: UUID) -> Stored[Renewal] | None:
        first, self._first = self._first, None
        return first or await self._renewals.load(id)


async def test_claim_that_crosses_the_replacement_is_taken_over(desk: Desk) -> None:
    late: Any = Late(desk.renewals, await desk.renewals.load(RENEWAL))
    await desk.replaced()
    receivables, unused = desk.registering.replacements.receivables, cast("Any", None)
    payments = PaymentService(late, receivables, unused, unused, FixedClock(NOW))
    await payments.claim(RENEWAL, ClaimRequest(paid_on=TODAY, memo="da tra"), RENEWER, "k")
    await _assert_taken_over(desk, here=0)


async def test_form_asks_for_no_transfer_once_money_came(desk: Desk) -> None:
    """Guards against: a restated form of a paid registration asks for the whole sum again."""
    factory, made = desk.registering.form_factory, registration()

    async def asks() -> object:
        form = await factory.form(made, 2, NOW)
        return json.loads(await desk.service.documents.get(form.sha256))["asks"]

    assert await asks() is True
    await _claimed(desk, received=1000)
    assert await asks() is False
