"""Chooses the template of a document by product line, kind and day."""

from datetime import date
from pathlib import Path

GENERAL = "general"


def in_force(templates: Path, line: str, kind: str, day: date) -> str:
    """The template below `templates`: LINE/KIND/DATE.html with the newest DATE that isn't after `day`.

    A line without a template of that kind in force takes the general one. Raises LookupError where there is
    no general one either.
    """
    for folder in (line, GENERAL):
        dates = (date.fromisoformat(path.stem) for path in (templates / folder / kind).glob("*.html"))
        if newest := max((each for each in dates if each <= day), default=None):
            return f"{folder}/{kind}/{newest}.html"
    raise LookupError(f"no template for a {kind} is in force on {day}")
