"""A form that a later revision replaced, and the term that the office agreed to on it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Self

from services.renewal.domain.frozen import Frozen
from shared.events.renewal import Term

ReissueReason = Literal["terminated", "corrected"]


class AgreedTerm(Frozen):
    """The term that the form states for one product. `agreed_to` is the last day that the office agreed to:
    the term's own, or an earlier one that the office confirmed afterwards."""

    term: Term
    agreed_to: date

    def agree(self, term: Term) -> Self:
        return self.model_copy(update={"agreed_to": min(self.agreed_to, term.term_to)})


class EarlierForm(AgreedTerm):
    """A revision of the form that a later one replaced, and why. `joined` are the terms of the other products
    on it, in their order."""

    revision: int
    reason: ReissueReason
    reissued_at: datetime
    joined: tuple[AgreedTerm, ...] = ()

    @property
    def agreed(self) -> tuple[AgreedTerm, ...]:
        return (self, *self.joined)

    def is_unconfirmed(self, terms: Sequence[Term]) -> bool:
        """Whether the office agreed to a later end than that of the current `terms`, for any product."""
        return any(agreed.agreed_to > term.term_to for agreed, term in zip(self.agreed, terms, strict=False))

    def agree_to(self, terms: Sequence[Term]) -> Self:
        """The form after the office agreed to the current `terms`, of all products on it."""
        joined = tuple(each.agree(term) for each, term in zip(self.joined, terms[1:], strict=False))
        return self.agree(terms[0]).model_copy(update={"joined": joined})
