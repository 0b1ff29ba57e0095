"""What is set product by product, from which day on: the stage table of new terms, temporary access."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

ALL_OTHERS = "*"
TEMPORARY_DAYS = 15
LONGEST_YEARS = 5


def _known(policy: str, info: ValidationInfo) -> str:
    if policy not in (info.context or {}).get("policies", ()):
        texts = {"en": "there is no such policy", "vi": "không có chính sách này"}
        raise PydanticCustomError("unknown_policy", "{en}", texts)
    return policy


class Choice(BaseModel):
    """New terms of `product` that begin on `since` (None: ever) or later are under `policy`. From that day
    on a stamped form that is shown gives `temporary_days` more days of use (0: none). `longest_years` is the
    longest term on sale: a last day of use beyond it is doubted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str = Field(pattern=r"^([a-z0-9][a-z0-9-]{0,31}|\*)$")
    policy: Annotated[str, AfterValidator(_known)]
    since: date | None = Field(alias="from")
    temporary_days: int = Field(TEMPORARY_DAYS, ge=0, le=366)
    longest_years: int = Field(LONGEST_YEARS, ge=1, le=50)


class Products(RootModel[tuple[Choice, ...]]):
    """Every choice, those of one product by rising date. `*` is for products, and days, without another.

    Validated with the context `policies`: the ids that exist.
    """

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for vietnamese, english in self._faults():
            raise PydanticCustomError("products", "{en}", {"en": english, "vi": vietnamese})
        return self

    def _faults(self) -> Iterator[tuple[str, str]]:
        since = defaultdict(list)
        for choice in self.root:
            since[choice.product].append(choice.since or date.min)
        if since[ALL_OTHERS][:1] != [date.min]:
            yield (
                "sản phẩm * phải có, và dòng đầu của nó có from là null",
                "the product * is needed, and its first row has null for from",
            )
        for product, days in since.items():
            if any(a >= b for a, b in pairwise(days)):
                yield f"from của {product} phải tăng dần", f"the dates of {product} rise from row to row"

    def policy_for(self, product: str, day: date) -> str:
        """The id of the table under which a term of `product` begins that begins on `day`."""
        return self._choice(product, day).policy

    def temporary_days(self, product: str, day: date) -> int:
        """How many more days a stamped form gives that is shown on `day`; 0: none."""
        return self._choice(product, day).temporary_days

    def longest_years(self, product: str, day: date) -> int:
        """Of the terms on sale on `day`."""
        return self._choice(product, day).longest_years

    def _choice(self, product: str, day: date) -> Choice:
        begun = [
            choice
            for name in (ALL_OTHERS, product)
            for choice in self.root
            if choice.product == name and (choice.since or date.min) <= day
        ]
        return begun[-1]
