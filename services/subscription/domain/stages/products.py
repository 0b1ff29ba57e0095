"""Settings per product and start date: the stage table of new terms, days of temporary access, longest
term."""

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationInfo, model_validator

from services.subscription.domain.stages.texts import TEXTS
from shared.text.rules import broken_rule

_RULES = TEXTS.part("products")
ALL_OTHERS = "*"
TEMPORARY_DAYS = 15
LONGEST_YEARS = 5


def _check_policy(policy: str, info: ValidationInfo) -> str:
    if policy not in (info.context or {}).get("policies", ()):
        raise broken_rule(_RULES, "unknown_policy")
    return policy


class ProductTerms(BaseModel):
    """The settings of one product from the day `since` on (None: from the beginning).

    A term that begins on `since` or later uses the stage table `policy`. A form that is signed, or whose
    stamped copy is uploaded, from then on gives `temporary_days` days of temporary access (0: none).
    `longest_years` is the longest term on sale: a later last day of use gets a warning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str = Field(pattern=r"^([a-z0-9][a-z0-9-]{0,31}|\*)$")
    policy: Annotated[str, AfterValidator(_check_policy)]
    since: date | None = Field(alias="from")
    temporary_days: int = Field(TEMPORARY_DAYS, ge=0, le=366)
    longest_years: int = Field(LONGEST_YEARS, ge=1, le=50)


class Products(RootModel[tuple[ProductTerms, ...]]):
    """The settings of all products. The rows of one product are in rising order of date.

    The product `*` applies to products without a row of their own, and to days before their first row.

    Validated with the context `policies`: the ids that exist.
    """

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        since = defaultdict(list)
        for choice in self.root:
            since[choice.product].append(choice.since or date.min)
        if since[ALL_OTHERS][:1] != [date.min]:
            raise broken_rule(_RULES, "all_others")
        for product, days in since.items():
            if any(a >= b for a, b in pairwise(days)):
                raise broken_rule(_RULES, "dates", product=product)
        return self

    def policy_for(self, product: str, day: date) -> str:
        """The id of the stage table of a term of `product` that begins on `day`."""
        return self._choice(product, day).policy

    def temporary_days(self, product: str, day: date) -> int:
        """How many days of temporary access a form gives that is signed, or whose stamped copy is uploaded,
        on `day`; 0: none."""
        return self._choice(product, day).temporary_days

    def longest_years(self, product: str, day: date) -> int:
        """The longest term on sale on `day`, in years."""
        return self._choice(product, day).longest_years

    def _choice(self, product: str, day: date) -> ProductTerms:
        begun = [
            choice
            for name in (ALL_OTHERS, product)
            for choice in self.root
            if choice.product == name and (choice.since or date.min) <= day
        ]
        return begun[-1]
