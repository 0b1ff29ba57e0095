"""The manifest of a dossier as this tool reads it. Unknown fields are ignored: a later release may add
some."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from tools.dossier.archive import BadArchive

FORMAT = "giahan-dossier-1"
EDITIONS = ("office", "desk")


@dataclass(frozen=True, slots=True)
class ListedFile:
    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """`path` None: the paper was missing when the dossier was made."""

    name: str
    size: int
    sha256: str
    path: str | None


@dataclass(frozen=True, slots=True)
class ListedChain:
    aggregate: str
    path: str
    entries: int
    last: str
    whole: bool


@dataclass(frozen=True, slots=True)
class ReadManifest:
    edition: str
    number: str
    files: tuple[ListedFile, ...]
    papers: tuple[ListedPaper, ...]
    chains: tuple[ListedChain, ...]

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Raises BadArchive."""
        content = _Fields(read_json(data), "manifest.json")
        if (format := content.text("format")) != FORMAT:
            raise BadArchive("other_format", where=ascii(format[:100]))
        if (edition := content.text("edition")) not in EDITIONS:
            raise BadArchive("bad_manifest", where="edition")
        return cls(
            edition=edition,
            number=content.text("registration_no"),
            files=tuple(_file(each) for each in content.rows("files")),
            papers=tuple(_paper(each) for each in content.rows("papers")),
            chains=tuple(_chain(each) for each in content.rows("chains")),
        )


def read_json(data: bytes) -> Any:
    """The value. Raises BadArchive for anything that two readers could read differently."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadArchive("bad_manifest", where="JSON") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


class _Fields:
    """The fields of a JSON object, each of the expected kind. Raises BadArchive."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise BadArchive("bad_manifest", where=where)
        self._value, self._where = value, where

    def text(self, name: str) -> str:
        return str(self._of(name, str))

    def number(self, name: str) -> int:
        return int(self._of(name, int))

    def flag(self, name: str) -> bool:
        value = self._value.get(name)
        if not isinstance(value, bool):
            raise BadArchive("bad_manifest", where=f"{self._where}.{name}")
        return value

    def text_or_none(self, name: str) -> str | None:
        return None if name in self._value and self._value[name] is None else self.text(name)

    def rows(self, name: str) -> list["_Fields"]:
        rows = self._of(name, list)
        return [_Fields(row, f"{name}[{place}]") for place, row in enumerate(rows)]

    def _of(self, name: str, kind: type) -> Any:
        value = self._value.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadArchive("bad_manifest", where=f"{self._where}.{name}")
        return value


def _file(row: _Fields) -> ListedFile:
    return ListedFile(row.text("path"), row.number("size"), row.text("sha256"))


def _paper(row: _Fields) -> ListedPaper:
    return ListedPaper(row.text("name"), row.number("size"), row.text("sha256"), row.text_or_none("path"))


def _chain(row: _Fields) -> ListedChain:
    path, last = row.text("path"), row.text("last")
    return ListedChain(row.text("aggregate"), path, row.number("entries"), last, row.flag("whole"))
