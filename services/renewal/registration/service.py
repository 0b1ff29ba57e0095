"""Requests of people, over any channel: to register, to change the way of sending, and to cancel.

Each is one conditional save. If the process dies before it, nothing has happened; after it, everything has,
and the same request with its key finds it done. Replacing a registration is two saves (`replacement`).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal import permissions
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration import sending
from services.renewal.domain.registration.catalogue import Catalogue, Product
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.domain.registration.form import register
from services.renewal.domain.registration.registration import (
    Registrant,
    confirm_window,
    declare,
    find_warnings,
)
from services.renewal.domain.renewal import Renewal
from services.renewal.registration.form_factory import FormFactory
from services.renewal.registration.replacement import ReplacementService
from services.renewal.registration.restatement import RestatementService
from services.renewal.stores.renewals import Renewals
from shared.events.base import SendBy
from shared.events.renewal import Conditions
from shared.ids import derived, subscription_id
from shared.resilience.deadline import deadline
from shared.resilience.errors import AlreadyExists, Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

NO_CONDITIONS = "none"
"""What a page says that showed no conditions, because none were in force."""
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class RegistrationService:
    """`seconds` is the longest time that a registration may take, with waiting, rendering and saving."""

    renewals: Renewals
    licences: Projection[LicenceCopy]
    replacements: ReplacementService
    form_factory: FormFactory
    catalogue: Catalogue
    clock: Clock
    restatements: RestatementService
    seconds: float = 30.0

    async def register(
        self,
        office_ref: str,
        product_code: str,
        declaration: Declaration,
        send_by: SendBy,
        who: Person,
        *,
        replacing: UUID | None = None,
        conditions: str | None = None,
        confirmed_until: date | None = None,
        key: str | None = None,
    ) -> tuple[Renewal, tuple[InvalidField, ...]]:
        """The new renewal, with the warnings about its declaration. `replacing` is the open registration that
        it replaces. `conditions` is the SHA-256 of the edition that the person saw, NO_CONDITIONS where there
        was none; None where it isn't known. `confirmed_until` is the last day of the new term that the person
        confirmed, where the renewal is early.

        Raises RenewalError where the declaration is invalid, another registration prevents it, other
        conditions are in force, or an early renewal isn't confirmed; KeyReused; OutOfTime; a 403 problem for
        a person who may only see the office.

        The id is derived from the subscription and the number of its registrations. Two requests at the same
        time get the same id, or collide at the index of open registrations: one of them tries again and is
        refused, and none is lost.
        """
        permissions.require_may_register(who, office_ref)
        licence = await self._licence(subscription_id(office_ref, product_code))
        by = Registrant(sub=who.sub, on_behalf=who.is_desk, send_by=send_by)
        content = f"{office_ref}\n{product_code}\n{replacing}\n{send_by}\n{declaration.model_dump_json()}"
        if confirmed_until:  # a repeat of an earlier release's request has none
            content += f"\n{confirmed_until}"
        cause = Cause.request(who.sub, "register", key=key, content=content.encode())
        warnings = find_warnings(declaration, licence)
        async with deadline(self.seconds):
            for _ in range(_ATTEMPTS):
                if new := await self.find_repeat(cause, replacing):
                    return new, warnings
                old = await self._to_replace(licence, replacing)
                with suppress(Conflict, AlreadyExists):
                    new = await self._register(
                        declaration, licence, by, old, conditions, confirmed_until, cause
                    )
                if new:
                    return await self.recheck(new), warnings
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def change_sending(
        self, renewal_id: UUID, send_by: SendBy, who: Person, *, key: str | None = None
    ) -> Renewal:
        """Changes the way of sending. Raises RenewalError where the registration is already accepted or
        closed, and KeyReused."""
        now = self.clock.now()
        cause = Cause.request(who.sub, f"sending {renewal_id}", key=key, content=send_by.encode())
        return await self._change(
            renewal_id, who, lambda state: sending.change_sending(state, send_by, now), cause
        )

    async def cancel(self, renewal_id: UUID, who: Person, reason: str, *, key: str | None = None) -> Renewal:
        """Cancels the registration. Raises RenewalError where it is already accepted or closed, and
        KeyReused."""
        now, by = self.clock.now(), permissions.side(who)
        cause = Cause.request(who.sub, f"cancel {renewal_id}", reason, key=key, content=reason.encode())
        return await self._change(
            renewal_id, who, lambda state: sending.cancel(state, by, reason, now), cause
        )

    async def _register(
        self,
        declaration: Declaration,
        licence: LicenceCopy,
        by: Registrant,
        old: Stored[Renewal] | None,
        seen: str | None,
        confirmed_until: date | None,
        cause: Cause,
    ) -> Renewal:
        """Saves the new renewal. Raises Conflict or AlreadyExists where another request was faster."""
        now = self.clock.now()
        product = self.catalogue.product(licence.product_code, civil_date(now, licence.zone))
        id = await self.free_id(licence.subscription_id)
        named = self.conditions(product, licence, seen)
        registration = declare(id, declaration, licence, product, by, now, named)
        renewed_on = await self.renewals.renewed_on(licence)
        registration = confirm_window(registration, product, renewed_on, confirmed_until)
        replaced = old.state.registration if old else None
        form = await self.form_factory.form(registration, 1, registration.registered_at, replaced)
        if old:
            return await self.replacements.replace(
                old, registration, form, "desk" if by.on_behalf else "office", cause
            )
        decision = register(registration, form, self.form_factory.vendor, now)
        await self.renewals.add(decision, cause)
        return decision.state

    async def recheck(self, new: Renewal) -> Renewal:
        """The new renewal, with its form restated if the licence was corrected while it was rendered."""
        with suppress(Conflict):  # the desk's next look restates it
            stored = await self.restatements.recheck(new.registration.renewal_id, Cause.command("restate"))
            return stored.state if stored else new
        return new

    def conditions(self, product: Product, licence: LicenceCopy, seen: str | None) -> Conditions | None:
        """The edition of the general conditions in force today, if any. Raises RenewalError where the person
        saw another one (`seen`, its SHA-256)."""
        today = civil_date(self.clock.now(), licence.zone)
        edition = self.form_factory.conditions.in_force(product.line, today)
        named = edition.reference if edition else None
        if seen is not None and seen != (named.sha256 if named else NO_CONDITIONS):
            raise RenewalError("conditions-changed")
        return named

    async def free_id(self, subscription: UUID) -> UUID:
        """The first of the subscription's ids whose id and number are both free. It must be known before an
        old registration is cancelled to be replaced."""
        n = await self.renewals.count(subscription) + 1
        while await self.renewals.is_taken(id := derived("renewal", subscription, n)):
            n += 1
        return id

    async def find_repeat(self, cause: Cause, replacing: UUID | None) -> Renewal | None:
        """The renewal that the same request made earlier, if it is a repeat. Raises KeyReused.

        The request's key is also stored in the registration that it replaced. It doesn't matter what has
        happened to the new renewal since.
        """
        new = await self.renewals.made_by(cause)
        if new and new.state.registration.renewal_id == replacing:
            return await self.replacements.finish(new)
        return new.state if new else None

    async def _to_replace(self, licence: LicenceCopy, replacing: UUID | None) -> Stored[Renewal] | None:
        """The registration `replacing`, where it prevents a new one; None where nothing does. Raises
        RenewalError where another registration prevents it."""
        other = await self.renewals.blocking(licence)
        if other and other.state.replacement:
            await self.replacements.finish(other)
            other = await self.renewals.blocking(licence)
        if other is None or other.state.registration.renewal_id == replacing:
            return other
        issued = other.state.status is RegistrationStatus.CONTRACT_ISSUED
        name = "term-renewed-already" if issued else "registration-open"
        raise RenewalError(name, registration=str(other.state.registration.renewal_id))

    async def _change(
        self, id: UUID, who: Person, decide: Callable[[Renewal], Decision[Renewal]], cause: Cause
    ) -> Renewal:
        stored = await self.renewals.change(
            id, lambda state: decide(permissions.require_may_change(who, state)), cause
        )
        assert stored is not None  # else it was refused
        return stored.state

    async def _licence(self, id: UUID) -> LicenceCopy:
        if (licence := await self.licences.get(id)) is None:
            raise RenewalError("licence-unknown")
        return licence
