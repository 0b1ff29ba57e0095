"""The declaration's form as its page shows it: what was typed, its errors, and what another person saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.renewal.domain.refusal import InvalidField
from services.renewal.domain.registration.catalogue import Product
from services.renewal.domain.registration.form_fields import NAMES
from shared.text import amounts
from shared.web.pages.words import PageWords

_LABELLED = {"invoice.same", "payment.committed"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """An entry of the error list at the top of the page: the input's id, and the key of its label (empty: the
    message needs no label)."""

    at: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The form. `wrong` has the errors and `theirs` another person's values, both by the name of the
    input."""

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


def order_choices(product: Product, words: PageWords) -> dict[str, list[tuple[str, str]]]:
    """The choices of years and packages: each with its value and its text."""
    return {
        "years": [(str(n), words("declare.years_value", n=n)) for n in range(1, product.max_years + 1)],
        "packages": [
            (
                package.code,
                words(
                    "declare.package_value",
                    name=package.name,
                    price=amounts.vnd(package.price.vnd),
                    users=package.included_users,
                    storage=package.included_storage_gb,
                ),
            )
            for package in product.packages
        ],
    }


def _label(name: str) -> str:
    return "" if name in _LABELLED else f"field.{name.replace('.', '_')}"


def wrong(errors: Iterable[InvalidField], words: PageWords) -> dict[str, str]:
    """The first error of each input."""
    found: dict[str, str] = {}
    for error in errors:
        name = error.pointer.strip("/").replace("/", ".")
        found.setdefault(name, words.pick(error.message))
    return found


def typed(fields: Mapping[str, str]) -> dict[str, str]:
    """All inputs of the form as they were sent. An unticked box isn't sent, and becomes empty."""
    return {name: fields.get(name, "") for name in NAMES}


def differing(mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """What another person saved, for the inputs where it differs from what was typed here."""
    return {name: theirs.get(name, "") for name in NAMES if mine.get(name, "") != theirs.get(name, "")}
