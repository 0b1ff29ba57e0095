"""The level of a signature by what the file itself holds, as EU DSS names it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelEvidence:
    """`pades`: the signature has PAdES's form and states its certificate; otherwise it is plain PKCS#7.
    `revocation_kept`: the file holds what says whether the certificate is revoked. `sealed_later`: a document
    time stamp covers that too."""

    pades: bool
    time_stamped: bool
    revocation_kept: bool
    sealed_later: bool


def level_of(found: LevelEvidence) -> str:
    """`PAdES-BASELINE-B`, `-T`, `-LT` or `-LTA`; `PKCS7-B` and so on for a signature of the older form."""
    step = "B"
    if found.time_stamped:
        step = "T"
        if found.revocation_kept:
            step = "LTA" if found.sealed_later else "LT"
    return f"{'PAdES-BASELINE' if found.pades else 'PKCS7'}-{step}"
