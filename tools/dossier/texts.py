"""Texts for people in Vietnamese and English, from texts/vi.toml and texts/en.toml."""

import tomllib
from importlib.resources import files
from typing import NamedTuple

_FOLDER = files("tools.dossier") / "texts"
"""In the package the files stand in a ZIP, and have no path."""


class Phrase(NamedTuple):
    vi: str
    en: str

    @property
    def line(self) -> str:
        """Both languages, one a line."""
        return f"{self.vi}\n  {self.en}"


def _read(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


VI, EN = _read("vi"), _read("en")


def words(part: str, name: str, /, **values: object) -> Phrase:
    """The text `name` of `[part]` with its values. Raises KeyError if there is none."""
    return Phrase(VI[part][name].format(**values), EN[part][name].format(**values))
