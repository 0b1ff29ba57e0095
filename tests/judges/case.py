"""What is judged: a file, what each judge must say of it, and what it said."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field

BASIC, LONG_TERM, ARCHIVAL = (f"PAdES-BASELINE-{level}" for level in ("B", "LT", "LTA"))
"""The levels of the signatures that are made through us, as EU DSS names them."""
PASSED, PASSED_LONG_TERM, PASSED_ARCHIVAL = (
    f"TOTAL_PASSED {level}" for level in (BASIC, LONG_TERM, ARCHIVAL)
)

DSS, VERAPDF, PDFSIG, OURS, OPENSC = "EU DSS", "veraPDF", "pdfsig", "Gia Hạn", "pkcs11-tool"
REPORT = "Gia Hạn's report"
"""Our validation report, which must say what EU DSS says."""

PDF_A, NOT_PDF_A = "PDF/A-3b", "not PDF/A-3b"
TRUSTED = "Signature is Valid, Certificate is Trusted"
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Case:
    """A file's name, and by judge what that judge must say of it. The others aren't asked."""

    file: str
    expected: Mapping[str, str]


Judge = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""Says a word about each file, by its name."""


class Verdict(BaseModel):
    model_config = ConfigDict(frozen=True)

    file: str
    judge: str
    expected: str
    said: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ok(self) -> bool:
        return self.said == self.expected


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of the judged files."""

    folder: Path

    def path(self, file: str) -> Path:
        return self.folder / file

    def read(self, file: str) -> bytes:
        return self.path(file).read_bytes()

    def write(self, file: str, content: bytes) -> None:
        self.path(file).write_bytes(content)
