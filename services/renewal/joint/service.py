"""Registers several products of one office on one form.

| the process dies               | left behind                      | the repeat, or the loop (`members`)  |
|--------------------------------|----------------------------------|--------------------------------------|
| before the save                | at most an unreferenced form     | registers                            |
| after it                       | the joint registration, with all | request: finds it by its key         |
|                                | products and their events        |                                      |

There is one save, of one document: no product is registered without the others. Where it replaces another,
`registration.replacement` says what a death in between leaves.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.renewal import permissions
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.joint.declaration import (
    JoinedProduct,
    JointDeclaration,
    check_joined,
    declare_joint,
)
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError, distinct
from services.renewal.domain.registration.catalogue import Catalogue, Product
from services.renewal.domain.registration.form import register
from services.renewal.domain.registration.registration import Registrant, Registration, find_warnings
from services.renewal.domain.renewal import Renewal
from services.renewal.registration.service import RegistrationService
from services.renewal.stores.renewals import Renewals
from shared.events.base import SendBy
from shared.ids import subscription_id
from shared.resilience.deadline import deadline
from shared.resilience.errors import AlreadyExists, Conflict
from shared.storage.aggregate import Cause, Stored
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class JointRegistrationService:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    catalogue: Catalogue
    clock: Clock
    single: RegistrationService

    async def register(
        self,
        office_ref: str,
        declaration: JointDeclaration,
        send_by: SendBy,
        who: Person,
        *,
        replacing: UUID | None = None,
        conditions: str | None = None,
        key: str | None = None,
    ) -> tuple[Renewal, tuple[InvalidField, ...]]:
        """The lead's renewal, which carries the form of all, with the warnings about the declaration.
        `replacing` is the joint registration that it replaces, of these products and perhaps more: so
        products are taken out. `conditions` is the SHA-256 of the edition that the person saw,
        NO_CONDITIONS where there was none; None where it isn't known.

        Raises RenewalError where the declaration is invalid, the products can't stand on one form, one of
        them has a registration that prevents it, other conditions are in force, or an early renewal isn't
        confirmed; KeyReused; OutOfTime; a 403 problem for a person who may only see the office.
        """
        permissions.require_may_register(who, office_ref)
        by = Registrant(sub=who.sub, on_behalf=who.is_desk, send_by=send_by)
        content = f"{office_ref}\n{replacing}\n{send_by}\n{declaration.model_dump_json()}"
        cause = Cause.request(who.sub, "register jointly", key=key, content=content.encode())
        codes = [each.product_code for each in declaration.products]
        async with deadline(self.single.seconds):
            for _ in range(_ATTEMPTS):
                if made := await self.single.find_repeat(cause, replacing):
                    return made, await self._warnings(made.registration)
                products = await self._products(office_ref, codes)
                old = await self._to_replace(products, replacing)
                registration = await self._declare(declaration, products, by, conditions)
                with suppress(Conflict, AlreadyExists):
                    renewal = await self._save(registration, old, cause)
                    return await self.single.recheck(renewal), await self._warnings(registration)
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def _save(self, registration: Registration, old: Stored[Renewal] | None, cause: Cause) -> Renewal:
        form_factory, now = self.single.form_factory, self.clock.now()
        replaced = old.state.registration if old else None
        form = await form_factory.form(registration, 1, registration.registered_at, replaced)
        if old:
            by: Literal["office", "desk"] = "desk" if registration.on_behalf else "office"
            return await self.single.replacements.replace(old, registration, form, by, cause)
        decision = register(registration, form, form_factory.vendor, now)
        await self.renewals.add(decision, cause)
        return decision.state

    async def _declare(
        self,
        declaration: JointDeclaration,
        products: Sequence[tuple[LicenceCopy, Product]],
        by: Registrant,
        seen: str | None,
    ) -> Registration:
        conditions = self.single.conditions(products[0][1], products[0][0], seen)
        joined = [
            JoinedProduct(
                await self.single.free_id(licence.subscription_id),
                licence,
                product,
                await self.renewals.renewed_on(licence),
            )
            for licence, product in products
        ]
        return declare_joint(declaration, joined, by, self.clock.now(), conditions)

    async def _products(self, office_ref: str, codes: Sequence[str]) -> list[tuple[LicenceCopy, Product]]:
        """Each licence with its product as sold today. Raises RenewalError as `check_joined` does."""
        products = []
        for code in codes:
            licence = await self.licences.get(subscription_id(office_ref, code))
            if licence is None:
                raise RenewalError("licence-unknown")
            today = civil_date(self.clock.now(), licence.zone)
            products.append((licence, self.catalogue.product(code, today)))
        check_joined(products)
        return products

    async def _to_replace(
        self, products: Sequence[tuple[LicenceCopy, Product]], replacing: UUID | None
    ) -> Stored[Renewal] | None:
        """The registration `replacing`, where each of the products stands on it; None where each is free.
        Raises RenewalError with the registration that prevents one of them.

        A product that isn't on the old form could be registered by another request between the two saves of
        a replacement. So it can't be added.
        """
        found = []
        for licence, _ in products:
            other = await self.renewals.blocking(licence)
            if other and other.state.replacement:
                await self.single.replacements.finish(other)
                other = await self.renewals.blocking(licence)
            found.append(other)
            if other and other.state.registration.renewal_id != replacing:
                raise _prevented(other.state, licence)
        stood = [other for other in found if other]
        if stood and len(stood) < len(found):
            raise _prevented(stood[0].state, products[0][0])
        return stood[0] if stood else None

    async def _warnings(self, registration: Registration) -> tuple[InvalidField, ...]:
        known = [await self.licences.get(each.subscription_id) for each in registration.on_form]
        return distinct(
            warning for licence in known if licence for warning in find_warnings(registration, licence)
        )


def _prevented(other: Renewal, licence: LicenceCopy) -> RenewalError:
    issued = other.status is RegistrationStatus.CONTRACT_ISSUED
    name = "term-renewed-already" if issued else "registration-open"
    blocking = str(other.registration.renewal_id)
    return RenewalError(name, registration=blocking, product_code=licence.product_code)
