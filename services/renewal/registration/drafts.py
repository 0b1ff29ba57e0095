"""An office's draft: opened, saved by anybody of the office, and reviewed before registering."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from services.renewal import permissions
from services.renewal.domain import money
from services.renewal.domain.flow import VALID
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration import draft, form_fields
from services.renewal.domain.registration.catalogue import Catalogue, Product
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.domain.registration.draft import Draft
from services.renewal.domain.registration.order import Order, price_order
from services.renewal.domain.registration.registration import (
    find_warnings,
    invoice_errors,
    latest_payment,
    order_errors,
    pay_by,
    payment_errors,
    term_errors,
)
from services.renewal.domain.registration.renewal_window import EarlyRenewal
from services.renewal.domain.registration.term import new_term
from services.renewal.domain.renewal import Renewal
from services.renewal.render.conditions import ConditionsArchive, ConditionsEdition
from services.renewal.stores.renewals import Renewals
from shared.events.renewal import Term
from shared.ids import subscription_id
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person


class DraftMoved(Exception):
    """Somebody saved the draft in the meantime. `newer` is what they saved."""

    def __init__(self, newer: Stored[Draft]) -> None:
        super().__init__("draft moved")
        self.newer = newer


@dataclass(frozen=True, slots=True)
class Review:
    """What would be registered. `declaration` is None while there are `errors`; `order`, `in_words`
    and `term` only need a valid order. `standing` is the registration that blocks a new one: an open one, or
    one with a contract for the term. `pay_by` is the last day of a promised payment. `conditions` are those
    that the form would name. `early`: the person must confirm so early a renewal, or it is refused."""

    declaration: Declaration | None
    errors: tuple[InvalidField, ...]
    order: Order | None
    in_words: str | None
    term: Term | None
    warnings: tuple[InvalidField, ...]
    latest_payment: date
    pay_by: date | None
    standing: Renewal | None
    conditions: ConditionsEdition | None
    early: EarlyRenewal | None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all that the office agrees to: what it declares, the price, the term and the
        conditions. Two reviews with the same fingerprint would register the same."""
        named = self.conditions.reference.sha256 if self.conditions else ""
        agreed = (self.declaration, self.order, self.term)
        content = "\n".join((*(each.model_dump_json() if each else "" for each in agreed), named))
        return sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of all offices. Each save is one conditional write of one draft, without events. If the
    process dies before it, the old draft is unchanged; after it, the new one is stored, and the same save
    again meets its own newer version."""

    store: Store[Draft]
    renewals: Renewals
    licences: Projection[LicenceCopy]
    catalogue: Catalogue
    dialect: money.Dialect
    clock: Clock
    conditions: ConditionsArchive

    async def open(self, office_ref: str, product_code: str, who: Person) -> Stored[Draft]:
        """The office's draft for the current term; a new one where there is none. Raises RenewalError where
        there is no such licence, or the product isn't sold."""
        permissions.require_may_see(who, office_ref)
        licence, product = await self._licence_and_product(office_ref, product_code)
        stored = await self.store.load(licence.subscription_id)
        if stored and stored.state.basis_expires_on == licence.expires_on:
            return stored
        decision = draft.begin(licence, product, who.sub, self.clock.now())
        if stored and not await self._is_renewed(stored.state):
            decision = draft.move_to_term(stored.state, licence)
        try:
            return await self.store.save(stored, decision, Cause.command(), id=licence.subscription_id)
        except Conflict:
            return await self.open(office_ref, product_code, who)

    async def typed_draft(self, licence: LicenceCopy) -> Draft | None:
        """The draft that somebody has typed into for the current term, to continue it. Creates none."""
        stored = await self.store.load(licence.subscription_id)
        if stored is None or stored.version == 1:  # prefilled, and never changed
            return None
        earlier = stored.state
        if earlier.basis_expires_on != licence.expires_on and await self._is_renewed(earlier):
            return None
        try:
            product = self.catalogue.product(licence.product_code, civil_date(self.clock.now(), licence.zone))
        except RenewalError:
            return None
        return earlier if draft.is_typed(earlier, licence, product) else None

    async def save(
        self, office_ref: str, product_code: str, fields: Mapping[str, str], version: int, who: Person
    ) -> Stored[Draft]:
        """Saves all fields of the form, as typed into the draft's `version`. Raises DraftMoved,
        RenewalError."""
        permissions.require_may_register(who, office_ref)
        stored = await self.open(office_ref, product_code, who)
        decision = draft.fill(stored.state, fields, who.sub, self.clock.now())
        if decision.state.fields == stored.state.fields:
            return stored
        return await self._replace(stored, decision, version)

    async def discard(self, office_ref: str, product_code: str, version: int, who: Person) -> Stored[Draft]:
        """Replaces the draft by a new one from the licence. Raises DraftMoved, RenewalError."""
        permissions.require_may_register(who, office_ref)
        stored = await self.open(office_ref, product_code, who)
        licence, product = await self._licence_and_product(office_ref, product_code)
        decision = draft.begin(licence, product, who.sub, self.clock.now())
        return await self._replace(stored, decision, version)

    async def copy_registration(self, renewal_id: UUID, version: int, who: Person) -> Stored[Draft]:
        """Fills the draft (its `version`) from a cancelled or refused registration. Raises DraftMoved,
        RenewalError."""
        renewal = await self.ended_registration(renewal_id, who)
        registration = renewal.registration
        stored = await self.open(registration.office_ref, registration.product_code, who)
        decision = draft.copy_registration(stored.state, registration, who.sub, self.clock.now())
        return await self._replace(stored, decision, version)

    async def ended_registration(self, renewal_id: UUID, who: Person) -> Renewal:
        """A cancelled or refused registration, for a person who may register again. Raises RenewalError where
        there is none, or where it is still open or has a contract, and a 403 problem for a person who may
        only see it."""
        stored = await self.renewals.load(renewal_id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise RenewalError("registration-unknown")
        permissions.require_may_register(who, stored.state.registration.office_ref)
        if stored.state.status in VALID:
            raise RenewalError("registration-open", registration=str(renewal_id))
        return stored.state

    async def review(self, office_ref: str, product_code: str, who: Person) -> Review:
        """The draft as it would be registered today. Raises RenewalError."""
        stored = await self.open(office_ref, product_code, who)
        return await self.review_fields(office_ref, product_code, stored.state.fields, who)

    async def review_fields(
        self, office_ref: str, product_code: str, fields: Mapping[str, str], who: Person
    ) -> Review:
        """Like `review`, for fields that aren't saved. Raises RenewalError."""
        permissions.require_may_see(who, office_ref)
        licence, product = await self._licence_and_product(office_ref, product_code)
        standing = await self.renewals.blocking(licence)
        way = standing.state if standing else None
        renewed_on = await self.renewals.renewed_on(licence)
        return self._review(form_fields.read(fields), licence, product, way, renewed_on)

    def _review(
        self,
        filled: form_fields.Filled,
        licence: LicenceCopy,
        product: Product,
        standing: Renewal | None,
        renewed_on: date | None,
    ) -> Review:
        today = civil_date(self.clock.now(), licence.zone)
        wanted, errors = filled.order, list(filled.errors)
        bought, term, early = None, None, None
        if wanted and not (wrong := order_errors(wanted, product)):
            bought = price_order(product.package(wanted.package), wanted)
            term = new_term(licence.expires_on, licence.stage, wanted.years, today, product.term)
            errors += term_errors(term, today)
            early = product.window.find_early(term, renewed_on, today)
            errors += [early.error] if early and early.refused else []
        elif wanted:
            errors += wrong
        errors += invoice_errors(filled.invoice, today) if filled.invoice else []
        errors += payment_errors(filled.payment, product, today) if filled.payment else []
        declared = None if errors else form_fields.declared(filled)
        return Review(
            declaration=declared,
            errors=tuple(errors),
            order=bought,
            in_words=money.in_words(bought.total, self.dialect) if bought else None,
            term=term,
            warnings=find_warnings(declared, licence) if declared else (),
            latest_payment=latest_payment(product, today),
            pay_by=pay_by(filled.payment) if filled.payment else None,
            standing=standing,
            conditions=self.conditions.in_force(product.line, today),
            early=early,
        )

    async def _replace(self, stored: Stored[Draft], decision: Decision[Draft], version: int) -> Stored[Draft]:
        id = stored.state.subscription_id
        if stored.version != version:
            raise DraftMoved(stored)
        try:
            return await self.store.save(stored, decision, Cause.command(), id=id)
        except Conflict:
            newer = await self.store.load(id)
            assert newer is not None  # drafts are never deleted
            raise DraftMoved(newer) from None

    async def _is_renewed(self, earlier: Draft) -> bool:
        """Whether the draft's term already has its contract, so that a new draft starts from the licence."""
        return await self.renewals.is_renewed(earlier.subscription_id, earlier.basis_expires_on)

    async def _licence_and_product(self, office_ref: str, product_code: str) -> tuple[LicenceCopy, Product]:
        licence = await self.licences.get(subscription_id(office_ref, product_code))
        if licence is None:
            raise RenewalError("licence-unknown")
        today = civil_date(self.clock.now(), licence.zone)
        return licence, self.catalogue.product(product_code, today)
