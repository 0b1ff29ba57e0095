"""Handles the events of other services: each changes one subscription."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from services.subscription.domain.changes import data, registration, temporary_access
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.contract_check import (
    RESOLVED_BY_RENEWAL,
    ContractDoubt,
    check_contract,
)
from services.subscription.domain.changes.correction import release_hold
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.products import Products
from services.subscription.domain.subscription import Subscription
from services.subscription.entitlement.clock_agreement import ClockAgreement
from services.subscription.store import Subscriptions
from shared.events.base import Event, Stage
from shared.events.notifier import NoticeDelivered
from shared.events.paper_form import PaperCopyRefused, PaperCopyUploaded, PaperFormReceived, PaperFormReturned
from shared.events.platform import DataDeleted, DataRecoveryAnswered
from shared.events.renewal import (
    DataRecoveryAsked,
    FormReissued,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
    SendingChanged,
    TermConfirmed,
)
from shared.events.renewer import HeldDateConfirmed, NoticeGivenByDesk, NoticeSeen
from shared.events.signing import ContractIssued, FormSigned
from shared.messaging.routes import Routes
from shared.messaging.topic_progress import TopicProgress
from shared.resilience.errors import NotYet, Transient, Unproven
from shared.storage.aggregate import Cause, Decision
from shared.storage.store import require_known
from shared.time.calendar import civil_date
from shared.time.clock import Clock

log = structlog.get_logger()

_STAGES: Mapping[str, Stage] = {
    stage.value: stage for stage in (Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE)
}
"""The notifier's reasons that are warnings about the present term, with the stage they are about."""


class ClocksDisagree(Transient):
    """The message is retried until a person has corrected the clock (entitlement/clock_agreement.py)."""


@dataclass(frozen=True, slots=True)
class LifecycleHandlers:
    subscriptions: Subscriptions
    policies: Policies
    products: Products
    clock: Clock
    agreement: ClockAgreement
    reading: TopicProgress

    def routes(self) -> Routes:
        routes = Routes()
        routes.once(ContractIssued, self.apply_contract)
        routes.once(RenewalRegistered, self.register)
        routes.once(FormReissued, self.reissue_form)
        routes.once(SendingChanged, self.change_sending)
        routes.once(FormSigned, self.sign_form)
        routes.once(PaperFormReceived, self.record_paper)
        routes.once(PaperFormReturned, self.record_paper)
        routes.once(TermConfirmed, self.confirm_term)
        routes.once(PaperCopyUploaded, self.show_copy)
        routes.once(PaperCopyRefused, self.refuse_copy)
        routes.once(RenewalRefused, self.close)
        routes.once(RenewalCancelled, self.close)
        routes.once(NoticeDelivered, self.record_notice)
        routes.once(NoticeGivenByDesk, self.record_notice)
        routes.once(NoticeSeen, self.record_notice)
        routes.once(HeldDateConfirmed, self.release_held_date)
        routes.once(DataRecoveryAsked, self.request_recovery)
        routes.once(DataDeleted, self.record_deletion)
        routes.once(DataRecoveryAnswered, self.answer_recovery)
        return routes

    async def apply_contract(self, event: ContractIssued, cause: Cause) -> None:
        """The contract is in force: extend the term and give access back, if it agrees with its registration.

        The registration comes over another topic: the contract waits until that topic is read. If there is
        still a doubt, the contract is withheld and the doubt is emitted once. If the process dies before that
        save, the message comes again. After it, a contract without a registration still waits: it is applied
        if the registration is redriven, otherwise it becomes a dead letter.
        """
        now, policy = self.clock.now(), self.products.policy_for(event.product_code, event.term.term_from)
        application = ContractApplication(self.policies, policy, now)
        read = await self.reading.is_past(RenewalRegistered, event.subscription_id)
        found: ContractDoubt | None = None

        def apply(state: Subscription) -> Decision[Subscription] | None:
            nonlocal found
            is_decided = event.renewal_id in (*state.renewals, *state.void_contracts)
            found = None if is_decided else check_contract(state, event, now)
            return None if found else application.apply(state, event)

        await self.change(event, cause, apply)
        if found is None:
            return
        waits = NotYet(f"registration {event.renewal_id} ({found})")
        if found in RESOLVED_BY_RENEWAL and not read:
            raise waits
        await self._withhold(event, application, found, cause)
        if found is ContractDoubt.REGISTRATION_UNKNOWN:
            raise waits
        raise Unproven(f"a contract that doesn't agree with its registration: {found}")

    async def _withhold(
        self, event: ContractIssued, application: ContractApplication, found: ContractDoubt, cause: Cause
    ) -> None:
        def withhold(state: Subscription) -> Decision[Subscription] | None:
            if decision := application.withhold(state, event, found):
                log.error("contract.withheld", renewal_id=str(event.renewal_id), reason=found)
            return decision

        await self.change(event, replace(cause, message_id=None), withhold)

    async def register(self, event: RenewalRegistered, cause: Cause) -> None:
        now = self.clock.now()
        await self.change(event, cause, lambda state: registration.register(state, event, now, self.policies))

    async def reissue_form(self, event: FormReissued, cause: Cause) -> None:
        now = self.clock.now()

        def decide(state: Subscription) -> Decision[Subscription] | None:
            return registration.reissue_form(
                with_known_registration(state, event.renewal_id), event, now, self.policies
            )

        await self.change(event, cause, decide)

    async def change_sending(self, event: SendingChanged, cause: Cause) -> None:
        now, id, way, at = self.clock.now(), event.renewal_id, event.send_by, event.occurred_at

        def decide(state: Subscription) -> Decision[Subscription] | None:
            return registration.change_sending(
                with_known_registration(state, id), id, way, at, now, self.policies
            )

        await self.change(event, cause, decide)

    async def sign_form(self, event: FormSigned, cause: Cause) -> None:
        """If the process dies before the save, the message is handled again. After it, the message's id is
        known: the days are given once."""
        now, form = self.clock.now(), temporary_access.SentForm(event.renewal_id, event.occurred_at)

        def decide(state: Subscription) -> Decision[Subscription] | None:
            days = self.products.temporary_days(state.product_code, civil_date(form.at, state.zone))
            known = with_known_registration(state, form.renewal_id)
            return registration.sign_form(known, form, event.form_revision, days, now, self.policies)

        await self.change(event, cause, decide)

    async def record_paper(self, event: PaperFormReceived | PaperFormReturned, cause: Cause) -> None:
        now, id, at = self.clock.now(), event.renewal_id, event.occurred_at
        here = event.form_revision if isinstance(event, PaperFormReceived) else None
        await self.change(
            event, cause, lambda state: registration.record_paper(state, id, here, at, now, self.policies)
        )

    async def confirm_term(self, event: TermConfirmed, cause: Cause) -> None:
        now = self.clock.now()
        await self.change(
            event, cause, lambda state: registration.confirm_term(state, event, now, self.policies)
        )

    async def close(self, event: RenewalRefused | RenewalCancelled, cause: Cause) -> None:
        now, id = self.clock.now(), event.renewal_id
        instead = event.replaced_by if isinstance(event, RenewalCancelled) else None
        await self.change(
            event, cause, lambda state: registration.close(state, id, now, self.policies, instead)
        )

    async def show_copy(self, event: PaperCopyUploaded, cause: Cause) -> None:
        """If the process dies before the save, the message is handled again. After it, the message's id is
        known: the days are given once."""
        now, copy = self.clock.now(), temporary_access.SentForm(event.renewal_id, event.occurred_at)

        def decide(state: Subscription) -> Decision[Subscription] | None:
            days = self.products.temporary_days(state.product_code, civil_date(copy.at, state.zone))
            known = with_known_registration(state, copy.renewal_id)
            return registration.show_copy(known, copy, days, now, self.policies)

        await self.change(event, cause, decide)

    async def refuse_copy(self, event: PaperCopyRefused, cause: Cause) -> None:
        """If the process dies before the save, the message is handled again. After it, the message's id is
        known: the days end once."""
        now, id, at = self.clock.now(), event.renewal_id, event.occurred_at
        await self.change(
            event, cause, lambda state: registration.refuse_copy(state, id, at, now, self.policies)
        )

    async def record_notice(
        self, event: NoticeDelivered | NoticeGivenByDesk | NoticeSeen, cause: Cause
    ) -> None:
        """Record that a notice was given. If its e-mail failed, the desk calls the office: the notice counts
        as given once the call is closed, or once the renewer has seen it on a page."""
        if (about := _STAGES.get(event.reason)) is None:
            return
        now = self.clock.now()
        notice = NoticeOnRecord(about, event.term, event.occurred_at, event.counted_from)
        await self.change(event, cause, lambda state: record_notice(state, notice, now, self.policies))

    async def release_held_date(self, event: HeldDateConfirmed, cause: Cause) -> None:
        """Release the held date, if it is still the one that the desk confirmed."""
        now = self.clock.now()

        def decide(state: Subscription) -> Decision[Subscription] | None:
            if state.hold is None or state.licence.expires_on != event.expires_on:
                return None
            return release_hold(state, now, self.policies)

        await self.change(event, cause, decide)

    async def request_recovery(self, event: DataRecoveryAsked, cause: Cause) -> None:
        """The office asked for recovery on its page, which decided by its own copy of the subscription.

        A request that is no longer possible is logged and changes nothing.
        """
        now, id = self.clock.now(), event.recovery_id

        def decide(state: Subscription) -> Decision[Subscription] | None:
            try:
                return data.request_recovery(state, now, self.policies, id)
            except SubscriptionError as refused:
                log.info("recovery.refused", recovery_id=str(id), rule=refused.rule)
                return None

        await self.change(event, cause, decide)

    async def record_deletion(self, event: DataDeleted, cause: Cause) -> None:
        now = self.clock.now()
        await self.change(event, cause, lambda state: data.record_deletion(state, event, now, self.policies))

    async def answer_recovery(self, event: DataRecoveryAnswered, cause: Cause) -> None:
        await self.change(event, cause, lambda state: data.answer_recovery(state, event))

    async def change(
        self, event: Event, cause: Cause, decide: Callable[[Subscription], Decision[Subscription] | None]
    ) -> None:
        """Change the subscription. Raises ClocksDisagree, because every change applies the calendar first,
        and NotYet if the subscription is unknown."""
        if not self.agreement.holds():
            raise ClocksDisagree

        id = event.subscription_id
        await self.subscriptions.change(id, require_known(decide, f"subscription {id}"), cause)


def with_known_registration(state: Subscription, renewal_id: UUID) -> Subscription:
    """`state`, if it knows the registration. Raises NotYet otherwise."""
    if not registration.is_known(state, renewal_id):
        raise NotYet(f"registration {renewal_id}")
    return state
