"""Gate, banner and page state the same situation at every moment, whatever happens to an office and its
registration: each service's own copy of the facts leads to the same situation."""

from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.notifier.domain.progress import awaited_step
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.notices.status_handlers import StatusHandlers
from services.renewal.domain import flow
from services.renewal.domain.contract import assent, contract, void_steps
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import OPEN, FlowStep, RegistrationStatus
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.payment.commitment_steps import follow_commitment, settle_commitment
from services.renewal.domain.payment.receivable import Receivable, record_receipt
from services.renewal.domain.progress import RenewalProgress
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.registration import Registrant, declare, restate
from services.renewal.domain.renewal import DeskReason, PostedForm, Renewal
from services.renewal.domain.wait import wait_until
from services.renewal.licences import Licences
from services.renewal.office.progress import form_by
from services.renewal.office.subscription_summary import SubscriptionSummary
from services.renewal.registration.restatement import stage_of
from services.renewal.settings import EXAMPLE_VENDOR
from services.subscription.domain.changes import data
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.concession import Kind, concede
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import correct, release_hold
from services.subscription.domain.changes.correction import restate as list_states
from services.subscription.domain.facts import Concession, Release
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice, release_end
from services.subscription.domain.stages.entitlement import situation_on
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from services.subscription.lifecycle.acceptance_handlers import AcceptanceHandlers
from services.subscription.lifecycle.handlers import LifecycleHandlers
from services.subscription.lifecycle.payment_handlers import PaymentHandlers
from services.subscription.store import Subscriptions
from shared import ids
from shared.events.base import Event, SendBy, Stage
from shared.events.order import FullGrant
from shared.events.paper_form import ReturnReason
from shared.events.platform import DataDeleted
from shared.events.renewal import SendingChanged
from shared.events.signing import ContractIssued, SealFailed
from shared.messaging.routes import Routes
from shared.progress.line import progress_line
from shared.progress.point import Milestone
from shared.situation import Situation, Turn, situation
from shared.situation import SituationKind as Words
from shared.storage.aggregate import Cause, Decision, Stored, envelopes
from shared.time.calendar import civil_date
from tests.services.renewal.examples import OFFICE_REF, SUBSCRIPTION, declaration, judged, product
from tests.services.renewal.messages import certificate, contract_signed, document, form_signed, seal_failed
from tests.services.subscription.examples import BOTH, HANOI, licence
from tests.support.memory import MemoryStore
from tests.support.memory_projection import MemoryProjection

T = TypeVar("T")
BEGIN = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on stores in memory, which never wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


class Clocks:
    """Clocks that always agree."""

    now_is = BEGIN

    def now(self) -> datetime:
        return self.now_is

    def holds(self) -> bool:
        return True


class Known:
    """Every topic is read, and every document has the provenance that is asked for."""

    async def is_past(self, *_: object) -> bool:
        return True

    async def is_of(self, *_: object) -> bool:
        return True


class Products:
    def policy_for(self, product_code: str, day: date) -> str:
        return "r117"

    def temporary_days(self, product_code: str, day: date) -> int:
        return 15


class Office(RuleBasedStateMachine):
    """One office with its subscription, and one registration after the other."""

    was_ended = False

    @initialize(policy=st.sampled_from(sorted(BOTH)), left=st.integers(-70, 120))
    def begins(self, policy: str, left: int) -> None:
        self.clock, self.published, self.banners, self.copies = (
            Clocks(),
            0,
            MemoryProjection(SubscriptionStatus),
            MemoryProjection(LicenceCopy),
        )
        self.store: MemoryStore[Subscription] = MemoryStore(Subscription, clock=self.clock)
        subscriptions = Subscriptions(self.store)
        known: Any = Known()
        clock: Any = self.clock
        products: Any = Products()
        hears = LifecycleHandlers(subscriptions, BOTH, products, clock, clock, known)
        words, pages = Routes(), Routes()
        StatusHandlers(self.banners, known).add_routes(words)
        Licences(self.copies, self.clock).add_to(pages)
        heard = hears.routes()
        AcceptanceHandlers(hears).add_to(heard)
        PaymentHandlers(hears).add_to(heard)
        self.services = (heard, words, pages)
        self.renewals: list[Stored[Renewal]] = []
        stated = licence(self.today + timedelta(days=left), policy=policy)
        self.subscription(adopt(OFFICE_REF, "qlts", stated, self.now, BOTH, next_policy=policy), None)

    # What happens to the subscription.

    @rule(count=st.integers(0, 40))
    def time_passes(self, count: int) -> None:
        self.clock.now_is += timedelta(days=count)
        self.decide(lambda state: advance(state, self.now, BOTH))

    @rule(off=st.integers(-90, 400), named=st.booleans(), many=st.booleans())
    def date_corrected(self, off: int, named: bool, many: bool) -> None:
        def stated(state: Subscription) -> Decided:
            to = state.licence.expires_on + timedelta(days=off)
            changed = state.licence.model_copy(update={"expires_on": to, "users": off + 200})
            if named:
                return correct(state, changed, self.now, BOTH)
            return list_states(state, changed, self.now, BOTH, next_policy=state.next_policy, many=many)

        self.decide(stated)

    @rule(name=st.text("abc", min_size=1, max_size=5))
    def details_corrected(self, name: str) -> None:
        self.decide(
            lambda state: correct(state, state.licence.model_copy(update={"name": name}), self.now, BOTH)
        )

    @rule(about=st.sampled_from([Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE]), ago=st.integers(0, 20))
    def notice_given(self, about: Stage, ago: int) -> None:
        """The event may be late: what was on record before stays."""
        notice = NoticeOnRecord(about, self.state.licence.expires_on, self.now - timedelta(days=ago))
        self.decide(
            lambda state: record_notice(state, notice, self.now, BOTH) or Decision(state),
        )

    @rule(kind=st.sampled_from(["extension", "exemption"]), left=st.none() | st.integers(0, 60))
    def conceded(self, kind: Kind, left: int | None) -> None:
        until = None if left is None else self.today + timedelta(days=left)
        granted = Concession(until=until, reason="bão", by="a") if until else None
        self.decide(lambda state: concede(state, kind, granted, self.now, BOTH))

    @rule()
    def hold_released(self) -> None:
        self.decide(lambda state: release_hold(state, self.now, BOTH))

    @precondition(lambda self: self.state.locked_since and not self.state.terminated_on and not self.open)
    @rule()
    def goes_to_its_end(self) -> None:
        """Its warnings are given, two people release the end, and the days pass."""
        for _ in range(2):
            for about in (Stage.LOCKED, Stage.FINAL_NOTICE):
                self.notice_given(about, 0)
            self.time_passes(max(0, (self.state.ends_on - self.today).days - 1) if self.state.ends_on else 0)
        end = max(self.state.ends_on or self.today, self.today + timedelta(days=1))
        released = Release(day=end, plan="0" * 64, by=("a", "b"))
        self.decide(lambda state: release_end(state, released, self.now, BOTH) or Decision(state))
        self.time_passes((end - self.today).days)

    @precondition(lambda self: self.state.terminated_on and not self.state.deletion and not self.open)
    @rule(proven=st.booleans())
    def data_goes(self, proven: bool) -> None:
        self.decide(lambda state: data.propose_deletion(state, "a", "hết hạn", self.now))
        self.time_passes(40)
        if self.state.terminated_on is None:
            return
        self.decide(lambda state: data.approve_deletion(state, "b", self.now, BOTH))
        if proven:
            self.decide(lambda state: data.record_deletion(state, self.proof(state), self.now, BOTH))

    def proof(self, state: Subscription) -> DataDeleted:
        assert state.deletion is not None
        return DataDeleted(
            subscription_id=state.id,
            office_ref=state.office_ref,
            product_code=state.product_code,
            effective_on=self.today,
            occurred_at=self.now,
            recorded_at=self.now,
            deletion_id=state.deletion.id,
            deleted_at=self.now,
            proof="sha256:0",
        )

    @precondition(lambda self: self.state.disputed)
    @rule(accept=st.booleans())
    def dispute_settled(self, accept: bool) -> None:
        application = ContractApplication(BOTH, "r117", self.now)
        self.decide(
            lambda state: application.resolve_dispute(state, state.disputed[0].renewal_id, accept=accept),
        )

    # What happens to the registration.

    @precondition(lambda self: self.page.asks_to_register)
    @rule(
        way=st.sampled_from(SendBy),
        years=st.integers(1, 3),
        assent_days=st.sampled_from([None, 10]),
        full_grant=st.sampled_from(FullGrant),
    )
    def registers(
        self,
        way: SendBy,
        years: int,
        assent_days: int | None = None,
        full_grant: FullGrant = FullGrant.AT_CONTRACT,
    ) -> None:
        id = ids.derived("renewal", SUBSCRIPTION, len(self.renewals) + 1)
        by = Registrant(sub="renewer-1", on_behalf=False, send_by=way)
        payment = {"kind": "promised", "on": self.today, "committed": True}
        declared = declaration(payment=payment, order={"years": years}, invoice={"wanted_on": None})
        copy = self.copies.only()
        if copy.expires_on + timedelta(days=365 * years) < self.today:
            return
        sold = product(day=self.today).model_copy(
            update={"assent_days": assent_days, "full_grant": full_grant}
        )
        made = declare(id, declared, copy, sold, by, self.now)
        self.renewals.append(Stored(str(id), None))  # type: ignore[arg-type]
        self.renewal(form.register(made, document("form 1"), EXAMPLE_VENDOR, self.now))

    @precondition(lambda self: self.open)
    @rule(of=st.integers(1, 4))
    def signs(self, of: int) -> None:
        """Signing publishes a signature of the form in force; one of an earlier form may come late."""
        state = self.renewals[-1].state
        if state.registration.send_by is SendBy.PAPER and state.signed_revision:
            return
        event = form_signed(revision=min(of, state.form_revision))
        renewed = {"renewal_id": state.registration.renewal_id, "subscription_id": SUBSCRIPTION}
        event = event.model_copy(update={**renewed, "office_ref": OFFICE_REF})
        if flow.may(state.status, FlowStep.SIGN):
            self.publish("signing", (event,))
            self.renewal(contract.record_signed_form(state, event, self.copies.only(), self.known, self.now))

    @precondition(lambda self: self.open)
    @rule(
        step=st.sampled_from(
            ["receive", "return", "accept paper", "accept", "refuse", "cancel", "agree", "way", "show"]
        ),
        of=st.integers(1, 4),
    )
    def goes_on(self, step: str, of: int) -> None:
        state, now = self.renewals[-1].state, self.now
        revision = min(of, state.form_revision)
        other = SendBy.PAPER if state.registration.send_by is SendBy.ELECTRONIC else SendBy.ELECTRONIC
        paper = paper_form.awaited_paper(state)
        here = PostedForm(
            revision=state.nth_contract if paper == "contract" else revision,
            paper=paper,
            received_on=self.today,
            postmarked_on=None,
            scan=document(f"scan {len(state.dossier)}"),
            entered_by="clerk-1",
        )
        steps: dict[str, tuple[FlowStep, Callable[[], Decision[Renewal]]]] = {
            "receive": (FlowStep.RECEIVE_PAPER, lambda: paper_form.receive(state, here, now)),
            "return": (
                FlowStep.RETURN_PAPER,
                lambda: paper_form.send_back(state, ReturnReason.UNSTAMPED, "", now),
            ),
            "accept paper": (
                FlowStep.ACCEPT_PAPER,
                lambda: paper_form.accept(state, "clerk-1", self.known, now),
            ),
            "accept": (
                FlowStep.ACCEPT,
                lambda: approval.accept(state, "clerk-1", "", self.known.expires_on, now),
            ),
            "refuse": (FlowStep.REFUSE, lambda: approval.refuse(state, "không", now)),
            "cancel": (FlowStep.CANCEL, lambda: sending.cancel(state, "office", "nhầm", now)),
            "agree": (
                FlowStep.CONFIRM_TERM,
                lambda: form.confirm_term(state, state.form_revision, self.known, now),
            ),
            "way": (FlowStep.CHANGE_SENDING, lambda: sending.change_sending(state, other, now)),
            "show": (
                FlowStep.SHOW_COPY,
                lambda: paper_form.upload_copy(state, document(f"copy {now}"), revision, now),
            ),
        }
        may, take = steps[step]
        if flow.may(state.status, may):
            self.renewal(take())

    @precondition(
        lambda self: self.open and self.renewals[-1].state.status is RegistrationStatus.AWAITING_ASSENT
    )
    @rule()
    def signs_the_contract(self) -> None:
        state = self.renewals[-1].state
        event = contract_signed(str(state.contract_number))
        self.renewal(assent.record_signature(state, event, self.now))

    @precondition(lambda self: self.open and flow.may(self.renewals[-1].state.status, FlowStep.VOID_CONTRACT))
    @rule()
    def voided(self) -> None:
        """The contract without a seal lapses, or the desk voids it; then signing voids it too."""
        state = self.renewals[-1].state
        lapsed = assent.lapse(state, self.now)
        self.renewal(lapsed or contract.void_contract(state, "clerk-1", "hỏng tệp", self.now))
        state = self.renewals[-1].state
        event = seal_failed(str(state.contract_number), SealFailed.VOIDED)
        decision = contract.record_failed_seal(state, event, self.now)
        assert decision is not None
        self.renewal(decision)

    @precondition(lambda self: self.open and self.renewals[-1].state.status is RegistrationStatus.ACCEPTED)
    @rule()
    def sealed(self) -> None:
        state = self.renewals[-1].state
        prepared = next(e for e in reversed(self.sent) if type(e).__name__ == "ContractPrepared")
        event = ContractIssued(
            **prepared.model_dump(include=set(ContractIssued.model_fields) - {"sealed_at", "certificate"}),
            sealed_at=self.now,
            certificate=certificate("vendor"),
        )
        self.renewal(contract.record_issued_contract(state, event, self.now))
        self.publish("signing", (event,))

    @precondition(
        lambda self: (
            self.renewals
            and self.renewals[-1].state.status is RegistrationStatus.CONTRACT_ISSUED
            and self.renewals[-1].state.contract_number
        )
    )
    @rule()
    def contract_in_force_voided(self) -> None:
        """Two clerks void the contract in force."""
        usable = self.state.stage in (Stage.ACTIVE, Stage.EXPIRING)
        self.renewal(void_steps.propose_void(self.renewals[-1].state, "clerk-1", "ký nhầm", self.now))
        self.renewal(void_steps.approve_void(self.renewals[-1].state, "clerk-2", self.now))
        assert not usable or self.state.stage in (Stage.ACTIVE, Stage.EXPIRING), "not overnight"

    @precondition(lambda self: self.renewals and self.renewals[-1].state.is_unpaid)
    @rule()
    def paid(self) -> None:
        """All is paid for a contract in force that waits for it."""
        state, before = self.renewals[-1].state, self.state
        receivable = Receivable.of(state.registration)
        came = record_receipt(receivable, state, receivable.amount, self.today, "FT1", "clerk-1", self.now)
        self.publish("renewal", came.events)
        settled = settle_commitment(state, came.state, self.now)
        assert settled is not None
        self.renewal(settled)
        assert self.state.unpaid == ()
        if before.licence.expires_on == state.registration.term.basis_expires_on:
            assert self.state.contract is not None
            assert self.state.licence.expires_on == self.state.contract.term_to

    @precondition(lambda self: self.renewals and self.renewals[-1].state.is_unpaid)
    @rule()
    def payment_followed(self) -> None:
        """The loop that follows payments looks at it: a reminder, or the default."""
        state = self.renewals[-1].state
        receivable = Receivable.of(state.registration)
        if followed := follow_commitment(state, receivable, EXAMPLE_VENDOR, self.now):
            self.renewal(followed)

    # What each service then states.

    @invariant()
    def all_say_the_same(self) -> None:
        if not hasattr(self, "clock"):
            return
        gate = situation_on(StageContext.of(self.state, BOTH), self.today)
        facts = self.banners.only().facts
        assert facts is not None
        banner: Situation = situation(facts, self.today)
        assert banner == gate
        assert self.page.situation == gate
        if any(stored.state.status in OPEN for stored in self.renewals):
            assert not gate.asks_to_register
        if gate.kind in (Words.AT_THE_DESK, Words.RENEWED):
            assert not gate.asks_to_register
        if self.state.unpaid:
            assert gate.kind is not Words.TERMINATED or self.was_ended, "no end under a contract"
            assert gate.kind in (Words.AT_THE_DESK, Words.HELD) or gate.turn is Turn.PAY
        self.was_ended = gate.kind is Words.TERMINATED
        if gate.kind is Words.AT_THE_DESK:
            assert self.state.stage in (Stage.ACTIVE, Stage.EXPIRING)

    @invariant()
    def mail_and_page_await_the_same(self) -> None:
        """The notifier doesn't know each day that renewal computes; it never tells another one."""
        if not getattr(self, "renewals", None):
            return
        made = self.renewals[-1].state
        page = progress_line(self.progress(made).facts).awaited
        mail = awaited_step(self.banners.only(), made.registration.renewal_id, self.today)
        assert (page is None) is (mail is None)
        if page and mail:
            assert (mail.milestone, mail.detail, mail.waits_for) == (
                page.milestone,
                page.detail,
                page.waits_for,
            )
            assert mail.until in (None, page.until)
        if made.registration.renewal_id in self.state.unpaid:
            assert page
            assert page.milestone is Milestone.PAYMENT
            assert self.page.situation.turn is Turn.PAY or self.page.kind in (Words.AT_THE_DESK, Words.HELD)

    def progress(self, made: Renewal) -> RenewalProgress:
        copy = self.copies.only()
        return RenewalProgress(
            renewal=made,
            receivable=Receivable.of(made.registration),
            invoice=RequestedInvoice.of(made.registration, ""),
            licence=copy,
            form_by=form_by(made, copy, self.today),
            today=self.today,
        )

    # How the services learn it.

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def today(self) -> date:
        return civil_date(self.now, HANOI)

    @property
    def state(self) -> Subscription:
        stored = run(self.store.load(SUBSCRIPTION))
        assert stored is not None
        return stored.state

    @property
    def open(self) -> bool:
        return bool(self.renewals) and self.renewals[-1].state.status in OPEN

    @property
    def page(self) -> SubscriptionSummary:
        copy: LicenceCopy = self.copies.only()
        standing = [stored.state for stored in self.renewals if self.stands(stored.state, copy)]
        return SubscriptionSummary(copy, "QLTS", self.today, standing[0] if standing else None)

    def stands(self, renewal: Renewal, copy: LicenceCopy) -> bool:
        """As the store queries (`Renewals.standing`)."""
        if renewal.status in OPEN:
            return True
        made = renewal.registration
        is_read = copy.contracts is None or made.renewal_id in copy.contracts
        ours = made.term.basis_expires_on == copy.expires_on or made.renewal_id in copy.disputed
        return renewal.status is RegistrationStatus.CONTRACT_ISSUED and (ours or not is_read)

    @property
    def known(self) -> approval.ApprovalFacts:
        return judged(self.copies.only())

    def decide(self, decide: Callable[[Subscription], Decided]) -> None:
        stored = run(self.store.load(SUBSCRIPTION))
        assert stored is not None
        self.subscription(decide(stored.state), stored)

    def subscription(self, decision: Decided, stored: Stored[Subscription] | None) -> None:
        run(self.store.save(stored, decision, Cause.command(), id=SUBSCRIPTION))
        self.deliver()

    def renewal(self, decision: Decision[Renewal]) -> None:
        before = self.renewals[-1]
        told = [event for event in decision.events if "wait_until" in type(event).model_fields]
        told_until = getattr(told[-1], "wait_until", None) if told else None
        if told and not (told_until is None and isinstance(told[-1], SendingChanged)):
            assert told_until == wait_until(decision.state)
        if decision.state.status is RegistrationStatus.ACCEPTED and decision.state.contract_number is None:
            void = len(decision.state.void_contracts)
            number = ContractNumber(year=self.today.year, n=100 * void + len(self.renewals))
            paper = document("contract")
            made = contract.prepare_contract(decision.state, number, self.today, paper, self.now)
            decision = Decision(made.state, decision.events + made.events)
        self.renewals[-1] = before.next(decision, Cause.command(), self.now)
        self.sent = [*getattr(self, "sent", []), *decision.events]
        for envelope in envelopes("renewal", before, decision.events, Cause.command(), self.now):
            self.handle(envelope)
        self.deliver()

    def publish(self, source: str, events: tuple[Event, ...]) -> None:
        self.published += 1
        nothing: Any = None
        other = Stored(f"{self.published}", nothing)
        for envelope in envelopes(source, other, events, Cause.command(), self.now):
            self.handle(envelope)
        self.deliver()

    def deliver(self) -> None:
        """Deliver the subscription's events. Renewal restates the open form because of them."""
        while self.store.sent:
            self.handle(self.store.sent.pop(0))
        copy = self.copies.only()
        if self.open and form.is_outdated(
            state := self.renewals[-1].state, {copy.subscription_id: copy.expires_on}
        ):
            stage = stage_of(state.registration, copy, self.now)
            restated = restate(state.registration, copy.expires_on, stage, self.today)
            paper = document(f"form {state.form_revision + 1}")
            self.renewal(form.reissue(state, restated, paper, "corrected", self.known, self.now))

    def handle(self, envelope: Any) -> None:
        self.clock.now_is += timedelta(seconds=1)
        for routes in self.services:
            run(routes.handle(envelope))


Office.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestOneSituation = Office.TestCase


def test_all_agree_on_an_end_whose_notice_was_given_in_time() -> None:
    """Guards against: the banner still postpones an end whose notice has long been on record."""
    it = Office()
    it.begins("r117", -40)
    it.notice_given(Stage.FINAL_NOTICE, 0)
    it.time_passes(20)
    it.all_say_the_same()
    assert it.page.situation.ends_in == 10


def test_all_agree_on_an_end_that_moves_because_its_notice_is_missing() -> None:
    it = Office()
    it.begins("r117", -40)
    it.time_passes(20)
    it.all_say_the_same()
    assert it.page.situation.ends_in == 14
    it.notice_given(Stage.FINAL_NOTICE, 0)
    it.time_passes(3)
    it.all_say_the_same()
    assert it.page.situation.ends_in == 11


def test_all_agree_on_a_void_contract_whose_expiry_moved() -> None:
    """Guards against: the vendor takes back its acceptance, and the banner doesn't follow."""
    it = Office()
    it.begins("r117", 30)
    it.registers(SendBy.ELECTRONIC, 1)
    it.signs(1)
    it.goes_on("accept", 1)
    it.date_corrected(-10, named=True, many=False)
    it.voided()
    it.all_say_the_same()
    assert it.page.situation.turn is Turn.CONFIRM
    it.goes_on("agree", 1)
    it.all_say_the_same()
    assert it.renewals[-1].state.needs_desk is DeskReason.CONTRACT_VOIDED, "a person decides anew"


def test_all_agree_on_a_contract_in_force_that_is_voided() -> None:
    it = Office()
    it.begins("r117", -10)
    it.registers(SendBy.ELECTRONIC, 1)
    it.signs(1)
    it.goes_on("accept", 1)
    it.sealed()
    it.all_say_the_same()
    it.contract_in_force_voided()
    it.all_say_the_same()
    assert it.page.situation.kind is Words.TEMPORARY
    assert it.page.situation.asks_to_register
    assert (it.page.situation.usable_until - it.today).days == 7
    it.registers(SendBy.ELECTRONIC, 1)
    it.all_say_the_same()


def test_all_agree_on_a_contract_that_waits_for_its_payment() -> None:
    it = Office()
    it.begins("r117", -10)
    it.registers(SendBy.ELECTRONIC, 1, full_grant=FullGrant.AT_PAYMENT)
    it.signs(1)
    it.goes_on("accept", 1)
    it.sealed()
    it.all_say_the_same()
    assert (it.page.situation.kind, it.page.situation.turn) == (Words.TEMPORARY, Turn.PAY)
    assert it.page.situation.pay_by == it.renewals[-1].state.registration.pay_by
    it.notice_given(Stage.EXPIRING, 0)
    it.time_passes(40)
    it.payment_followed()
    it.all_say_the_same()
    assert it.page.situation.is_closed
    assert it.page.situation.pay_by is None, "the day has passed"
    it.paid()
    it.all_say_the_same()
    assert it.page.situation.kind is Words.ACTIVE


def test_late_signature_of_an_earlier_form_changes_nothing() -> None:
    """The date went there and back; the signature of the first form comes after that of the second."""
    office = Office()
    office.begins(policy="pre-r117", left=0)
    office.registers(way=SendBy.ELECTRONIC, years=1, assent_days=None)
    office.date_corrected(off=1, named=False, many=False)
    office.signs(of=2)
    office.date_corrected(off=-1, named=False, many=False)
    office.signs(of=1)
    office.all_say_the_same()


def test_ended_office_whose_date_moves_back_keeps_the_notice_that_it_had() -> None:
    """Its notice is on record: the end waits for no other, and all services state the same day."""
    office = Office()
    office.begins(policy="pre-r117", left=-1)
    office.goes_to_its_end()
    office.data_goes(proven=False)
    office.date_corrected(off=41, named=False, many=False)
    office.all_say_the_same()
