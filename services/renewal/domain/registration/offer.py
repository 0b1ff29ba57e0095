"""The offer to an office whose term ends: the renewal of what it has now, with its price, and the ways to go
on using the product, with the time that each takes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.renewal.domain.flow import REGISTRATION_FLOW, RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.payment import commitment
from services.renewal.domain.payment.commitment import SEEN_AFTER, CommitmentStatus
from services.renewal.domain.registration import draft, form_fields
from services.renewal.domain.registration.catalogue import ContractPreparation, Product
from services.renewal.domain.registration.order import Order, price_order
from services.renewal.domain.registration.registration import latest_payment, order_errors
from services.renewal.domain.registration.term import new_term
from shared.events.order import FullGrant
from shared.events.renewal import Term
from shared.time.calendar import civil_date

_DECISION = REGISTRATION_FLOW.limits[RegistrationStatus.AWAITING_CONFIRMATION].working_days
_CHECK = REGISTRATION_FLOW.limits[RegistrationStatus.PAPER_RECEIVED].working_days
_CONTRACT = REGISTRATION_FLOW.limits[RegistrationStatus.ASSENT_RECEIVED].working_days
_SEAL = REGISTRATION_FLOW.limits[RegistrationStatus.ACCEPTED].working_days


class WayBack(StrEnum):
    """A way by which an office may use its product again, or goes on using it."""

    SIGNATURE = "signature"
    PAPER = "paper"
    COMMITMENT = "commitment"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class WayTime:
    """`working_days`: the longest time that the vendor takes. It counts from the signature, the arrival of
    the paper form, the form, or the transfer, without the time in which the office signs a contract.
    `reviewed`: the same where a clerk has to look at the form; None where that changes nothing. `until`: the
    last day that the way can give, if it has one."""

    way: WayBack
    working_days: int
    reviewed: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RenewalOffer:
    """`order` and `term` are None where what the office has now can't be ordered again as it is.
    `assent_days`: the working days in which the office also signs the contract, None where its form is
    enough. `full_grant`: from when the contract gives full use. `opens_on`: the first day on which the
    product's policy no longer refuses so early a renewal; None: it doesn't refuse today."""

    order: Order | None
    term: Term | None
    ways: tuple[WayTime, ...]
    assent_days: int | None
    full_grant: FullGrant = FullGrant.AT_CONTRACT
    opens_on: date | None = None


def renewal_offer(
    licence: LicenceCopy, product: Product, renewed_on: date | None, now: datetime
) -> RenewalOffer:
    """The offer of today, from the product's terms and the limits of the flow. `renewed_on` is the date of
    the contract that gave the present term; None: no contract gave it."""
    today = civil_date(now, licence.zone)
    wanted = form_fields.read(draft.begin(licence, product, "", now).state.fields).order
    years = wanted.years if wanted else 1
    term = new_term(licence.expires_on, licence.stage, years, today, product.term)
    early = product.window.find_early(term, renewed_on, today)
    as_in_use = draft.orders_what_is_in_use(licence, product)
    sold = wanted if wanted and as_in_use and not order_errors(wanted, product) else None
    return RenewalOffer(
        order=price_order(product.package(sold.package), sold) if sold else None,
        term=term if sold else None,
        ways=_ways(product, today),
        assent_days=product.assent_days,
        full_grant=product.full_grant,
        opens_on=early.refused if early else None,
    )


def _ways(product: Product, today: date) -> tuple[WayTime, ...]:
    sealed = _SEAL + (_CONTRACT + _SEAL if product.assent_days else 0)
    ways = [
        _contract_time(WayBack.SIGNATURE, product, sealed),
        _contract_time(WayBack.PAPER, product, _CHECK + sealed),
    ]
    if product.commitment_days:
        days = commitment.COMMITMENT_FLOW.limits[CommitmentStatus.AWAITING].working_days
        ways.append(WayTime(WayBack.COMMITMENT, days, until=latest_payment(product, today)))
    return (*ways, WayTime(WayBack.PAYMENT, SEEN_AFTER))


def _contract_time(way: WayBack, product: Product, days: int) -> WayTime:
    """`days` are those without a clerk's decision. A form that the rule would accept may still need one."""
    if product.contract_prepare is ContractPreparation.DESK:
        return WayTime(way, days + _DECISION)
    return WayTime(way, days, reviewed=days + _DECISION)
