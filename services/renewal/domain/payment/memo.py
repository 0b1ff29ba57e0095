"""Memos of bank transfers, the order codes in them, and the keys by which a clerk finds them.

Banks write memos anew: in capitals, without Vietnamese marks, with spaces where their lines end, glued to
their own numbers, and cut.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from services.renewal.domain.numbers import value_of
from shared.text.names import fold

CORE = 8
"""The characters of an order code after its `GH`."""
_LONGEST = 1000
_MOST_KEYS = 100
_READ_ALIKE = str.maketrans("OIL", "011")
_SEPARATORS = re.compile("[^0-9A-Z]+")
_LETTER = "[0-9A-TV-Z]"
_CODE = re.compile(rf"(?=G ?H((?: ?{_LETTER}){{{CORE}}})(?![^ ]))|(?=G ?H((?: ?{_LETTER}){{{CORE}}}))")
_ANCHOR = re.compile(r"(?=G ?H)")
_WRITTEN = re.compile(rf"(?<![^ ])GH ?({_LETTER}{{4}}) ?({_LETTER}{{4}})(?![^ ])")


@dataclass(frozen=True, slots=True)
class CodeReading:
    """Eight characters after a `GH`. `gaps` are the places of spaces between them: 1 to 7.

    `glued`: other characters follow at once, so that the code may end earlier.
    """

    core: str
    at: int
    gaps: tuple[int, ...]
    glued: bool


def fold_memo(memo: str) -> str:
    """ASCII capitals and digits, with one space for each run of anything else."""
    text = memo[:_LONGEST]
    if not text.isascii():
        text = fold(text)
    return _SEPARATORS.sub(" ", text.upper()).strip()


def read_alike(folded: str) -> str:
    """A folded memo with O as 0, and I and L as 1, as order codes are read."""
    return folded.translate(_READ_ALIKE)


def code_readings(memo: str) -> Iterator[CodeReading]:
    """All places of `memo` (folded, read alike) where a whole order code may stand."""
    for found in _CODE.finditer(memo):
        glued = found[1] is None
        spaced = found[2] if glued else found[1]
        pieces = spaced.strip().split(" ")
        gaps, so_far = [], 0
        for piece in pieces[:-1]:
            so_far += len(piece)
            gaps.append(so_far)
        yield CodeReading("".join(pieces), found.start(), tuple(gaps), glued)


def after_anchors(memo: str) -> Iterator[tuple[int, str]]:
    """The place of each `GH`, and up to nine characters that follow it."""
    for found in _ANCHOR.finditer(memo):
        yield found.start(), memo[found.start() : found.start() + 24].replace(" ", "")[2 : CORE + 3]


def written_cores(memo: str, known: Container[str] = ()) -> set[str]:
    """What stands alone in the shape of an order code and has the right check character, but for the known
    ones."""
    cores = (first + second for first, second in _WRITTEN.findall(memo))
    return {core for core in cores if core not in known and not core.isalpha() and value_of(core) is not None}


def memo_keys(*printed: str) -> tuple[str, ...]:
    """The search keys of what a bank printed, without duplicates and at most _MOST_KEYS: the order codes in
    it, however they are spaced or glued, then its words, folded and read alike."""
    texts = [read_alike(fold_memo(text)) for text in printed]
    codes = [f"GH{reading.core}" for text in texts for reading in code_readings(text)]
    keys = dict.fromkeys([*codes, *(word for text in texts for word in text.split())])
    return tuple(keys)[:_MOST_KEYS]


def sought_memo_keys(typed: str) -> tuple[str, ...]:
    """What the keys of a line must begin with, the longest first. Empty where nothing can be searched for."""
    folded = _WRITTEN.sub(r"GH\1\2", read_alike(fold_memo(typed)))
    return tuple(sorted(dict.fromkeys(folded.split()), key=len, reverse=True))
