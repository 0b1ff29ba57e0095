"""The form of a joint declaration: the shared parts once, and an order for each product."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.renewal.domain.registration.draft import Draft
from services.renewal.domain.registration.form_fields import NAMES
from services.renewal.registration import form_view
from services.renewal.registration.drafts import Review
from services.renewal.registration.form_view import FormView, Mistake
from shared.web.pages.words import PageWords

_ORDER = "order."
SHARED = tuple(name for name in NAMES if not name.startswith(_ORDER))
ORDERED = tuple(name for name in NAMES if name.startswith(_ORDER))


@dataclass(frozen=True, slots=True)
class JointForm:
    """The inputs: those of `SHARED` by their names, those of an order with the product's code in front.
    `products` are the products' names by their codes."""

    products: Mapping[str, str]
    typed: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        return self.typed.get(name, "")

    @property
    def mistakes(self) -> list[Mistake]:
        shared = {name: text for name, text in self.wrong.items() if name in SHARED}
        found = FormView(self.typed, shared).mistakes
        for code, product in self.products.items():
            for name in ORDERED:
                if text := self.wrong.get(f"{code}.{name}"):
                    label = f"field.{name.replace('.', '_')}"
                    found.append(Mistake(f"{code}.{name}", label, f"{product}: {text}"))
        return found


def typed_in(drafts: Sequence[Draft], newest: Draft | None) -> dict[str, str]:
    """What the products' drafts have. The shared parts are those of the `newest` one that somebody typed
    into, whichever product it is of; the first one's where nobody has."""
    shared = {name: (newest or drafts[0]).fields.get(name, "") for name in SHARED}
    orders = {
        f"{draft.product_code}.{name}": draft.fields.get(name, "") for draft in drafts for name in ORDERED
    }
    return shared | orders


def typed(fields: Mapping[str, str], codes: Iterable[str]) -> dict[str, str]:
    """All inputs as they were sent. An unticked box isn't sent, and becomes empty."""
    names = [*SHARED, *(f"{code}.{name}" for code in codes for name in ORDERED)]
    return {name: fields.get(name, "") for name in names}


def of_product(typed: Mapping[str, str], code: str) -> dict[str, str]:
    """The inputs of one product's own draft."""
    orders = {name: typed.get(f"{code}.{name}", "") for name in ORDERED}
    return {name: typed.get(name, "") for name in SHARED} | orders


def wrong(reviews: Mapping[str, Review], words: PageWords) -> dict[str, str]:
    """The first error of each input, from the products' reviews by their codes."""
    found: dict[str, str] = {}
    for code, review in reviews.items():
        for name, text in form_view.wrong(review.errors, words).items():
            found.setdefault(f"{code}.{name}" if name.startswith(_ORDER) else name, text)
    return found
