"""What the demo's steps are called and what they check, from texts/*.toml, in both languages."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

both = TextCatalogue(Path(__file__).parent / "texts").both


def one_line(key: str, /, **values: object) -> str:
    return both(key, **values).line


def seen(key: str, value: object) -> str:
    """What a check saw, for its evidence."""
    return f"{one_line(f'seen.{key}')}: {value}"
