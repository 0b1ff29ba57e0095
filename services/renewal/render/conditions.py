"""The general conditions of contract: one file per edition, `templates/LINE/conditions/DATE.html`.

A form names the edition in force on its day, by name and SHA-256. So the bytes of an edition must never
change: changed conditions are a new file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

from services.renewal.render.in_force import in_force
from shared.events.renewal import Conditions

_KIND = "conditions"


@dataclass(frozen=True, slots=True)
class ConditionsEdition:
    """An edition. `content` is the file's bytes, UTF-8. `clauses` are its key clauses by language ("vi",
    "en")."""

    reference: Conditions
    since: date
    content: bytes
    clauses: Mapping[str, tuple[str, ...]]


class ConditionsArchive:
    """All editions below `templates`, read once. People read an edition at `address`/LINE/DATE."""

    def __init__(self, templates: Path, address: str = "") -> None:
        self._templates = templates
        self._address = address
        read = (_read(path) for path in templates.glob(f"*/{_KIND}/*.html"))
        self._editions = {edition.reference.edition: edition for edition in read}

    def in_force(self, line: str, day: date) -> ConditionsEdition | None:
        """The edition that a form of that line names if it is made on `day`. None where none is in force
        yet."""
        try:
            path = in_force(self._templates, line, _KIND, day)
        except LookupError:
            return None
        return self._editions[_name(Path(path))]

    def url(self, named: Conditions | None) -> str | None:
        return f"{self._address}/{named.edition}" if named else None

    def find(self, edition: str) -> ConditionsEdition | None:
        return self._editions.get(edition)


def _name(path: Path) -> str:
    """`LINE/DATE`."""
    return f"{path.parent.parent.name}/{path.stem}"


def _read(path: Path) -> ConditionsEdition:
    content = path.read_bytes()
    clauses = _Clauses()
    clauses.feed(content.decode("utf-8"))
    return ConditionsEdition(
        reference=Conditions(edition=_name(path), sha256=sha256(content).hexdigest()),
        since=date.fromisoformat(path.stem),
        content=content,
        clauses={language: tuple(found) for language, found in clauses.found.items()},
    )


class _Clauses(HTMLParser):
    """Collects the items of `<ol data-clauses>` in each `<section lang=…>`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._language = ""
        self._listed = self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "section":
            self._language = attributes.get("lang") or ""
        elif tag == "ol":
            self._listed = "data-clauses" in attributes
        elif tag == "li" and self._listed:
            self._open = True
            self.found.setdefault(self._language, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._listed = self._listed and tag != "ol"
        self._open = self._open and tag != "li"

    def handle_data(self, data: str) -> None:
        if self._open:
            items = self.found[self._language]
            items[-1] = " ".join(f"{items[-1]} {data}".split())
