"""What signing found about the signatures in one document, as it told the dossiers."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.base import DocumentRef, Sha256


class SignatureReport(BaseModel):
    """The validation report on the signed file `document`. `files`: the same report as PDF and as JSON.
    `indication` is its verdict, in the words of ETSI EN 319 102-1."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    document: Sha256
    indication: str
    made_at: AwareDatetime
    files: tuple[DocumentRef, ...]
