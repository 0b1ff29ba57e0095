"""Texts for people in Vietnamese and English, from texts/vi.toml and texts/en.toml."""

import tomllib
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent / "texts"


class Wording(NamedTuple):
    vi: str
    en: str

    @property
    def line(self) -> str:
        """Both languages on one line."""
        return " / ".join(self)


def _read(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


_VI, _EN = _read("vi"), _read("en")


def words(part: str, name: str, /, **values: object) -> Wording:
    """The text `name` of `[part]` with its values. Raises KeyError if there is none."""
    return Wording(_VI[part][name].format(**values), _EN[part][name].format(**values))
