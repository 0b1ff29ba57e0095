"""A clerk's decision on a registration."""

from typing import Literal, Self

from pydantic import model_validator

from services.renewal.domain.flow import FlowStep
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.rules import broken
from shared.events.paper_form import ReturnReason
from shared.text.names import Item

QueueDecision = Literal[
    FlowStep.ACCEPT_PAPER,
    FlowStep.RETURN_PAPER,
    FlowStep.REFUSE_COPY,
    FlowStep.ACCEPT,
    FlowStep.REFUSE,
    FlowStep.VOID_CONTRACT,
]
QUEUE_DECISIONS: tuple[QueueDecision, ...] = (
    FlowStep.ACCEPT_PAPER,
    FlowStep.RETURN_PAPER,
    FlowStep.REFUSE_COPY,
    FlowStep.ACCEPT,
    FlowStep.REFUSE,
    FlowStep.VOID_CONTRACT,
)
"""On registrations that wait for the desk: one by one, or many at once."""
VoidDecision = Literal[FlowStep.PROPOSE_VOID, FlowStep.WITHDRAW_VOID, FlowStep.APPROVE_VOID]
Decidable = QueueDecision | VoidDecision
DECIDABLE: tuple[Decidable, ...] = (
    *QUEUE_DECISIONS,
    FlowStep.APPROVE_VOID,
    FlowStep.WITHDRAW_VOID,
    FlowStep.PROPOSE_VOID,
)
REASONED = frozenset(
    {
        FlowStep.ACCEPT,
        FlowStep.REFUSE,
        FlowStep.REFUSE_COPY,
        FlowStep.VOID_CONTRACT,
        FlowStep.PROPOSE_VOID,
        FlowStep.WITHDRAW_VOID,
    }
)
"""The steps that need a reason, so that people can later read why."""


class Verdict(Frozen):
    """A decision. `reason`, in words, is required for the steps in REASONED. `returned` is required where
    paper is sent back; `reason` may then add details."""

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
        """An example verdict of that step, to see what the step leads to; the words don't matter for that."""
        returned = ReturnReason.ILLEGIBLE if step is FlowStep.RETURN_PAPER else None
        return cls(step=step, reason="-", returned=returned)
