"""What the signing service can be told."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from services.signing.pades.usage import PURPOSES
from shared.runtime.settings import Settings


class SigningSettings(Settings):
    trust_roots: Path = Field(description="PEM file of the roots that certificates must lead to")
    trust_intermediates: Path | None = Field(None, description="PEM file of the CAs under them")
    crls: Path | None = Field(None, description="Folder of revocation lists (*.crl)")
    require_revocation: bool = Field(False, description="Refuse certificates that no list speaks of")
    signer_purposes: frozenset[Annotated[str, Field(pattern=r"^\d+(\.\d+)+$")]] = Field(
        PURPOSES, min_length=1, description="Extended key usages that may sign, where one is named (JSON)"
    )
    seal_p12: Path = Field(description="The vendor's PKCS#12 file")
    seal_password: SecretStr
    seal_check_seconds: float = Field(
        60, gt=0, le=3600, description="Pause between looks whether the seal's certificate may sign"
    )
    old_padding: bool = Field(True, description="Take RSA with PKCS#1 v1.5, with a warning")
    attempt_lifetime: timedelta = Field(
        timedelta(minutes=30),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="How long a digest given out may be answered",
    )
    stamp_zone: str = Field("Asia/Ho_Chi_Minh", description="IANA zone of the times on stamps")
    pdf_processes: int = Field(2, ge=1, le=32, description="Processes that read and write PDFs")
    pdf_seconds: float = Field(20, gt=0, le=120, description="After which such a process is killed")
    wait_seconds: float = Field(
        10, gt=0, description="How much longer whoever signs waits for a process and a save"
    )

    @property
    def answer_seconds(self) -> float:
        """Within which whoever signs has an answer."""
        return self.pdf_seconds + self.wait_seconds
