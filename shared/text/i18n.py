"""Texts for people in Vietnamese and English: a folder with `vi.toml` and `en.toml` is one catalogue.

A file has tables of texts: `[part]`, and in it `name = "text"`. The key of a text is `part.name`. Values are
written in braces as `str.format` reads them, such as `{most}` or `{day:%d/%m/%Y}`; `{n:year/years}` picks the
word for one or for several.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter, ValidationError

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_FILE = TypeAdapter(dict[str, dict[str, Annotated[str, Field(min_length=1)]]])


class Text(NamedTuple):
    """A text in both languages."""

    vi: str
    en: str

    @property
    def line(self) -> str:
        """Both languages on one line, for the command line."""
        return " / ".join(self)

    def fill(self, **values: object) -> "Text":
        """The text with its values, those that are a Text by language. Raises KeyError if one is missing."""
        vi, en = ({name: _pick(value, at) for name, value in values.items()} for at in (0, 1))
        return Text(self.vi.format(**vi), self.en.format(**en))

    def pick(self, language: Language) -> str:
        return self[LANGUAGES.index(language)]


class BadCatalogue(Exception):
    """A catalogue cannot be used. The message names the file and the key."""


class TextCatalogue:
    """The texts of one folder. `values_of` finds the names of the values in a text.

    Raises BadCatalogue if the two files differ in their keys or in the values of a text.
    """

    def __init__(self, folder: Path, values_of: Callable[[str], set[str]] | None = None) -> None:
        values_of = values_of or _format_values
        vi, en = (read_texts(folder / f"{language}.toml") for language in LANGUAGES)
        for key in sorted(vi.keys() ^ en.keys()):
            raise BadCatalogue(f"{folder / ('en' if key in vi else 'vi')}.toml: {key}: no such text")
        for key in vi:
            try:
                same = values_of(vi[key]) == values_of(en[key])
            except ValueError as error:
                raise BadCatalogue(f"{folder}: {key}: {error}") from None
            if not same:
                raise BadCatalogue(f"{folder / 'en.toml'}: {key}: not the same values as in vi.toml")
        self.texts: Mapping[str, Text] = {key: Text(vi[key], en[key]) for key in vi}

    def both(self, key: str, /, **values: object) -> Text:
        """The text of `key` with its values. Raises KeyError if the text or one of its values is missing."""
        return self.texts[key].fill(**values)

    def part(self, part: str) -> dict[str, Text]:
        """The texts of `[part]` by their names, without values. Raises KeyError if there are none."""
        start = f"{part}."
        found = {key.removeprefix(start): text for key, text in self.texts.items() if key.startswith(start)}
        if not found:
            raise KeyError(part)
        return found


def read_texts(file: Path) -> dict[str, str]:
    """The texts of one file by their keys. Raises BadCatalogue."""
    try:
        parts = _FILE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")), strict=True)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCatalogue(f"{file}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadCatalogue(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return {f"{part}.{name}": text for part, texts in parts.items() for name, text in texts.items()}


def _format_values(text: str) -> set[str]:
    """The names of the values. Raises ValueError for a value that would fail only when it is filled in."""
    values = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name or name[0].isdigit() or conversion or "{" in (form or ""):
            raise ValueError("a value is written {name} or {name:format}")
        values.add(re.split(r"[.\[]", name)[0])
    return values


class _Number(int):
    """A whole number in a text. `{n:year/years}` is the word for one, or for any other number."""

    def __format__(self, form: str) -> str:
        one, either, several = form.partition("/")
        return (one if self == 1 else several) if either else super().__format__(form)


def _pick(value: object, at: int) -> object:
    if isinstance(value, Text):
        return value[at]
    return _Number(value) if type(value) is int else value


_TIMES = TextCatalogue(Path(__file__).parent / "texts").part("time")


def day_text(language: Language, day: date) -> str:
    """25/11/2026, or 25 November 2026."""
    return _TIMES["day"].fill(day=day).pick(language)


def moment_text(language: Language, at: datetime, zone: str) -> str:
    """The instant on the clock of `zone`, to the minute."""
    local = at.astimezone(ZoneInfo(zone))
    return _TIMES["moment"].fill(at=local).pick(language)
