"""What the routes of remote signing answer."""

from datetime import datetime

from pydantic import BaseModel

from services.signing.domain.attempt import Signable
from services.signing.domain.attempt_steps import certificate_cautions, find_attempt
from services.signing.domain.remote import RemoteFailure, RemoteSession, RemoteStatus
from services.signing.pades.certificates import common_name, name_of
from services.signing.signatures.remote.choice import FoundKey
from services.signing.signatures.views import CertificateVerdictView, SignerWarning, verdict_view
from services.signing.texts import CAUTIONS, REASONS, REFUSALS, REMOTE


class RemoteFailureView(BaseModel):
    """`reason` is the code of what was wrong with the signature or the document, if anything was."""

    code: RemoteFailure
    reason: str
    message: tuple[str, str]


class RemoteView(BaseModel):
    """`status`: asked (the person confirms on the phone until `until`), confirmed (the signature is being
    checked), completed, failed, expired or cancelled. `signer` is the name in the certificate."""

    attempt: int
    provider: str
    status: RemoteStatus
    signer: str
    title: tuple[str, str]
    until: datetime
    failure: RemoteFailureView | None
    warnings: list[SignerWarning]


class FoundCertificateView(CertificateVerdictView):
    """A certificate at the provider. `certificate` is its SHA-256, by which the person picks it. `codes` are
    those of offices, never of persons."""

    certificate: str
    holder: str
    issuer: str
    codes: tuple[str, ...]
    valid_to: datetime


def found_view(document: Signable, found: FoundKey) -> FoundCertificateView:
    certificate = found.verdict.certificate
    return FoundCertificateView(
        **verdict_view(document, found.verdict).model_dump(),
        certificate=found.fingerprint,
        holder=common_name(found.signer),
        issuer=name_of(found.signer.issuer),
        codes=certificate.tax_codes + certificate.budget_codes if certificate else (),
        valid_to=found.signer["tbs_certificate"]["validity"]["not_after"].native,
    )


def remote_view(session: RemoteSession, document: Signable, now: datetime) -> RemoteView:
    return RemoteView(
        attempt=session.attempt,
        provider=session.provider,
        status=session.status_at(now),
        signer=session.signer,
        title=session.title,
        until=session.until,
        failure=_failure(session),
        warnings=_warnings(session, document) if session.is_unfinished else [],
    )


def _failure(session: RemoteSession) -> RemoteFailureView | None:
    if session.failure is None:
        return None
    message = REASONS.get(session.reason) or REFUSALS.get(session.reason) or REMOTE[session.failure]
    return RemoteFailureView(code=session.failure, reason=session.reason, message=message)


def _warnings(session: RemoteSession, document: Signable) -> list[SignerWarning]:
    found = certificate_cautions(document, find_attempt(document, session.attempt).certificate)
    return [SignerWarning(code=caution, message=CAUTIONS[caution]) for caution in found]
