"""Why a request is refused, in codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.renewal.domain.registration.rules import TEXTS
from shared.text.i18n import Text


@dataclass(frozen=True, slots=True)
class InvalidField:
    """A field that breaks a rule: a JSON pointer into the request, the rule, and the rule's figures."""

    pointer: str
    rule: str
    figures: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def message(self) -> Text:
        """The rule's text."""
        return TEXTS[self.rule].fill(**self.figures)


def distinct(found: Iterable[InvalidField]) -> tuple[InvalidField, ...]:
    """Each rule of a field once: several products of a form may share the field."""
    return tuple({(each.pointer, each.rule): each for each in found}.values())


class RenewalError(Exception):
    """The request is valid in form but refused. `name` is the problem's name; `errors` list the fields to
    correct.

    `about` names what prevents the request (such as the open registration), so that the caller can open it.
    """

    def __init__(self, name: str, *errors: InvalidField, **about: str) -> None:
        super().__init__(name)
        self.name = name
        self.errors = errors
        self.about = about
