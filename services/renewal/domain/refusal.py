"""Why a request cannot be done, in codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.renewal.domain.registration.rules import TEXTS


@dataclass(frozen=True, slots=True)
class InvalidField:
    """One thing wrong: where (JSON pointer into the request), which rule, and the rule's figures."""

    pointer: str
    rule: str
    figures: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def message(self) -> tuple[str, str]:
        """Vietnamese, English."""
        vietnamese, english = TEXTS[self.rule]
        return vietnamese.format(**self.figures), english.format(**self.figures)


class RenewalError(Exception):
    """The request is understood and refused. `name` is the problem's, `faults` say what to mend.

    `about` names what stands in the way, for the caller to go on from.
    """

    def __init__(self, name: str, *faults: InvalidField, **about: str) -> None:
        super().__init__(name)
        self.name = name
        self.faults = faults
        self.about = about
