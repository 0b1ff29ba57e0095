"""When an office may renew: a product's policy for a renewal that comes early.

A renewal is early where the present term still has many days, or where a contract has just given it. The
policy then allows it, asks the person to confirm the new term, or refuses it and names the first day on which
it is possible.
"""

from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import InvalidField, RenewalError
from shared.events.renewal import Term
from shared.text.i18n import Text, TextCatalogue

TEXTS = TextCatalogue(Path(__file__).parent / "texts").part("early")


class EarlyHandling(StrEnum):
    """What the policy does with an early renewal."""

    ALLOW = "allow"
    ASK = "ask"
    REFUSE = "refuse"


class EarlyReason(StrEnum):
    """Why a renewal is early. `JUST_RENEWED` says more, so its words come first."""

    JUST_RENEWED = "just_renewed"
    FAR_FROM_EXPIRY = "far_from_expiry"


class EarlyRenewal(Frozen):
    """An early renewal that isn't simply allowed. `reasons` are those that the policy asks or refuses for.

    `renewed_on` is the date of the contract that gave the present term, where that is a reason. `refused`:
    the first day on which the policy no longer refuses it; None: it only asks.
    """

    reasons: tuple[EarlyReason, ...] = Field(min_length=1)
    term: Term
    renewed_on: date | None = None
    refused: date | None = None

    @property
    def question(self) -> Text:
        """The question to the person, with both terms."""
        return self._fill("question")

    @property
    def answer(self) -> Text:
        """What the person confirms."""
        return self._fill("answer")

    @property
    def error(self) -> InvalidField:
        """Why it is refused, and from when it is possible."""
        figures = {
            "expires_on": _written(self.term.basis_expires_on),
            "possible_from": _written(self.refused),
        }
        if self.reasons[0] is EarlyReason.FAR_FROM_EXPIRY:
            return InvalidField("/order/years", "too_early", figures)
        figures["renewed_on"] = _written(self.renewed_on)
        return InvalidField("/order/years", "just_renewed", figures)

    def _fill(self, name: str) -> Text:
        return TEXTS[f"{name}_{self.reasons[0]}"].fill(
            expires_on=_written(self.term.basis_expires_on),
            renewed_on=_written(self.renewed_on),
            term_from=_written(self.term.term_from),
            term_to=_written(self.term.term_to),
        )


class RenewalWindow(Frozen):
    """A product's policy for early renewals. `earlier` holds before the window of `earliest_renewal_days`,
    `again` for `again_days` from the date of the contract that gave the present term."""

    earliest_renewal_days: int = Field(
        180,
        ge=0,
        le=3660,
        description="how long before the last day of use a renewal is no longer early",
    )
    earlier: EarlyHandling = Field(EarlyHandling.ASK, description="what becomes of an earlier renewal")
    again_days: int = Field(
        90, ge=0, le=3660, description="for how many days a term counts as renewed just now"
    )
    again: EarlyHandling = Field(
        EarlyHandling.ASK, description="what becomes of a second renewal in these days"
    )

    def find_early(self, term: Term, renewed_on: date | None, today: date) -> EarlyRenewal | None:
        """What the policy says against a renewal for `term` that is registered `today`. None: nothing.

        `renewed_on` is the date of the contract that gave the present term; None: no contract gave it.
        """
        opens_on = term.basis_expires_on - timedelta(days=self.earliest_renewal_days)
        found = [(EarlyReason.FAR_FROM_EXPIRY, self.earlier, opens_on)]
        if renewed_on:
            again_on = renewed_on + timedelta(days=self.again_days)
            found.insert(0, (EarlyReason.JUST_RENEWED, self.again, again_on))
        early = [each for each in found if today < each[2] and each[1] is not EarlyHandling.ALLOW]
        refusing = [each for each in early if each[1] is EarlyHandling.REFUSE]
        reasons = tuple(reason for reason, _, _ in refusing or early)
        if not reasons:
            return None
        return EarlyRenewal(
            reasons=reasons,
            term=term,
            renewed_on=renewed_on if EarlyReason.JUST_RENEWED in reasons else None,
            refused=max((day for _, _, day in refusing), default=None),
        )


def check_confirmed(early: EarlyRenewal, confirmed_until: date | None) -> None:
    """`confirmed_until` is the last day of the new term that the person confirmed.

    Raises RenewalError where the policy refuses the renewal ("registration-invalid"), or the person hasn't
    confirmed this term ("early-renewal").
    """
    if early.refused:
        raise RenewalError("registration-invalid", early.error)
    if confirmed_until != early.term.term_to:
        raise RenewalError(
            "early-renewal",
            reason=early.reasons[0].value,
            expires_on=early.term.basis_expires_on.isoformat(),
            term_from=early.term.term_from.isoformat(),
            term_to=early.term.term_to.isoformat(),
        )


def _written(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
