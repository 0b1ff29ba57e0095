"""The texts of pages in one language: the shell's and those of a service."""

from datetime import date, datetime
from pathlib import Path

from shared.text.i18n import LANGUAGES, Language, Text, TextCatalogue, day_text, moment_text

SHELL = TextCatalogue(Path(__file__).parent / "texts")


class PageWords:
    def __init__(self, language: Language, *catalogues: TextCatalogue) -> None:
        self.language = language
        self.texts = {key: text for each in (SHELL, *catalogues) for key, text in each.texts.items()}

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `key` (`part.name`). Raises KeyError where the text or one of its values is missing."""
        return self.texts[key].fill(**values).pick(self.language)

    def hint(self, key: str) -> str:
        """The text of `key` followed by `_hint`. Empty if there is none: an input may have a hint."""
        return self(f"{key}_hint") if f"{key}_hint" in self.texts else ""

    def pick(self, text: Text) -> str:
        return text.pick(self.language)

    def day(self, day: date) -> str:
        return day_text(self.language, day)

    def gigabytes(self, size: int) -> str:
        """`size` bytes: 1,5 or 1.5."""
        text = f"{size / 2**30:.1f}"
        return text.replace(".", ",") if self.language == "vi" else text

    def moment(self, at: datetime, zone: str) -> str:
        return moment_text(self.language, at, zone)


def page_words(*catalogues: TextCatalogue) -> dict[Language, PageWords]:
    """For each language, the shell's texts with those of a service's `catalogues`."""
    return {language: PageWords(language, *catalogues) for language in LANGUAGES}
