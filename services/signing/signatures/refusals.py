"""Turns a refused signature into the answer's problem."""

from collections.abc import Awaitable
from typing import TypeVar

from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.pades.rejection import Rejected
from services.signing.texts import REASONS, REFUSALS
from shared.web.problems import Problem

T = TypeVar("T")


async def as_problems(command: Awaitable[T]) -> T:
    """The command's result. A refusal becomes a Problem with its text."""
    try:
        return await command
    except SigningError as refused:
        status = 404 if refused.why is RefusalReason.NO_SUCH_ATTEMPT else 409
        raise Problem(status, _name(refused.why), REFUSALS[refused.why]) from None
    except Rejected as rejected:
        raise Problem(422, _name(rejected.reason), REASONS[rejected.reason]) from None


def _name(code: str) -> str:
    return code.replace("_", "-")
