"""The recording of bank lines in the renewal service, step by step, on the world's stores."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.money import Dialect
from services.renewal.domain.payment.bank_line import BankLine, LineStatus, assign
from services.renewal.domain.payment.payment_match import PaymentShare
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.domain.payment.transfer import order_code
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.payment.bank_lines import BankLines
from services.renewal.payment.settlement import Settlement
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.ids import derived
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause, Decision
from tests.faults.system.journal import JournalStore
from tests.faults.system.member import Member
from tests.faults.system.world import SimulatedService, World
from tests.services.renewal.examples import RENEWAL, registration
from tests.services.renewal.messages import document

_STATEMENT = derived("statement of the control")


async def _follow_nothing(subscriptions: Collection[UUID], cause: Cause) -> bool:
    """Grants of resources are no part of this simulation."""
    return False


class PaymentProcess:
    """The parts of one process. `line_store` can delay or end it before it saves lines."""

    def __init__(self, world: World) -> None:
        self.service = service = SimulatedService("renewal", world, timedelta(0))
        self._renewals = service.store("renewals", Renewal)
        line_store = service.store("bank_lines", BankLine)
        assert isinstance(line_store, JournalStore)
        self.line_store: JournalStore[BankLine] = line_store
        renewals, lines = Renewals(self._renewals), BankLines(line_store)
        receivables = Receivables(service.store("receivables", Receivable))
        invoices = RequestedInvoices(service.store("invoices", RequestedInvoice), Dialect())
        settlement = Settlement(renewals, receivables, lines, invoices, _follow_nothing, service.clock)
        self._recorder = world.parts.recorder(lines, renewals, receivables, settlement, service.clock)
        self._lines = lines

    def member(self) -> Member:
        return Member(self.service, Routes())

    async def register(self) -> None:
        made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, self.service.clock.now())
        await self._renewals.save(None, made, Cause.command("register"), id=RENEWAL)

    async def assign_a_line(self) -> None:
        """A line of the bank, of which a clerk has said that it pays half of the registration."""
        made, now = registration(), self.service.clock.now()
        amount = made.order.total // 2
        entry = StatementEntry(
            row=2, booked_on=now.date(), direction=LineDirection.CREDIT, amount=amount, memo="chuyen tien"
        )
        (printed,) = Statement.of("970436", "123456", [entry]).lines
        waits = BankLine(id=printed.id, file_id=_STATEMENT, line=printed, status=LineStatus.WAITING)
        share = PaymentShare(renewal_id=RENEWAL, code=order_code(made.number), amount=amount)
        decided = assign(waits, [share], "clerk-1", "", now).state
        await self.line_store.save(None, Decision(decided), Cause.command("assign"), id=printed.id)

    async def record(self) -> None:
        """One round of the recorder, over what is decided."""
        await self._recorder.record(await self._lines.with_status(LineStatus.RECORDING, 10))
