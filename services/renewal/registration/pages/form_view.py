"""The declaration's form as its page shows it: what was typed, what is wrong with it, what another saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.renewal.domain.refusal import InvalidField
from services.renewal.domain.registration.form_fields import NAMES
from services.renewal.pages.words import PageWords

_LABELLED = {"invoice.same", "payment.committed"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """An entry of the list at the top: the input's id, the key of its label (empty: says it all itself)."""

    at: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class FormView:
    """`wrong` and `theirs` are by the name of the input."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        return self.typed.get(name, "")

    @property
    def mistakes(self) -> list[Mistake]:
        known = [name for name in NAMES if name in self.wrong]
        others = [name for name in self.wrong if name not in NAMES]
        return [
            *(Mistake(name, _label(name), self.wrong[name]) for name in known),
            *(Mistake("main", "", self.wrong[name]) for name in others),
        ]


def _label(name: str) -> str:
    return "" if name in _LABELLED else f"field.{name.replace('.', '_')}"


def wrong(faults: Iterable[InvalidField], words: PageWords) -> dict[str, str]:
    """What is wrong by input; the first fault of each."""
    found: dict[str, str] = {}
    for fault in faults:
        name = fault.pointer.strip("/").replace("/", ".")
        found.setdefault(name, words.pick(fault.message))
    return found


def typed(fields: Mapping[str, str]) -> dict[str, str]:
    """Every input of the form as it was sent; a box that isn't ticked isn't sent, and is empty."""
    return {name: fields.get(name, "") for name in NAMES}


def differing(mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """What another person saved, where it isn't what is typed here."""
    return {name: theirs.get(name, "") for name in NAMES if mine.get(name, "") != theirs.get(name, "")}
