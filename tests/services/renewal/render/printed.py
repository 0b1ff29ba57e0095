"""A document as printed: the position of each piece of text and each rule, in millimetres."""

from dataclasses import dataclass
from io import BytesIO
from typing import Self

import pdfplumber

MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Text:
    """A run of one font and size. Edges are distances from the page's left and upper edge."""

    said: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    font: str

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""

    left: float
    right: float
    at: float

    @property
    def length(self) -> float:
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Page:
    width: float
    height: float
    texts: tuple[Text, ...]
    rules: tuple[Rule, ...]

    def one(self, said: str) -> Text:
        """The only run that begins with this text."""
        (found,) = (text for text in self.texts if text.said.startswith(said))
        return found

    def rule_below(self, text: Text) -> Rule:
        """The nearest rule below the middle of the text."""
        under = [r for r in self.rules if r.at > text.bottom - 1 and r.left < text.middle < r.right]
        return min(under, key=lambda rule: rule.at)

    @property
    def body(self) -> list[Text]:
        """The runs between the top and bottom margins."""
        return [text for text in self.texts if text.top >= 20 and text.bottom <= self.height - 20]

    @property
    def said(self) -> str:
        return " ".join(text.said for text in self.texts)

    @classmethod
    def of(cls, page: pdfplumber.page.Page) -> Self:
        words = page.extract_words(keep_blank_chars=True, extra_attrs=["fontname", "size"])
        texts = (
            Text(
                said=word["text"],
                left=word["x0"] / MM,
                right=word["x1"] / MM,
                top=word["top"] / MM,
                bottom=word["bottom"] / MM,
                size=round(word["size"], 2),
                font=word["fontname"].partition("+")[2],
            )
            for word in words
        )
        drawn = (shape for shape in (*page.rects, *page.lines) if shape["width"] > 5 * MM)
        rules = (Rule(shape["x0"] / MM, shape["x1"] / MM, shape["bottom"] / MM) for shape in drawn)
        return cls(float(page.width) / MM, float(page.height) / MM, tuple(texts), tuple(rules))


def printed(pdf: bytes) -> list[Page]:
    with pdfplumber.open(BytesIO(pdf)) as document:
        return [Page.of(page) for page in document.pages]
