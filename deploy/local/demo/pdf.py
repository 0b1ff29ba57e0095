"""Reads PDF signatures and text with poppler, which shares no code with the services."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PdfSignatures:
    """Counts of signature fields: with an intact signature, with a broken one, and empty."""

    intact: int
    broken: int
    empty: int

    @property
    def filled(self) -> int:
        return self.intact + self.broken


def signatures(file: Path) -> PdfSignatures:
    """Checks integrity only. Trust in the signer is a matter for those who know the roots."""
    # Exit status 2 means that there is no signature; that is no error here.
    listed = subprocess.run(
        ["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False
    ).stdout
    fields = listed.count("Signature #")
    intact = listed.count("Signature Validation: Signature is Valid.")
    empty = listed.count("The signature form field is not signed.")
    return PdfSignatures(intact, fields - intact - empty, empty)


def text(file: Path) -> str:
    """The text as a reader would copy it, with lines joined."""
    found = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True)
    return " ".join(found.stdout.split())
