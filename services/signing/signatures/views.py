"""What the routes of signing answer."""

from base64 import b64encode
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.signing.domain.attempt import Attempt, Signable
from services.signing.domain.attempt_steps import Caution, cautions, certificate_cautions
from services.signing.domain.certificate import Match, match
from services.signing.domain.contract import ContractSeal, SealStatus
from services.signing.domain.form import SigningForm
from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import PreservedFile
from services.signing.signatures.verdicts import CertificateVerdict
from services.signing.texts import CAUTIONS, LEVELS, REASONS, REFUSALS
from shared.events.base import DocumentRef, SendBy


class SignerWarning(BaseModel):
    code: Caution
    message: tuple[str, str]


class CertificateRefusal(BaseModel):
    code: str
    message: tuple[str, str]


class CertificateVerdictView(BaseModel):
    """Whether a certificate can sign the document. `match` says which code is the office's, or `review`: the
    vendor looks at the signature. With a `refusal` it can't sign."""

    match: Match | None
    refusal: CertificateRefusal | None
    warnings: list[SignerWarning]


class AttemptView(BaseModel):
    """`digest` is base64. The key signs it as it is, not hashed again, by `algorithm` (RFC 7518 name)."""

    attempt: int
    digest: str
    algorithm: str
    expires_at: datetime
    warnings: list[SignerWarning]


class ProofView(BaseModel):
    """What proves the newest signed file. `level` is that of `newest`: the signed file itself, as version 0,
    until a version with newer proof is made."""

    level: SignatureLevel
    message: tuple[str, str]
    newest: DocumentRef
    version: int


class FormSigningView(BaseModel):
    """`signed_form` is set once `status` is signed. `send_by` paper: the form awaits no signature here.
    `proof` is None until it is signed, and for a signature that an older release took."""

    renewal_id: UUID
    revision: int
    status: str
    send_by: SendBy
    form: DocumentRef
    signed_form: DocumentRef | None
    proof: ProofView | None
    warnings: list[SignerWarning]


class ContractView(BaseModel):
    """`status`: awaiting (the office signs until `sign_by`), signed (by the office, not sealed yet), sealed,
    void, or not_asked (the office doesn't sign it). `signed_contract` is the newest signed file."""

    renewal_id: UUID
    contract_number: str
    status: Literal["awaiting", "signed", "sealed", "void", "not_asked"]
    sign_by: date | None
    contract: DocumentRef
    signed_contract: DocumentRef | None
    proof: ProofView | None
    warnings: list[SignerWarning]


def attempt_view(document: Signable, attempt: Attempt) -> AttemptView:
    return AttemptView(
        attempt=attempt.n,
        digest=b64encode(attempt.digest).decode(),
        algorithm=attempt.algorithm,
        expires_at=attempt.expires_at,
        warnings=_warnings(cautions(document, attempt)),
    )


def verdict_view(document: Signable, verdict: CertificateVerdict) -> CertificateVerdictView:
    """Raises no error: a certificate that can't sign has its `refusal`."""
    found, subject = verdict.certificate, document.subject
    reason = verdict.invalidity or verdict.refusal
    texts = REASONS if verdict.invalidity else REFUSALS
    return CertificateVerdictView(
        match=match(found, subject.tax_code, subject.budget_code) if found else None,
        refusal=CertificateRefusal(code=reason, message=texts[reason]) if reason else None,
        warnings=_warnings(certificate_cautions(document, found)) if found else [],
    )


def form_view(form: SigningForm, proof: PreservedFile | None) -> FormSigningView:
    return FormSigningView(
        renewal_id=form.renewal_id,
        revision=form.revision,
        status=form.status,
        send_by=form.send_by,
        form=form.form,
        signed_form=form.signed_form,
        proof=_proof_view(proof) if proof else None,
        warnings=_warnings(cautions(form, form.attempts[-1])) if form.attempts else [],
    )


def contract_view(seal: ContractSeal, proof: PreservedFile | None) -> ContractView:
    return ContractView(
        renewal_id=seal.contract.renewal_id,
        contract_number=seal.contract.contract_number,
        status=_status(seal),
        sign_by=seal.contract.sign_by,
        contract=seal.contract.contract,
        signed_contract=seal.signed_document,
        proof=_proof_view(proof) if proof else None,
        warnings=_warnings(cautions(seal, seal.attempts[-1])) if seal.attempts else [],
    )


def _proof_view(proof: PreservedFile) -> ProofView:
    return ProofView(
        level=proof.level,
        message=LEVELS[proof.level],
        newest=proof.newest,
        version=len(proof.versions),
    )


def _status(seal: ContractSeal) -> Literal["awaiting", "signed", "sealed", "void", "not_asked"]:
    if seal.status is not SealStatus.PREPARED:
        return "sealed" if seal.status is SealStatus.SEALED else "void"
    if seal.contract.sign_by is None:
        return "not_asked"
    return "awaiting" if seal.can_be_signed else "signed"


def _warnings(found: tuple[Caution, ...]) -> list[SignerWarning]:
    return [SignerWarning(code=caution, message=CAUTIONS[caution]) for caution in found]
