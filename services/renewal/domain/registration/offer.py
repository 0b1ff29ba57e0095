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
from shared.events.renewal import Term
from shared.time.calendar import civil_date

_DECISION = REGISTRATION_FLOW.limits[RegistrationStatus.AWAITING_CONFIRMATION].working_days
_CHECK = REGISTRATION_FLOW.limits[RegistrationStatus.PAPER_RECEIVED].working_days
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
    the paper form, the form, or the transfer. `until`: the last day that the way can give, if it has one."""

    way: WayBack
    working_days: int
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RenewalOffer:
    """`order` and `term` are None where what the office has now can't be ordered any more. `assent_days`: the
    working days in which the office also signs the contract, None where its form is enough."""

    order: Order | None
    term: Term | None
    ways: tuple[WayTime, ...]
    assent_days: int | None


def renewal_offer(licence: LicenceCopy, product: Product, now: datetime) -> RenewalOffer:
    """The offer of today, from the product's terms and the limits of the flow."""
    today = civil_date(now, licence.zone)
    wanted = form_fields.read(draft.begin(licence, product, "", now).state.fields).order
    if wanted is None or order_errors(wanted, product):
        return RenewalOffer(None, None, _ways(product, today), product.assent_days)
    return RenewalOffer(
        order=price_order(product.package(wanted.package), wanted),
        term=new_term(licence.expires_on, licence.stage, wanted.years, today, product.term),
        ways=_ways(product, today),
        assent_days=product.assent_days,
    )


def _ways(product: Product, today: date) -> tuple[WayTime, ...]:
    decided = 0 if product.contract_prepare is ContractPreparation.AUTOMATIC else _DECISION
    ways = [WayTime(WayBack.SIGNATURE, decided + _SEAL), WayTime(WayBack.PAPER, _CHECK + _SEAL)]
    if product.commitment_days:
        days = commitment.COMMITMENT_FLOW.limits[CommitmentStatus.AWAITING].working_days
        ways.append(WayTime(WayBack.COMMITMENT, days, latest_payment(product, today)))
    return (*ways, WayTime(WayBack.PAYMENT, SEEN_AFTER))
