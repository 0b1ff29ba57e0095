"""What the local stack prints, from texts/*.toml, in both languages."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

both = TextCatalogue(Path(__file__).parent / "texts").both


def line(key: str, /, **values: object) -> str:
    """Both languages on one line."""
    return both(key, **values).line
