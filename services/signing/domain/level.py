"""The PAdES level of a signature: what the file itself holds to prove it."""

from enum import StrEnum


class SignatureLevel(StrEnum):
    """BASIC: the signature alone. LONG_TERM: a time stamp and what it and the signature are judged by.
    ARCHIVAL: on top of that a time stamp of the whole document, which a newer one replaces before it ages."""

    BASIC = "B-B"
    LONG_TERM = "B-LT"
    ARCHIVAL = "B-LTA"
