"""What the command-line tools print, from texts/*.toml: Vietnamese / English on one line."""

from pathlib import Path

from shared.text.i18n import TextCatalogue

TEXTS = TextCatalogue(Path(__file__).parent / "texts")


def line(key: str, /, **values: object) -> str:
    """The text of `key` in both languages."""
    return TEXTS.both(key, **values).line


def usage(command: str, option: str) -> str:
    """What the options of `command` lack, for the argument parser: its own messages are in English."""
    text = TEXTS.both(f"option.{option}")
    return f"{command}: {text.en} / {text.vi}"
