"""The person at this computer, asked in one way after the other until one is there."""

import logging
from dataclasses import dataclass

from tools.sign.child import ChildDied, ChildHung, Work, run_in_child
from tools.sign.confirmation.question import Question, Reply
from tools.sign.failure import FailureCode, ToolFailure

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LocalPerson:
    """`ways` turn a question into a reply, both as JSON, in a child process: Tk needs a main thread of its
    own, and a cancelled question takes its window away. `seconds` is how long a reply is waited for."""

    ways: tuple[Work, ...]
    seconds: float

    async def ask(self, question: Question) -> Reply:
        """Raises ToolFailure `cancelled` if nobody replies in time, `no_screen` if nobody can be asked."""
        for way in self.ways:
            try:
                raw = await run_in_child(way, question.model_dump_json().encode(), self.seconds)
            except (ChildHung, ChildDied) as end:
                _log.info("question.unanswered cause=%s", type(end).__name__)
                raise ToolFailure(FailureCode.CANCELLED) from None
            reply = Reply.model_validate_json(raw)
            if reply.outcome != "unavailable":
                return reply
        raise ToolFailure(FailureCode.NO_SCREEN)
