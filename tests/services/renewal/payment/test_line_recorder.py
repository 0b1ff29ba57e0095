"""Lines of statements are recorded once, whatever dies or is reversed in between."""

from typing import Any
from uuid import UUID

import pytest

from services.renewal.domain.payment.bank_line import BankLine, LineStatus, assign, match_bank_line
from services.renewal.domain.payment.order_index import OrderIndex
from services.renewal.domain.payment.payment_match import PaymentShare, match_line
from services.renewal.domain.payment.receivable import Receivable, receivable_id, reverse_receipt
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.domain.payment.transfer import order_code
from services.renewal.payment.bank_lines import BankLines
from services.renewal.payment.line_recorder import LineRecorder
from services.renewal.payment.settlement import Settlement
from services.renewal.stores.receivables import Receivables
from shared.ids import fresh
from shared.resilience.errors import Interrupted
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.clock import SystemClock
from shared.web.people import Role
from tests.services.renewal.offices import registered
from tests.services.renewal.world import World

pytestmark = pytest.mark.usefixtures("rendered_once")


class _Dies(Interrupted):
    pass


def _recorder(world: World, dies: str = "") -> LineRecorder:
    """One that dies before the save named so."""
    clock, service = SystemClock(), world.service
    lines = BankLines(service.store("bank_lines", BankLine, audited=True))
    receivables = Receivables(service.store("receivables", Receivable, audited=True))

    async def die(*_: Any) -> bool:
        raise _Dies

    if dies:
        vars({"receivables": receivables, "lines": lines}[dies])["save_many"] = die
    settlement = Settlement(
        world.renewals, receivables, lines, world.invoices, world.resources(clock).follow_many, clock
    )
    return LineRecorder(lines, world.renewals, receivables, settlement, clock)


async def _decided(world: World, made: dict[str, Any]) -> Stored[BankLine]:
    """A line of a thousand đồng that a clerk has assigned to the registration."""
    today, now = SystemClock().now().date(), SystemClock().now()
    entry = StatementEntry(
        row=2, booked_on=today, direction=LineDirection.CREDIT, amount=1000, memo=str(fresh())
    )
    (printed,) = Statement.of("970436", "123456", [entry]).lines
    match = match_line(printed, OrderIndex.of([]))
    waits = match_bank_line(BankLine(id=printed.id, file_id=fresh(), line=printed), match, now)
    share = PaymentShare(renewal_id=UUID(made["id"]), code=order_code(made["number"]), amount=1000)
    decided = assign(waits, [share], "clerk-1", "", now).state
    store = world.service.store("bank_lines", BankLine, audited=True)
    return await store.save(None, Decision(decided), Cause.command(), id=decided.id)


async def _paid(world: World, made: dict[str, Any]) -> int:
    headers = world.people.headers(Role.DESK)
    answer = await world.client.get(f"/v1/registrations/{made['id']}/payment", headers=headers)
    return int(answer.json()["paid"])


async def _reverse(world: World, made: dict[str, Any]) -> None:
    """Without what follows a reversal: the process dies there."""
    renewal = await world.renewals.load(UUID(made["id"]))
    assert renewal is not None
    receivables = _recorder(world).receivables

    def reverse(state: Receivable | None) -> Decision[Receivable]:
        assert state is not None
        receipt = state.receipts[-1].id
        return reverse_receipt(state, renewal.state, receipt, "nhầm", "clerk-1", SystemClock().now())

    await receivables.change(receivable_id(UUID(made["id"])), reverse, Cause.command("reverse"))


@pytest.mark.parametrize("dies", ["receivables", "lines"])
async def test_recorded_once_whatever_dies(renewal_world: World, office_ref: str, dies: str) -> None:
    world, made = renewal_world, await registered(renewal_world, office_ref)
    line = await _decided(world, made)
    with pytest.raises(_Dies):
        await _recorder(world, dies).record([line])
    for _ in range(2):
        await _recorder(world).record([line])
    assert await _paid(world, made) == 1000
    stored = await _recorder(world).lines.load(line.state.id)
    assert stored is not None
    assert stored.state.status is LineStatus.RECORDED


async def test_a_receipt_reversed_in_between_is_not_made_again(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await registered(renewal_world, office_ref)
    line = await _decided(world, made)
    with pytest.raises(_Dies):
        await _recorder(world, "lines").record([line])
    await _reverse(world, made)
    recorder = _recorder(world)
    await recorder.record([line])
    assert await _paid(world, made) == 0
    await recorder.settlement.settle([UUID(made["id"])])
    stored = await recorder.lines.load(line.state.id)
    assert stored is not None
    assert (stored.state.status, stored.state.undone) == (LineStatus.WAITING, "nhầm")
