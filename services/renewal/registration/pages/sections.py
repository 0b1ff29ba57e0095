"""The sections of the declaration's form: which are folded because they are as the licence says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.renewal.domain.refusal import InvalidField
from services.renewal.domain.registration.form_fields import NAMES
from services.renewal.registration.form_view import FormView

_PARTS = {
    "office": ("office.",),
    "invoice": ("invoice.",),
    "order": ("kind", "order."),
    "payment": ("payment.",),
}
_ALWAYS_OPEN = "payment"
"""The office itself says how it pays: no licence knows that."""


@dataclass(frozen=True, slots=True)
class FormSection:
    """`is_folded`: nothing in it has to be looked at. It opens with a click."""

    name: str
    is_folded: bool


def form_sections(
    form: FormView, prefilled: Mapping[str, str], errors: Iterable[InvalidField], *, as_in_use: bool
) -> dict[str, FormSection]:
    """By name. `prefilled`: the inputs as the licence fills them in. `errors`: all of the review, also those
    that the page doesn't show yet: what is lacking stands open. `as_in_use`: the prefilled order is what the
    office has; where it isn't, the order stands open."""
    wrong = {error.pointer.strip("/").replace("/", ".") for error in errors} | form.wrong.keys()
    open_parts = {_ALWAYS_OPEN} if as_in_use else {_ALWAYS_OPEN, "order"}
    return {
        name: FormSection(name, name not in open_parts and _is_as_prefilled(starts, form, prefilled, wrong))
        for name, starts in _PARTS.items()
    }


def _is_as_prefilled(
    starts: tuple[str, ...], form: FormView, prefilled: Mapping[str, str], wrong: set[str]
) -> bool:
    if any(name.startswith(starts) for name in (*wrong, *form.theirs)):
        return False
    return all(form.value(name) == prefilled.get(name, "") for name in NAMES if name.startswith(starts))
