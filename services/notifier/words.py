"""The texts for people, from texts/*.toml, in one language or both."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from pydantic import BaseModel, ConfigDict, Field

_HERE = Path(__file__).parent


class Bilingual(BaseModel):
    """A text for people: Vietnamese, English."""

    model_config = ConfigDict(frozen=True)

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


def environment() -> Environment:
    """Escapes in .html templates, and refuses a value that is missing, in all."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Words:
    """One language. `products` names products by their code; others go by the code itself."""

    def __init__(self, language: str, products: Mapping[str, str]) -> None:
        self.language = language
        self._products = products
        jinja = environment()
        jinja.filters["day"] = self.day
        texts = tomllib.loads((_HERE / "texts" / f"{language}.toml").read_text(encoding="utf-8"))
        self._texts = {
            f"{part}.{name}": jinja.from_string(text)
            for part, named in texts.items()
            for name, text in named.items()
        }

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._texts)

    def say(self, key: str, values: Mapping[str, object] | None = None) -> str:
        """The text of `key`. Raises KeyError or UndefinedError where a text or a value is missing."""
        return self._texts[key].render(values or {})

    def product(self, code: str) -> str:
        return self._products.get(code) or self.say("product.plain", {"code": code})

    def day(self, day: date) -> str:
        """25/11/2026, or 25 November 2026."""
        return f"{day:%d/%m/%Y}" if self.language == "vi" else f"{day.day} {day:%B %Y}"

    def moment(self, at: datetime, zone: str) -> str:
        """An instant as the clock on the wall in `zone` showed it, to the minute."""
        local = at.astimezone(ZoneInfo(zone))
        between = " ngày " if self.language == "vi" else " on "
        return f"{local:%H:%M}{between}{self.day(local.date())}"


class TextCatalogue:
    """Both languages, Vietnamese first."""

    def __init__(self, products: Mapping[str, Bilingual]) -> None:
        self.vi = Words("vi", {code: name.vi for code, name in products.items()})
        self.en = Words("en", {code: name.en for code, name in products.items()})

    def __iter__(self) -> Iterator[Words]:
        return iter((self.vi, self.en))

    def both(self, say: Callable[[Words], str]) -> Bilingual:
        return Bilingual(vi=say(self.vi), en=say(self.en))
