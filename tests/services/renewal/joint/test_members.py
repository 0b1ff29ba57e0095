"""The renewals of joined products are made once, wherever the process dies.

The rows are those of the table in `services.renewal.joint.members`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.number_allocation import INDEXES as NUMBERS
from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.contract.vendor_seal import VendorSeal, VendorSealCopy
from services.renewal.domain.desk.approval import ApprovalFacts
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.money import in_words
from services.renewal.domain.registration.catalogue import ContractNumbering
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.joint.members import JoinedRenewalLoop, JoinedRenewals
from services.renewal.licences import Licences
from services.renewal.registration.restatement import RestatementService
from services.renewal.render.content import ContractContent, FormContent
from services.renewal.stores.renewal_indexes import (
    ACCEPTED_CARRYING,
    CARRIES_JOINED,
    INDEXES,
    JOINED,
    JOINED_NUMBER,
    STANDS_FOR,
    SUBSCRIPTION,
)
from services.renewal.stores.renewals import Renewals
from shared.background.heartbeat import Heartbeat
from shared.ids import derived, subscription_id
from shared.messaging.envelope import Position
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Stored
from shared.storage.projection import write_copies
from tests.services.renewal.domain.joint.examples import CODES, acceptance
from tests.services.renewal.dying_parts import Died, quick_contract_factory, quick_form_factory
from tests.services.renewal.examples import NOW, OFFICE_REF, RENEWAL, TODAY, judged
from tests.services.renewal.messages import recorded
from tests.services.renewal.stores import of_office
from tests.support.clock import FixedClock


class Dying:
    """The store of renewals. The process dies at the save with this number (from 1)."""

    def __init__(self, renewals: Renewals, number: int, when: str) -> None:
        self._renewals, self._left, self._when = renewals, number, when

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._renewals, name)
        return self._counted(call) if name in ("save", "add") else call

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


class Once:
    """A leader's loop of one step."""

    async def run(self, step: Callable[[Any], Awaitable[object]], heartbeat: Heartbeat) -> None:
        async def check_leadership() -> None:
            heartbeat.beat("works")

        await step(check_leadership)


@dataclass
class Scene:
    service: Service
    joined: JoinedRenewals

    async def lead(self) -> Stored[Renewal]:
        stored = await self.joined.renewals.load(RENEWAL)
        assert stored
        return stored

    async def all(self) -> dict[str, Renewal]:
        found = await of_office(self.joined.renewals, OFFICE_REF)
        return {each.registration.product_code: each for each in found}

    async def step(self) -> None:
        """What the loop does in one step."""
        once: Any = Once()
        await JoinedRenewalLoop(self.joined, once).run(Heartbeat("joined", limit=60))

    async def told(self) -> list[str]:
        found = await self.service.database["renewals"].find({}).to_list(None)
        types = [dict(event["headers"])["ce_type"].decode() for one in found for event in one["outbox"]]
        return sorted(type.removeprefix("vn.giahan.renewal.").removesuffix(".v1") for type in types)


@pytest.fixture(params=[ContractNumbering.EACH])
async def scene(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Scene]:
    service = Service("renewal", settings)
    clock = FixedClock(NOW)
    service.clock = clock
    renewals = Renewals(service.store("renewals", Renewal, *INDEXES, audited=True))
    licences = service.projection("licences", LicenceCopy)
    numbers = ContractNumbers(service.collection("numbers", *NUMBERS))
    for collection, indexes in service.indexes.items():
        if indexes:
            await collection.create_indexes(indexes)
    for code in CODES:
        event = recorded(product_code=code)
        await write_copies(Licences(licences, clock).copy_licence(event, Position(f"subscription/{code}", 1)))
    contracts = quick_contract_factory(service, numbers)
    accepted = await contracts.with_contract(acceptance(request.param), NOW)
    await renewals.add(accepted, Cause.command())
    yield Scene(service, JoinedRenewals(renewals, licences, contracts, clock))
    service.client.close()


PLACES = [(number, when) for number in (1, 2, 3) for when in ("before", "after")]
"""The saves are: the second product's renewal, the third one's, and the lead's."""


@pytest.mark.parametrize(("number", "when"), PLACES)
async def test_death_then_the_next_step(scene: Scene, number: int, when: str) -> None:
    dying: Any = Dying(scene.joined.renewals, number, when)
    with pytest.raises(Died):
        await replace(scene.joined, renewals=dying).make(await scene.lead())
    await scene.step()
    found = await scene.all()
    assert {each.status for each in found.values()} == {RegistrationStatus.ACCEPTED}
    numbers = sorted(each.contract_number.n for each in found.values() if each.contract_number)
    assert numbers == [1, 2, 3], "gapless: no number was lost or given twice"
    assert not (await scene.lead()).state.carries_joined
    assert [each async for each in scene.joined.renewals.accepted_carrying()] == []
    told = await scene.told()
    assert (told.count("accepted"), told.count("contract_prepared")) == (3, 3)


ONE_CONTRACT = pytest.mark.parametrize("scene", [ContractNumbering.ORDER], indirect=True)


@ONE_CONTRACT
@pytest.mark.parametrize(("number", "when"), PLACES)
async def test_death_leaves_all_products_under_one_contract(scene: Scene, number: int, when: str) -> None:
    dying: Any = Dying(scene.joined.renewals, number, when)
    with pytest.raises(Died):
        await replace(scene.joined, renewals=dying).make(await scene.lead())
    await scene.step()
    found = await scene.all()
    assert {each.status for each in found.values()} == {RegistrationStatus.ACCEPTED}
    assert {each.contract_number.n for each in found.values() if each.contract_number} == {1}
    assert len({each.newest_document("contract") for each in found.values()}) == 1
    assert await scene.service.database["numbers"].count_documents({}) == 1
    assert not (await scene.lead()).state.carries_joined
    told = await scene.told()
    assert (told.count("accepted"), told.count("contract_prepared")) == (3, 1)


@ONE_CONTRACT
async def test_contract_over_all_prints_the_terms_and_the_sum_of_all(scene: Scene) -> None:
    lead = (await scene.lead()).state
    file = lead.newest_document("contract")
    assert file
    printed = ContractContent.model_validate_json(await scene.service.documents.get(file.sha256))
    assert printed.kind == "joint-contract"
    assert [made.product_code for made, _ in printed.products] == list(CODES)
    assert [given.term for _, given in printed.products] == [each.term for each in lead.registration.on_form]
    assert printed.total_in_words == in_words(lead.registration.total)


@ONE_CONTRACT
async def test_product_that_moved_is_found_before_the_number(scene: Scene) -> None:
    seal = VendorSeal(scene.service.projection("vendor_seal", VendorSealCopy))
    reader = ApprovalFactReader(scene.joined.renewals, seal, scene.joined.licences)
    lead = (await scene.lead()).state
    assert not await reader.has_moved_joined(lead)
    moved = recorded(product_code="qlcb", expires_on=TODAY)
    copies = Licences(scene.joined.licences, scene.joined.clock)
    await write_copies(copies.copy_licence(moved, Position("subscription/qlcb", 2)))
    assert await reader.has_moved_joined(lead)
    await scene.step()
    assert not await reader.has_moved_joined((await scene.lead()).state), (
        "its contract is its own from now on"
    )


async def test_moved_product_waits_for_the_desk_and_the_others_have_contracts(scene: Scene) -> None:
    moved = recorded(product_code="qlcb", expires_on=TODAY)
    copies = Licences(scene.joined.licences, scene.joined.clock)
    await write_copies(copies.copy_licence(moved, Position("subscription/qlcb", 2)))
    await scene.joined.make(await scene.lead())
    found = await scene.all()
    assert found["qlcb"].needs_desk is DeskReason.EXPIRY_MOVED
    assert found["qlcb"].contract_number is None
    assert found["ktns"].contract_number


DAMAGED = [
    ("licences", str(subscription_id(OFFICE_REF, CODES[1])), {"expires_on": "?"}),
    ("renewals", str(derived("renewal", subscription_id(OFFICE_REF, CODES[1]), 1)), {"status": "?"}),
]


@pytest.mark.parametrize(("collection", "id", "damage"), DAMAGED)
async def test_product_that_cannot_be_made_waits_for_a_person_and_holds_up_no_other(
    scene: Scene, collection: str, id: str, damage: dict[str, Any]
) -> None:
    documents = scene.service.database[collection]
    whole = await documents.find_one({"_id": id})
    await documents.update_one({"_id": id}, {"$set": damage}, upsert=True)
    for _ in range(2):
        await scene.step()
    lead = (await scene.lead()).state
    assert await scene.joined.renewals.load(lead.registration.joined[1].renewal_id)
    assert lead.needs_desk is DeskReason.JOINED_UNMADE
    assert lead.desk_note == lead.registration.joined[0].number
    assert lead.carries_joined
    await documents.delete_one({"_id": id})
    if whole:
        await documents.insert_one(whole)
    await scene.step()
    lead = (await scene.lead()).state
    assert (lead.needs_desk, lead.desk_note, lead.carries_joined) == (None, None, False)
    assert len(await scene.all()) == len(CODES)


async def test_lead_that_cannot_be_read_holds_up_none_behind_it(scene: Scene) -> None:
    broken = {"_id": "0", "status": "accepted", "stands_for": ["a", "b"]}
    await scene.service.database["renewals"].insert_one(broken)
    await scene.step()
    assert not (await scene.lead()).state.carries_joined


async def test_nothing_is_made_before_the_lead_is_accepted(scene: Scene) -> None:
    stored = await scene.lead()
    waits = replace(stored, state=stored.state.with_changes(status=RegistrationStatus.AWAITING_CONFIRMATION))
    await scene.joined.make(waits)
    assert list(await scene.all()) == ["qlts"]


class KnownFacts:
    async def read(self, *_: object) -> ApprovalFacts:
        return judged()


@pytest.mark.parametrize("released", [False, True])
async def test_restated_form_asks_for_what_all_cost_or_for_nothing(scene: Scene, released: bool) -> None:
    """Guards against: the paper asks for the lead's own price, and the pages for that of all."""
    if released:
        await scene.step()
    joined = scene.joined
    reader: Any = KnownFacts()
    forms = quick_form_factory(scene.service)
    restatements = RestatementService(
        joined.renewals, joined.licences, forms, joined.contract_factory, reader, joined.clock
    )
    waits = (await scene.lead()).state.with_changes(status=RegistrationStatus.AWAITING_CONFIRMATION)
    form = (await restatements.reissue(waits, "corrected")).state.newest_document("form")
    assert form
    transfer = FormContent.model_validate_json(await forms.documents.get(form.sha256)).transfer
    total = waits.registration.total
    assert (transfer and transfer.amount) == (None if released else total)


@pytest.mark.parametrize(
    "query",
    [
        {JOINED: "any"},
        {JOINED_NUMBER: "any"},
        {**CARRIES_JOINED, "status": {"$in": ["accepted"]}},
        {"$or": [{SUBSCRIPTION: "any"}, {STANDS_FOR: "any"}], "status": "accepted"},
        {"$or": [{"_id": "any"}, {"registration.number": "any"}, {JOINED: "any"}, {JOINED_NUMBER: "any"}]},
    ],
)
async def test_what_is_asked_of_all_renewals_has_an_index(scene: Scene, query: dict[str, Any]) -> None:
    plan = await scene.service.database["renewals"].find(query).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


async def test_loop_reads_no_closed_registration(scene: Scene) -> None:
    """Guards against: cancelled ones keep what they stood for, and are read again every two seconds."""
    waits = scene.service.database["renewals"]
    query = {**CARRIES_JOINED, "status": {"$in": ["accepted", "contract_issued"]}}
    closed = {"status": "cancelled", "stands_for": ["a", "b"]}
    await waits.insert_many([closed | {"_id": n, "registration": {"number": n}} for n in "12345"])
    plan = await waits.find(query).sort("_id").hint(ACCEPTED_CARRYING).explain()
    assert plan["executionStats"]["totalDocsExamined"] == 1
