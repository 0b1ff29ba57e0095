"""The texts of the pages, from texts/*.toml, in one language."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.renewal.pages.language import LANGUAGES, Language
from shared.web.problems import Text

_TEXTS = Path(__file__).parent / "texts"


class PageWords:
    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = _flat(tomllib.loads((_TEXTS / f"{language}.toml").read_text(encoding="utf-8")))

    @property
    def texts(self) -> Mapping[str, str]:
        return self._texts

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` (`part.name`). Raises KeyError where the text or one of its values is missing."""
        return self._texts[key].format(**values)

    def pick(self, text: Text) -> str:
        return text[LANGUAGES.index(self.language)]

    def day(self, day: date) -> str:
        """25/11/2026, or 25 November 2026."""
        return f"{day:%d/%m/%Y}" if self.language == "vi" else f"{day.day} {day:%B %Y}"

    def gigabytes(self, size: int) -> str:
        """`size` bytes: 1,5 or 1.5."""
        text = f"{size / 2**30:.1f}"
        return text.replace(".", ",") if self.language == "vi" else text

    def moment(self, at: datetime, zone: str) -> str:
        """An instant as the clock on the wall in `zone` showed it, to the minute."""
        local = at.astimezone(ZoneInfo(zone))
        between = " ngày " if self.language == "vi" else " on "
        return f"{local:%H:%M}{between}{self.day(local.date())}"


def _flat(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{part}.{name}": text for part, named in texts.items() for name, text in named.items()}


WORDS: dict[Language, PageWords] = {language: PageWords(language) for language in LANGUAGES}
