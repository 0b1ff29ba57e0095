"""What the domain refuses, told as a page."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.renewal.domain.refusal import Refused
from services.renewal.texts import REFUSALS
from shared.problems import Problem


@contextmanager
def told() -> Iterator[None]:
    """Raises the problem of a refusal that no form can mend."""
    try:
        yield
    except Refused as refused:
        status, title = REFUSALS[refused.name]
        raise Problem(status, refused.name, title) from None
