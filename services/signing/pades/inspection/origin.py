"""What tells whether a PDF may be a document of ours: the hashes of its revisions, and the numbers in it."""

import re
from hashlib import sha256
from itertools import islice

from services.signing.pades.uploaded.file import text_of

_END = re.compile(rb"%%EOF(\r\n|\r|\n)?")
_MOST_REVISIONS = 40
_NUMBER = re.compile("GH-[0-9A-Z]{4}-[0-9A-Z]{4}")
_MOST_NUMBERS = 4


def hash_revisions(pdf: bytes) -> tuple[str, ...]:
    """The SHA-256 of what the file was at the end of each revision, the shortest first; the last is the whole
    file's. A revision ends with `%%EOF` or in the line break after it: the next one may begin with
    the second half of that."""
    ends = {
        end
        for found in islice(_END.finditer(pdf), _MOST_REVISIONS)
        for end in range(found.start() + 5, found.end() + 1)
    }
    digest, done, hashes = sha256(), 0, []
    for end in sorted(ends | {len(pdf)}):
        digest.update(memoryview(pdf)[done:end])
        done = end
        hashes.append(digest.copy().hexdigest())
    return tuple(hashes)


def read_numbers(pdf: bytes) -> tuple[str, ...]:
    """The registration numbers in the text of the first pages."""
    return tuple(islice(dict.fromkeys(_NUMBER.findall(text_of(pdf))), _MOST_NUMBERS))
