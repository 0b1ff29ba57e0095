"""What a clerk decides on a registration."""

from typing import Literal, Self

from pydantic import model_validator

from services.renewal.domain.flow import FlowStep
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.rules import broken
from shared.events.paper_form import ReturnReason
from shared.text.names import Item

Decidable = Literal[
    FlowStep.ACCEPT_PAPER,
    FlowStep.RETURN_PAPER,
    FlowStep.REFUSE_COPY,
    FlowStep.ACCEPT,
    FlowStep.REFUSE,
    FlowStep.VOID_CONTRACT,
]
DECIDABLE: tuple[Decidable, ...] = (
    FlowStep.ACCEPT_PAPER,
    FlowStep.RETURN_PAPER,
    FlowStep.REFUSE_COPY,
    FlowStep.ACCEPT,
    FlowStep.REFUSE,
    FlowStep.VOID_CONTRACT,
)
REASONED = frozenset({FlowStep.ACCEPT, FlowStep.REFUSE, FlowStep.REFUSE_COPY, FlowStep.VOID_CONTRACT})
"""Somebody must be able to read later why."""


class Verdict(Frozen):
    """`reason` in words, wanted where it is accepted or refused, or its copy; `returned` wanted where paper
    goes back, of which `reason` then tells more."""

    step: Decidable
    reason: Item | None = None
    returned: ReturnReason | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.step in REASONED and self.reason is None:
            raise broken("empty")
        if (self.step is FlowStep.RETURN_PAPER) is not (self.returned is not None):
            raise broken("not_a_choice")
        return self

    @property
    def words(self) -> str:
        return self.reason or ""

    @classmethod
    def sample(cls, step: Decidable) -> Self:
        """Some verdict of that step: what it leads to doesn't depend on its words."""
        returned = ReturnReason.ILLEGIBLE if step is FlowStep.RETURN_PAPER else None
        return cls(step=step, reason="-", returned=returned)
