"""The texts of notices in one language or both, from texts/*.toml. They are Jinja templates."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.meta import find_undeclared_variables
from pydantic import BaseModel, ConfigDict, Field

from shared.text.i18n import Language, TextCatalogue, day_text, moment_text

_HERE = Path(__file__).parent


class Bilingual(BaseModel):
    """A text for people: Vietnamese, English."""

    model_config = ConfigDict(frozen=True)

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


def environment() -> Environment:
    """Escapes values in .html templates. Rendering raises UndefinedError for a missing value."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _values(text: str) -> set[str]:
    jinja = environment()
    jinja.filters["day"] = day_text
    return find_undeclared_variables(jinja.parse(text))


CATALOGUE = TextCatalogue(_HERE / "texts", _values)


class Words:
    """The texts in one language. `products` has product names by code; others are named by their code."""

    def __init__(self, language: Language, products: Mapping[str, str]) -> None:
        self.language = language
        self._products = products
        jinja = environment()
        jinja.filters["day"] = self.day
        self._texts = {key: jinja.from_string(text.pick(language)) for key, text in CATALOGUE.texts.items()}

    def say(self, key: str, values: Mapping[str, object] | None = None) -> str:
        """The text of `key`. Raises KeyError for an unknown key, UndefinedError for a missing value."""
        return self._texts[key].render(values or {})

    def product(self, code: str) -> str:
        return self._products.get(code) or self.say("product.plain", {"code": code})

    def day(self, day: date) -> str:
        return day_text(self.language, day)

    def moment(self, at: datetime, zone: str) -> str:
        return moment_text(self.language, at, zone)


class NoticeWords(NamedTuple):
    """Both languages, Vietnamese first."""

    vi: Words
    en: Words

    @classmethod
    def of(cls, products: Mapping[str, Bilingual]) -> Self:
        """`products` are the names of products by their code."""
        vi = Words("vi", {code: name.vi for code, name in products.items()})
        return cls(vi, Words("en", {code: name.en for code, name in products.items()}))

    def both(self, say: Callable[[Words], str]) -> Bilingual:
        return Bilingual(vi=say(self.vi), en=say(self.en))
