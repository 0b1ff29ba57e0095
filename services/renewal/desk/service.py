"""Decisions of the vendor's desk on a registration, from pages and from HTTP.

Each decision is one conditional save. If it leads to a contract, the contract is made before the save.
A clerk decides on the version that was on the screen (`seen`). If the registration has changed since, the
decision is refused and the clerk looks again: no clerk overwrites another's work.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.preparation import ContractFactory
from services.renewal.domain.contract import contract, void_steps
from services.renewal.domain.desk import approval
from services.renewal.domain.desk.verdict import Decidable, Verdict
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import PostedForm, Renewal
from services.renewal.registration.restatement import RestatementService
from services.renewal.stores.renewals import Renewals
from shared.resilience.deadline import deadline
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Cause, Decision
from shared.storage.projection import Projection
from shared.time.clock import Clock
from shared.web.people import Person

_MOST_LATER = 20
Decide = Callable[[Renewal, datetime], Awaitable[Decision[Renewal]]]


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """A clerk's request on a registration. `seen`: the version on the screen, None for any version. `key`:
    the idempotency key."""

    renewal_id: UUID
    who: Person
    seen: int | None = None
    key: str | None = None

    def cause(self, action: str, reason: str = "") -> Cause:
        content = f"{self.renewal_id}\n{reason}".encode()
        return Cause.request(
            self.who.sub, f"{action} {self.renewal_id}", reason, key=self.key, content=content
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """Each method raises RenewalError if there is no such registration, its status doesn't allow the step, or
    it changed since `seen`. Decisions raise OutOfTime after `seconds` of waiting, rendering and saving."""

    renewals: Renewals
    licences: Projection[LicenceCopy]
    contract_factory: ContractFactory
    fact_reader: ApprovalFactReader
    clock: Clock
    restatements: RestatementService
    seconds: float = 30.0

    async def receive(self, request: DecisionRequest, form: PostedForm) -> Renewal:
        """Records that the stamped form came by post."""

        async def decide(state: Renewal, now: datetime) -> Decision[Renewal]:
            return paper_form.receive(state, form, now)

        return await self._decide(request, request.cause("receive paper", form.scan.sha256), decide)

    async def decide(self, request: DecisionRequest, verdict: Verdict) -> Renewal:
        """Decides on the registration. An acceptance also prepares the contract. If the form's term is no
        longer right, the form is restated first, and RenewalError asks the clerk to look again."""
        if verdict.step is FlowStep.APPROVE_VOID and request.seen is None:
            raise RenewalError("void-unseen")
        words = f"{verdict.returned}: {verdict.words}" if verdict.returned else verdict.words
        cause = request.cause(verdict.step.replace("_", " "), words)
        if verdict.step in (FlowStep.ACCEPT, FlowStep.ACCEPT_PAPER):
            await self._restate(request, cause)
        return await self._decide(
            request, cause, lambda state, now: self._of(verdict, request.who, state, now)
        )

    async def foresee(self, request: DecisionRequest, step: Decidable) -> RegistrationStatus:
        """The status that the registration would have after this decision, if it were made now."""
        if (stored := await self.renewals.load(request.renewal_id)) is None:
            raise RenewalError("registration-unknown")
        if request.seen not in (None, stored.version):
            raise await self._refusal(request.renewal_id)
        decision = await self._of(Verdict.sample(step), request.who, stored.state, self.clock.now())
        return decision.state.status

    async def _of(self, verdict: Verdict, clerk: Person, state: Renewal, now: datetime) -> Decision[Renewal]:
        match verdict.step:
            case FlowStep.RETURN_PAPER:
                assert verdict.returned is not None  # the verdict's own validation requires it
                return paper_form.send_back(state, verdict.returned, verdict.words, now)
            case FlowStep.REFUSE_COPY:
                return paper_form.refuse_copy(state, verdict.words, now)
            case FlowStep.REFUSE:
                return approval.refuse(state, verdict.words, now)
            case FlowStep.ACCEPT:
                licence = await self._licence(state)
                if not await self.fact_reader.seal.is_ready(now):
                    raise RenewalError("seal-not-ready")
                if await self.fact_reader.has_moved_joined(state):
                    raise RenewalError("form-untrue")
                return approval.accept(state, clerk.sub, verdict.words, licence.expires_on, now)
            case FlowStep.VOID_CONTRACT:
                return contract.void_contract(state, clerk.sub, verdict.words, now)
            case FlowStep.PROPOSE_VOID | FlowStep.WITHDRAW_VOID | FlowStep.APPROVE_VOID:
                return await self._of_void(verdict, clerk, state, now)
            case FlowStep.ACCEPT_PAPER:
                facts = await self.fact_reader.read(state, await self._licence(state), now)
                return paper_form.accept(state, clerk.sub, facts, now)

    async def _of_void(
        self, verdict: Verdict, clerk: Person, state: Renewal, now: datetime
    ) -> Decision[Renewal]:
        """A decision on a contract in force. A later registration counts from its term, so it must be closed
        first. One that is made at the same moment is restated, or its contract is in dispute."""
        if verdict.step is FlowStep.WITHDRAW_VOID:
            return void_steps.withdraw_void(state)
        void_steps.check_not_followed(state, await self.renewals.others_of(state, _MOST_LATER))
        if verdict.step is FlowStep.PROPOSE_VOID:
            return void_steps.propose_void(state, clerk.sub, verdict.words, now)
        return void_steps.approve_void(state, clerk.sub, now)

    async def _decide(self, request: DecisionRequest, cause: Cause, decide: Decide) -> Renewal:
        """Decides, prepares the contract, and saves. A request that was handled before changes nothing."""

        async def prepare(state: Renewal | None) -> Decision[Renewal]:
            if state is None:
                raise RenewalError("registration-unknown")
            now = self.clock.now()
            return await self.contract_factory.with_contract(await decide(state, now), now)

        id, seen = request.renewal_id, request.seen
        async with deadline(self.seconds):
            try:
                stored = await self.renewals.change(id, prepare, cause, expected_version=seen)
            except VersionMismatch:
                raise await self._refusal(id) from None
        assert stored is not None  # else it was refused
        return stored.state

    async def _restate(self, request: DecisionRequest, cause: Cause) -> None:
        """Restates the form if its term is no longer right; raises RenewalError if it was restated."""
        stored = await self.renewals.load(request.renewal_id)
        if stored is None or cause.message_id in stored.handled:
            return
        restated = await self.restatements.recheck(request.renewal_id, Cause.command("restate"))
        if restated and restated.state.form_revision != stored.state.form_revision:
            raise RenewalError("form-restated", revision=str(restated.state.form_revision))

    async def _refusal(self, id: UUID) -> RenewalError:
        """The refusal of a decision on an old version."""
        if (stored := await self.renewals.load(id)) is None:
            return RenewalError("registration-unknown")
        status = stored.state.status
        lost = "cancelled-meanwhile" if status is RegistrationStatus.CANCELLED else "registration-moved"
        return RenewalError(lost, standing=status.value)

    async def _licence(self, renewal: Renewal) -> LicenceCopy:
        if (licence := await self.licences.get(renewal.registration.subscription_id)) is None:
            raise RenewalError("licence-unknown")
        return licence
