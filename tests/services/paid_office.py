"""One office whose registration is paid, or not: the domain of renewal, and of subscription that hears of it.

Each step is checked against its flow's table. A step that is refused changes nothing.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from services.renewal.domain import money
from services.renewal.domain.flow import REGISTRATION_FLOW, FlowStep, RegistrationStatus
from services.renewal.domain.invoice.invoice_flow import INVOICE_FLOW, InvoiceStep
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment.balance import PaymentBalance, settled
from services.renewal.domain.payment.bank_line import LINE_FLOW, BankLine, LineStatus, LineStep
from services.renewal.domain.payment.commitment import COMMITMENT_FLOW, CommitmentStep
from services.renewal.domain.payment.commitment_steps import settle_commitment
from services.renewal.domain.payment.payment_flow import PAYMENT_FLOW, PaymentStep
from services.renewal.domain.payment.receivable import Receivable, receivable_id
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.registration.registration import Registrant, declare
from services.renewal.domain.renewal import Renewal
from services.renewal.licences import Licences
from services.renewal.payment.line_recorder import _Account, _recorded
from services.renewal.payment.settlement import undo_reversed
from services.renewal.settings import EXAMPLE_VENDOR
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.stages.progress import Decided
from services.subscription.domain.subscription import Subscription
from services.subscription.lifecycle.acceptance_handlers import AcceptanceHandlers
from services.subscription.lifecycle.handlers import LifecycleHandlers
from services.subscription.lifecycle.payment_handlers import PaymentHandlers
from services.subscription.store import Subscriptions
from shared import ids
from shared.events.base import Event, SendBy
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended
from shared.events.payment import PaymentRecorded, PaymentReversed
from shared.messaging.envelope import Envelope
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause, Decision, State, Stored, envelopes
from shared.time.calendar import civil_date
from tests.services.renewal.examples import OFFICE_REF, SUBSCRIPTION, declaration, product
from tests.services.renewal.messages import document
from tests.services.subscription.examples import BOTH, HANOI, licence
from tests.support.memory import MemoryStore
from tests.support.memory_projection import MemoryProjection

T = TypeVar("T")
S = TypeVar("S", bound=State)
BEGIN = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
_ABOUT_MONEY = {
    event.TYPE
    for event in (CommitmentAccepted, CommitmentExtended, CommitmentBroken, PaymentRecorded, PaymentReversed)
}
RENEWAL = ids.derived("renewal", SUBSCRIPTION, 1)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on stores in memory, which never wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


class _Products:
    def policy_for(self, product_code: str, day: date) -> str:
        return "r117"

    def temporary_days(self, product_code: str, day: date) -> int:
        return 15


class _Known:
    """Every topic is read, every document has its provenance, and the clocks agree."""

    async def is_past(self, *_: object) -> bool:
        return True

    async def is_of(self, *_: object) -> bool:
        return True

    def holds(self) -> bool:
        return True


@dataclass
class PaidOffice:
    """`told`: renewal's events, in their order. `heard`: the messages that subscription took. `late`: those
    about money that reach it only later, while `delays`."""

    left: int
    way: SendBy
    declared_paid: bool
    today_is: datetime = BEGIN
    told: list[Event] = field(default_factory=list)
    heard: list[Envelope] = field(default_factory=list)
    late: list[Envelope] = field(default_factory=list)
    delays: bool = False
    lines: dict[UUID, BankLine] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store: MemoryStore[Subscription] = MemoryStore(Subscription, clock=self)
        self.copies = MemoryProjection(LicenceCopy)
        known: Any = _Known()
        products: Any = _Products()
        hears = LifecycleHandlers(Subscriptions(self.store), BOTH, products, self, known, known)
        routes, pages = hears.routes(), Routes()
        AcceptanceHandlers(hears).add_to(routes)
        PaymentHandlers(hears).add_to(routes)
        Licences(self.copies, self).add_to(pages)
        self.services = (routes, pages)
        stated = licence(self.today + timedelta(days=self.left), policy="r117")
        self.subscription(lambda _: adopt(OFFICE_REF, "qlts", stated, self.now(), BOTH, next_policy="r117"))
        self._register()

    def _register(self) -> None:
        payment: dict[str, Any] = {
            "kind": "promised",
            "on": self.today + timedelta(days=60),
            "committed": True,
        }
        if self.declared_paid:
            payment = {"kind": "paid", "on": self.today, "committed": False}
        declared = declaration(payment=payment, invoice={"wanted_on": None})
        by = Registrant(sub="renewer-1", on_behalf=False, send_by=self.way)
        copy, sold = self.copies.only(), product(day=self.today)
        made = declare(RENEWAL, declared, copy, sold, by, self.now())
        first = form.register(made, document("form 1"), EXAMPLE_VENDOR, self.now())
        self.renewal: Stored[Renewal] = Stored(str(RENEWAL), first.state)
        self.receivable = Stored(str(receivable_id(RENEWAL)), Receivable.of(made))
        invoice = RequestedInvoice.of(made, money.in_words(made.order.total))
        self.invoice = Stored(str(invoice.id), invoice)
        self.renewal = self._save(self.renewal, first)

    # Steps, each held against its table.

    def register_step(self, step: FlowStep, decide: Callable[[Renewal], Decision[Renewal] | None]) -> bool:
        """Whether something changed."""
        before = self.renewal.state
        if (decision := tried(decide, before)) is None or decision.state == before:
            return False
        assert decision.state.status in REGISTRATION_FLOW.targets(before.status, step), step
        closed = decision.state.status in (RegistrationStatus.CANCELLED, RegistrationStatus.REFUSED)
        paid = self.balance.status
        self.renewal = self._save(self.renewal, decision)
        if closed:
            self._check_payment(paid, PaymentStep.CLOSE)
        return True

    def commit_step(
        self, step: CommitmentStep | None, decide: Callable[[Renewal], Decision[Renewal] | None]
    ) -> bool:
        """`step`: None for the round of the loop, which may break the commitment or only remind."""
        before, paid = self.renewal.state, self.balance.status
        if (decision := tried(decide, before)) is None or decision.state == before:
            return False
        old, new = before.commitment, decision.state.commitment
        assert old is not None
        assert new is not None
        taken = step or (CommitmentStep.BREAK if new.status is not old.status else None)
        if taken:
            assert new.status in COMMITMENT_FLOW.targets(old.status, taken), taken
        self.renewal = self._save(self.renewal, decision)
        if new.pay_by != old.pay_by:
            moved = PaymentStep.POSTPONE if new.pay_by > old.pay_by else PaymentStep.FALL_DUE
            self._check_payment(paid, moved)
        return True

    def pay_step(
        self, step: PaymentStep, decide: Callable[[Receivable], Decision[Receivable] | None]
    ) -> bool:
        before, status = self.receivable.state, self.balance.status
        if (decision := tried(decide, before)) is None or decision.state == before:
            return False
        self.receivable = self._save(self.receivable, decision)
        self._check_payment(status, step)
        self.settle()
        return True

    def invoice_step(
        self, step: InvoiceStep, decide: Callable[[RequestedInvoice], Decision[RequestedInvoice] | None]
    ) -> bool:
        before = self.invoice.state
        if (decision := tried(decide, before)) is None or decision.state == before:
            return False
        assert decision.state.status in INVOICE_FLOW.targets(before.status, step), step
        self.invoice = self._save(self.invoice, decision)
        return True

    def line_step(self, id: UUID, step: LineStep, after: BankLine) -> None:
        before = self.lines[id]
        if after != before:
            assert after.status in LINE_FLOW.targets(before.status, step), step
            self.lines[id] = BankLine.model_validate(after.model_dump())

    # What follows by itself.

    def record_lines(self, *, dies: bool = False) -> None:
        """As the recorder does: the receipts first, then what follows them, then the lines. If it `dies`,
        only the receipts are saved."""
        due = [line for line in self.lines.values() if line.status is LineStatus.RECORDING]
        for line in due:
            status = self.balance.status
            account = _Account(self.renewal.state, self.receivable, self.receivable.state)
            after = _recorded(line, {RENEWAL: account}, self.now())
            if account.events:
                decision = Decision(account.state, tuple(account.events))
                self.receivable = self._save(self.receivable, decision)
                self._check_payment(status, PaymentStep.RECORD)
            if not dies:
                self.settle()
                self.line_step(line.id, LineStep.RECORD, after)

    def settle(self) -> None:
        receivable = self.receivable.state
        self.commit_step(CommitmentStep.PAY, lambda state: settle_commitment(state, receivable, self.now()))
        for line in list(self.lines.values()):
            if undone := undo_reversed(line, receivable.receipts):
                self.line_step(line.id, LineStep.UNDO, undone.state)
        self.receivable = self._save(
            self.receivable, Decision(settled(receivable, self.renewal.state, self.now()))
        )

    def pass_days(self, count: int) -> None:
        status = self.balance.status
        self.today_is += timedelta(days=count)
        if self.balance.status is not status:
            self._check_payment(status, PaymentStep.FALL_DUE)

    # How the services hear of each other.

    def now(self) -> datetime:
        return self.today_is

    @property
    def today(self) -> date:
        return civil_date(self.today_is, HANOI)

    @property
    def balance(self) -> PaymentBalance:
        return PaymentBalance.of(self.receivable.state, self.renewal.state, self.today)

    @property
    def state(self) -> Subscription:
        stored = run(self.store.load(SUBSCRIPTION))
        assert stored is not None
        return stored.state

    def subscription(self, decide: Callable[[Any], Decided]) -> None:
        stored = run(self.store.load(SUBSCRIPTION))
        run(
            self.store.save(
                stored, decide(stored.state if stored else None), Cause.command(), id=SUBSCRIPTION
            )
        )
        self._deliver()

    def hear(self, sent: Sequence[Envelope]) -> None:
        for envelope in sent:
            self.today_is += timedelta(seconds=1)
            self.heard.append(envelope)
            for routes in self.services:
                run(routes.handle(envelope))
        self._deliver()

    def _deliver(self) -> None:
        while self.store.sent:
            self.hear([self.store.sent.pop(0)])

    def _save(self, stored: Stored[S], decision: Decision[S]) -> Stored[S]:
        """The state as it is stored and read again. Messages about money may come late."""
        sent = envelopes("renewal", stored, decision.events, Cause.command(), self.now())
        self.told += decision.events
        after = stored.next(decision, Cause.command(), self.now())
        after = replace(after, state=type(after.state).model_validate(after.state.model_dump()))
        late = [each for each in sent if self.delays and each.type in _ABOUT_MONEY]
        self.late += late
        self.hear([each for each in sent if each not in late])
        return after

    def _check_payment(self, before: Any, step: PaymentStep) -> None:
        after = self.balance.status
        assert after is before or after in PAYMENT_FLOW.targets(before, step), (before, step, after)


def tried(decide: Callable[[S], Decision[S] | None], state: S) -> Decision[S] | None:
    try:
        return decide(state)
    except RenewalError:
        return None
