"""What poppler, which shares no code with the services, finds in a PDF."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PdfSignatures:
    """Signature fields that are filled with an intact signature, filled otherwise, and empty."""

    intact: int
    broken: int
    empty: int

    @property
    def filled(self) -> int:
        return self.intact + self.broken


def signatures(file: Path) -> PdfSignatures:
    """Integrity only: whether the signer is trusted is for who knows the roots."""
    # 2: there is none, which isn't a failure here.
    listed = subprocess.run(
        ["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False
    ).stdout
    fields = listed.count("Signature #")
    intact = listed.count("Signature Validation: Signature is Valid.")
    empty = listed.count("The signature form field is not signed.")
    return PdfSignatures(intact, fields - intact - empty, empty)


def text(file: Path) -> str:
    """The text as a reader copies it, lines joined."""
    found = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True)
    return " ".join(found.stdout.split())
