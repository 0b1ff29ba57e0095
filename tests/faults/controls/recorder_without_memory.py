"""Negative control: the recorder of bank lines doesn't look whether it has recorded a line already."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from typing_extensions import override

from services.renewal.domain.payment.bank_line import RULE, BankLine
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.payment.line_recorder import LineRecorder, _Account
from shared.storage.aggregate import Decision
from tests.faults.controls.control import Control
from tests.faults.controls.process_death import ProcessDied
from tests.faults.controls.subscription_steps import idle_heartbeat, publish_all
from tests.faults.history import InjectedFault
from tests.faults.system.components import Components
from tests.faults.system.observation import observe
from tests.faults.system.payments import PaymentProcess
from tests.faults.system.quiescence import wait_for_quiescence
from tests.faults.system.world import World


class _ForgetfulAccount(_Account):
    @override
    def receipt_for(self, line: BankLine, amount: int, now: datetime) -> Decision[Receivable]:
        """A receipt each time, under a number of its own."""
        by, decided_at = (line.decision.by, line.decision.at) if line.decision else (RULE, None)
        return record_receipt(
            self.state,
            self.renewal,
            amount,
            line.line.booked_on,
            f"{line.reference} {len(self.state.receipts)}",
            by,
            now,
            line_id=line.id,
            line_decided_at=decided_at,
        )


class ForgetfulRecorder(LineRecorder):
    @override
    async def _accounts(self, ids: Iterable[UUID]) -> dict[UUID, _Account]:
        known = await LineRecorder._accounts(self, ids)
        return {
            id: _ForgetfulAccount(account.renewal, account.stored, account.state)
            for id, account in known.items()
        }


async def _dies_before_the_lines_are_saved(world: World) -> None:
    process = PaymentProcess(world)
    await process.service.prepare([])
    await process.register()
    await process.assign_a_line()

    async def die() -> None:
        raise ProcessDied

    process.line_store.before_write = die
    try:
        await process.record()
    except ProcessDied:
        world.recorder.record(InjectedFault(name="recorder killed before it saves the lines"))
    again = PaymentProcess(world)
    await again.record()
    relay = again.service.relay(idle_heartbeat())
    async with relay.producer() as producer:
        await publish_all(relay, producer)
    await wait_for_quiescence(world, [again.member()], within_s=0)
    await observe(world, [again.member()])


CONTROL = Control(
    name="recorder without memory",
    breaks="each line counts once",
    scenario=_dies_before_the_lines_are_saved,
    broken=Components(recorder=ForgetfulRecorder),
)
