"""Money that comes while the seal of a contract that waits for it is recorded."""

from dataclasses import fields
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock
from uuid import UUID

import pytest

from services.renewal.contract.void_contract import VoidContractHandlers
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.renewal import Renewal
from services.renewal.handlers import RenewalHandlers
from shared.ids import fresh
from shared.storage.aggregate import Cause, Decision, Stored
from tests.services.renewal.domain.contract.at_payment import MADE, NUMBER, prepared
from tests.services.renewal.examples import NOW, RENEWAL, licence
from tests.services.renewal.messages import contract_issued
from tests.support.clock import FixedClock


class Saves:
    """The stores: a renewal and its receivable. Notes in which order they are saved."""

    def __init__(self, renewal: Renewal, *, dies: bool) -> None:
        self.renewal, self.receivable = Stored(str(RENEWAL), renewal), Receivable.of(MADE)
        self.dies, self.order = dies, cast("list[str]", [])

    async def load(self, id: UUID) -> Stored[Renewal]:
        return self.renewal

    async def save(
        self, stored: Stored[Renewal], decision: Decision[Renewal], cause: Cause, *, id: str
    ) -> None:
        self.order.append("renewal")
        self.renewal = stored.next(decision, cause, NOW)
        if self.dies:
            self.dies = False
            raise RuntimeError("the process dies")

    async def of(self, registration: Any) -> Receivable:
        return self.receivable

    async def change(self, id: UUID, decide: Any, cause: Cause) -> None:
        self.order.append("receivable")
        self.receivable = decide(self.receivable).state


def handlers(saves: Saves) -> RenewalHandlers:
    stores: Any = saves
    clock: Any = FixedClock(NOW)
    parts: dict[str, Any] = {field.name: AsyncMock() for field in fields(RenewalHandlers)}
    parts |= {
        "renewals": stores,
        "clock": clock,
        "licences": SimpleNamespace(copies=SimpleNamespace(get=AsyncMock(return_value=licence()))),
        "void_contracts": VoidContractHandlers(stores, stores, AsyncMock(), clock),
    }
    return RenewalHandlers(**parts)


@pytest.mark.parametrize("dies", [False, True])
async def test_the_receivable_is_looked_at_again_after_the_seal_is_saved(dies: bool) -> None:
    """Guards against: money that is recorded between the read and the save leaves the commitment unpaid until
    its next reminder."""
    saves, cause = Saves(prepared(), dies=dies), Cause(fresh(), fresh())
    issued = contract_issued(str(NUMBER))
    if dies:
        with pytest.raises(RuntimeError):
            await handlers(saves).record_issued_contract(issued, cause)
    await handlers(saves).record_issued_contract(issued, cause)
    assert saves.order == ["renewal", "receivable"]
    assert saves.receivable.unsettled_since == NOW
