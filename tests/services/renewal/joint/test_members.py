"""The renewals of joined products are made once, wherever the process dies.

The rows are those of the table in `services.renewal.joint.members`.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.renewal.contract.number_allocation import INDEXES as NUMBERS
from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.paper import paper_form
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.joint.members import JoinedRenewals
from services.renewal.licences import Licences
from services.renewal.stores.renewal_indexes import (
    CARRIES_JOINED,
    INDEXES,
    JOINED,
    JOINED_NUMBER,
    STANDS_FOR,
    SUBSCRIPTION,
)
from services.renewal.stores.renewals import Renewals
from shared.events.base import SendBy
from shared.messaging.envelope import Position
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Stored
from shared.storage.projection import write_copies
from tests.services.renewal.domain.joint.examples import CODES, lead
from tests.services.renewal.dying_parts import Died, quick_contract_factory
from tests.services.renewal.examples import NOW, OFFICE_REF, RENEWAL, TODAY, judged
from tests.services.renewal.messages import posted_form, recorded
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


@dataclass
class Scene:
    service: Service
    joined: JoinedRenewals

    async def lead(self) -> Stored[Renewal]:
        stored = await self.joined.renewals.load(RENEWAL)
        assert stored
        return stored

    async def all(self) -> dict[str, Renewal]:
        found = await self.joined.renewals.of_office(OFFICE_REF)
        return {each.registration.product_code: each for each in found}

    async def told(self) -> list[str]:
        found = await self.service.database["renewals"].find({}).to_list(None)
        types = [dict(event["headers"])["ce_type"].decode() for one in found for event in one["outbox"]]
        return sorted(type.removeprefix("vn.giahan.renewal.").removesuffix(".v1") for type in types)


@pytest.fixture
async def scene(settings: Settings) -> AsyncIterator[Scene]:
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
    received = paper_form.receive(lead(SendBy.PAPER), posted_form(), NOW).state
    waits = paper_form.accept(received, "clerk-1", judged(), NOW).state
    basis = waits.registration.term.basis_expires_on
    accepted = approval.accept(waits, "clerk-1", "in order", basis, NOW)
    await renewals.add(await contracts.with_contract(accepted, NOW), Cause.command())
    yield Scene(service, JoinedRenewals(renewals, licences, contracts, clock))
    service.client.close()


PLACES = [(number, when) for number in (1, 2, 3) for when in ("before", "after")]
"""The saves are: the second product's renewal, the third one's, and the lead's."""


@pytest.mark.parametrize(("number", "when"), PLACES)
async def test_death_then_the_next_step(scene: Scene, number: int, when: str) -> None:
    dying: Any = Dying(scene.joined.renewals, number, when)
    with pytest.raises(Died):
        await replace(scene.joined, renewals=dying).make(await scene.lead())
    for waiting in await scene.joined.renewals.accepted_carrying(10):
        await scene.joined.make(waiting)
    found = await scene.all()
    assert {each.status for each in found.values()} == {RegistrationStatus.ACCEPTED}
    numbers = sorted(each.contract_number.n for each in found.values() if each.contract_number)
    assert numbers == [1, 2, 3], "gapless: no number was lost or given twice"
    assert not (await scene.lead()).state.carries_joined
    assert await scene.joined.renewals.accepted_carrying(10) == []
    told = await scene.told()
    assert (told.count("accepted"), told.count("contract_prepared")) == (3, 3)


async def test_moved_product_waits_for_the_desk_and_the_others_have_contracts(scene: Scene) -> None:
    moved = recorded(product_code="qlcb", expires_on=TODAY)
    copies = Licences(scene.joined.licences, scene.joined.clock)
    await write_copies(copies.copy_licence(moved, Position("subscription/qlcb", 2)))
    await scene.joined.make(await scene.lead())
    found = await scene.all()
    assert found["qlcb"].needs_desk is DeskReason.EXPIRY_MOVED
    assert found["qlcb"].contract_number is None
    assert found["ktns"].contract_number


async def test_nothing_is_made_before_the_lead_is_accepted(scene: Scene) -> None:
    stored = await scene.lead()
    waits = replace(stored, state=stored.state.with_changes(status=RegistrationStatus.AWAITING_CONFIRMATION))
    await scene.joined.make(waits)
    assert list(await scene.all()) == ["qlts"]


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
