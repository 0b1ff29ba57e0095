"""Handles the events that open, change and end a form, and the termination that makes it untrue."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from services.signing.domain import form
from services.signing.domain.form import FormStatus, SigningForm
from services.signing.store import Forms, Termination
from shared.events.paper_form import PaperFormAccepted
from shared.events.renewal import (
    FormReissued,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
    SendingChanged,
    TermConfirmed,
)
from shared.events.subscription import SubscriptionTerminated
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause, Decision
from shared.storage.projection import CopyWrite, Projection
from shared.storage.store import require_known
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class FormHandlers:
    forms: Forms
    terminations: Projection[Termination]
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        routes.once(RenewalRegistered, self.open_form)
        routes.once(SendingChanged, self.change_sending)
        routes.once(RenewalRefused, self.close_form)
        routes.once(RenewalCancelled, self.close_form)
        routes.once(FormReissued, self.replace_form)
        routes.once(PaperFormAccepted, self.accept_paper)
        routes.once(TermConfirmed, self.confirm_term)
        routes.latest(SubscriptionTerminated, self.copy_termination)
        routes.once(SubscriptionTerminated, self.supersede_forms)

    async def open_form(self, event: RenewalRegistered, cause: Cause) -> None:
        """Open the form for its signature. A form sent on paper is stored too: the office may change that."""
        await self.forms.change(
            event.renewal_id, lambda state: None if state else form.open_form(event), cause
        )
        await self._supersede_if_terminated(event.renewal_id, event.subscription_id, cause)

    async def change_sending(self, event: SendingChanged, cause: Cause) -> None:
        await self._change(event.renewal_id, lambda state: form.change_sending(state, event), cause)

    async def close_form(self, event: RenewalRefused | RenewalCancelled, cause: Cause) -> None:
        """Close the form: from now on no contract for it gets a seal.

        An unknown form needs no closing. If it comes later and is signed, nothing changes: renewal and
        subscription remember that the registration has ended.
        """
        await self.forms.change(event.renewal_id, lambda state: form.close(state) if state else None, cause)

    async def accept_paper(self, event: PaperFormAccepted, cause: Cause) -> None:
        await self._change(event.renewal_id, lambda state: form.accept_paper(state, event), cause)

    async def replace_form(self, event: FormReissued, cause: Cause) -> None:
        await self._keep_signature(event, cause)
        lead = None if event.lead_id else await self.forms.lead_of(event.renewal_id)
        await self._change(
            event.renewal_id, lambda state: form.replace_form(state.signed_with_lead(lead), event), cause
        )
        await self._supersede_if_terminated(event.renewal_id, event.subscription_id, cause)

    async def _keep_signature(self, event: FormReissued, cause: Cause) -> None:
        """The products on the form keep its signature, before the form is replaced. If the process dies in
        between, the message comes again and finds the form still signed."""
        lead = await self.forms.get(event.renewal_id)
        if lead is None or lead.status is not FormStatus.SIGNED or event.form_revision <= lead.revision:
            return
        for joined in lead.joined:
            decide = partial(form.keep_signature, lead=lead, event=event)
            known = require_known(decide, f"form {joined.renewal_id}")
            await self.forms.change(joined.renewal_id, known, replace(cause, message_id=None))

    async def confirm_term(self, event: TermConfirmed, cause: Cause) -> None:
        await self._change(event.renewal_id, form.confirm_term, cause)

    def copy_termination(self, event: SubscriptionTerminated, at: Position) -> list[CopyWrite]:
        """Store the termination for forms that come later: events of two topics can arrive in either order.

        It is written before `supersede_forms` searches for forms, and read after a form is saved. So
        whichever event comes first, one of the two handlers sees both.
        """
        termination = Termination(expires_on=event.expires_on, effective_on=event.effective_on)
        return [self.terminations.put(event.subscription_id, at, termination.model_dump())]

    async def supersede_forms(self, event: SubscriptionTerminated, cause: Cause) -> None:
        """Supersede the forms whose term the termination made untrue."""
        termination = Termination(expires_on=event.expires_on, effective_on=event.effective_on)
        for stored in await self.forms.awaiting(event.subscription_id):
            await self._supersede(stored.state.renewal_id, termination, cause)

    async def _change(
        self, renewal: UUID, decide: Callable[[SigningForm], Decision[SigningForm]], cause: Cause
    ) -> None:
        await self.forms.change(renewal, require_known(decide, f"form {renewal}"), cause)

    async def _supersede_if_terminated(self, renewal: UUID, subscription: UUID, cause: Cause) -> None:
        """Supersede the form if its subscription is terminated. Dies after the form was saved: the event
        comes again, and this reads the stored form."""
        termination = await self.terminations.get(subscription)
        if termination:
            await self._supersede(renewal, termination, replace(cause, message_id=None))

    async def _supersede(self, renewal: UUID, termination: Termination, cause: Cause) -> None:
        lead = await self.forms.lead_of(renewal)

        def decide(state: SigningForm | None) -> Decision[SigningForm] | None:
            if state is None:
                return None
            decision = form.supersede(
                state.signed_with_lead(lead),
                termination.expires_on,
                termination.effective_on,
                self.clock.now(),
            )
            return decision if decision.events else None

        await self.forms.change(renewal, decide, cause)
