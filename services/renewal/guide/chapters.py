"""The chapters of the guide for offices, from its texts and pictures."""

import re
from dataclasses import dataclass
from pathlib import Path

from shared.text.i18n import TextCatalogue

_HERE = Path(__file__).parent
PICTURES = _HERE / "pictures"
_TEXTS = TextCatalogue(_HERE / "texts").part("guide")
_STEP = re.compile(r"(?P<name>[a-z]+)_[1-9]")
NAMES = (
    "notice",
    "declare",
    "review",
    "send",
    "sign",
    "paper",
    "contract",
    "registration",
    "payment",
    "invoice",
    "history",
    "joint",
    "resources",
    "recovery",
    "help",
)
"""In the order of the page. A screen links the chapter of its name."""


@dataclass(frozen=True, slots=True)
class GuideChapter:
    """`steps`: how many there are; each has a text. `size`: the width and height of the picture of the
    screen, None where there is none."""

    name: str
    steps: int
    size: tuple[int, int] | None


def chapters() -> tuple[GuideChapter, ...]:
    steps = [found["name"] for key in _TEXTS if (found := _STEP.fullmatch(key))]
    sizes = {file.stem: _size(file) for file in PICTURES.glob("*.png")}
    return tuple(GuideChapter(name, steps.count(name), sizes.get(name)) for name in NAMES)


def _size(file: Path) -> tuple[int, int]:
    """Of a PNG: its header begins with both, as numbers of four bytes. A page that knows them does not jump
    when the picture comes."""
    header = file.read_bytes()[16:24]
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
