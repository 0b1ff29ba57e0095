"""Registers several products of one office on one form.

| the process dies               | left behind                      | the repeat, or the loop (`members`)  |
|--------------------------------|----------------------------------|--------------------------------------|
| before the save                | at most an unreferenced form     | registers                            |
| after it                       | the joint registration, with all | request: finds it by its key         |
|                                | products and their events        |                                      |

There is one save, of one document: no product is registered without the others.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from services.renewal import permissions
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.joint.declaration import (
    JoinedProduct,
    JointDeclaration,
    check_joined,
    declare_joint,
)
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError
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
from shared.storage.aggregate import Cause
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
        conditions: str | None = None,
        key: str | None = None,
    ) -> tuple[Renewal, tuple[InvalidField, ...]]:
        """The lead's renewal, which carries the form of all, with the warnings about the declaration.
        `conditions` is the SHA-256 of the edition that the person saw.

        Raises RenewalError where the declaration is invalid, the products can't stand on one form, one of
        them has a registration that prevents it, or other conditions are in force; KeyReused; OutOfTime; a
        403 problem for a person who may only see the office.
        """
        permissions.require_may_register(who, office_ref)
        by = Registrant(sub=who.sub, on_behalf=who.is_desk, send_by=send_by)
        content = f"{office_ref}\n{send_by}\n{declaration.model_dump_json()}"
        cause = Cause.request(who.sub, "register jointly", key=key, content=content.encode())
        products = await self._products(office_ref, [each.product_code for each in declaration.products])
        async with deadline(self.single.seconds):
            for _ in range(_ATTEMPTS):
                if made := await self.renewals.made_by(cause):
                    return made.state, self._warnings(made.state.registration, products)
                await self._check_free(products)
                registration = await self._declare(declaration, products, by, conditions)
                with suppress(Conflict, AlreadyExists):
                    renewal = await self._save(registration, cause)
                    return renewal, self._warnings(registration, products)
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def _save(self, registration: Registration, cause: Cause) -> Renewal:
        form_factory, now = self.single.form_factory, self.clock.now()
        form = await form_factory.form(registration, 1, registration.registered_at)
        decision = register(registration, form, form_factory.vendor, now)
        await self.renewals.add(decision, cause)
        return await self.single.recheck(decision.state)

    async def _declare(
        self,
        declaration: JointDeclaration,
        products: Sequence[tuple[LicenceCopy, Product]],
        by: Registrant,
        seen: str | None,
    ) -> Registration:
        conditions = self.single.conditions(products[0][1], products[0][0], seen)
        joined = [
            JoinedProduct(await self.single.free_id(licence.subscription_id), licence, product)
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

    async def _check_free(self, products: Sequence[tuple[LicenceCopy, Product]]) -> None:
        """Raises RenewalError with the registration that prevents one of the products from being joined."""
        for licence, _ in products:
            if other := await self.renewals.blocking(licence):
                issued = other.state.status is RegistrationStatus.CONTRACT_ISSUED
                name = "term-renewed-already" if issued else "registration-open"
                blocking = str(other.state.registration.renewal_id)
                raise RenewalError(name, registration=blocking, product_code=licence.product_code)

    @staticmethod
    def _warnings(
        registration: Registration, products: Sequence[tuple[LicenceCopy, Product]]
    ) -> tuple[InvalidField, ...]:
        found = [warning for licence, _ in products for warning in find_warnings(registration, licence)]
        return tuple({(each.pointer, each.rule): each for each in found}.values())
