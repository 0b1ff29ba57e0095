"""HTTP: an office signs its form with its own key, and its contract if it is to sign that too. It gets a
digest and returns the signature value."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from services.signing.domain.attempt import Attempt, Signable
from services.signing.domain.attempt_steps import Caution, cautions
from services.signing.domain.contract import ContractSeal, SealStatus
from services.signing.domain.form import SigningForm
from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.pades.rejection import Rejected
from services.signing.signatures.service import SigningService
from services.signing.texts import CAUTIONS, REASONS, REFUSALS, UNKNOWN
from shared.events.base import DocumentRef, SendBy
from shared.web.people import Person, Role, TokenVerifier, require_person
from shared.web.problems import Problem

T = TypeVar("T")
S = TypeVar("S", bound=Signable)
V = TypeVar("V", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertificatesBody(_Body):
    """DER in base64: the signer's certificate first, then its issuers'."""

    certificates: tuple[Annotated[Base64Bytes, Field(max_length=16_384)], ...] = Field(
        min_length=1, max_length=8
    )


class SignatureBody(_Body):
    """The signature value in base64."""

    signature: Base64Bytes = Field(max_length=1024)


class SignerWarning(BaseModel):
    code: Caution
    message: tuple[str, str]


class AttemptView(BaseModel):
    """`digest` is base64. The key signs it as it is, not hashed again, by `algorithm` (RFC 7518 name)."""

    attempt: int
    digest: str
    algorithm: str
    expires_at: datetime
    warnings: list[SignerWarning]


class FormSigningView(BaseModel):
    """`signed_form` is set once `status` is signed. `send_by` paper: the form awaits no signature here."""

    renewal_id: UUID
    revision: int
    status: str
    send_by: SendBy
    form: DocumentRef
    signed_form: DocumentRef | None
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
    warnings: list[SignerWarning]


def forms(signing: SigningService[SigningForm], verifier: TokenVerifier) -> APIRouter:
    unknown = Problem(404, "form-unknown", UNKNOWN["form"])
    return _router("/v1/forms/{renewal}", signing, verifier, _form_view, FormSigningView, unknown)


def contracts(signing: SigningService[ContractSeal], verifier: TokenVerifier) -> APIRouter:
    unknown = Problem(404, "contract-unknown", UNKNOWN["contract"])
    return _router("/v1/contracts/{renewal}", signing, verifier, _contract_view, ContractView, unknown)


def _router(
    prefix: str,
    signing: SigningService[S],
    verifier: TokenVerifier,
    view: Callable[[S], V],
    answer: type[V],
    unknown: Problem,
) -> APIRouter:
    routes = APIRouter(prefix=prefix)
    renewer = Depends(require_person(verifier, Role.RENEWER, cost=2))

    async def own_document(renewal: UUID, who: Annotated[Person, renewer]) -> S:
        """The document. A person of another office gets 404, as if it did not exist."""
        found = await signing.store.get(renewal)
        if found is None or not who.belongs_to(found.subject.office_ref):
            raise unknown
        return found

    own = Depends(own_document)

    @routes.get("", response_model=answer)
    async def look(document: Annotated[S, own]) -> V:
        return view(document)

    @routes.post("/attempts", status_code=201)
    async def begin(document: Annotated[S, own], body: CertificatesBody) -> AttemptView:
        """Check the certificate and give out the digest to sign. This closes an earlier attempt."""
        attempt = await _problems(signing.begin(document, body.certificates))
        return AttemptView(
            attempt=attempt.n,
            digest=b64encode(attempt.digest).decode(),
            algorithm=attempt.algorithm,
            expires_at=attempt.expires_at,
            warnings=_warnings(document, attempt),
        )

    @routes.put("/attempts/{n}/signature", response_model=answer)
    async def complete(document: Annotated[S, own], n: int, body: SignatureBody) -> V:
        """Accept the signature. The same signature sent again gets the same answer."""
        return view(await _problems(signing.complete(document, n, body.signature)))

    return routes


async def _problems(command: Awaitable[T]) -> T:
    """The command's result. A refusal becomes a Problem with its text."""
    try:
        return await command
    except SigningError as refused:
        status = 404 if refused.why is RefusalReason.NO_SUCH_ATTEMPT else 409
        raise Problem(status, _name(refused.why), REFUSALS[refused.why]) from None
    except Rejected as rejected:
        raise Problem(422, _name(rejected.reason), REASONS[rejected.reason]) from None


def _name(code: str) -> str:
    return code.replace("_", "-")


def _warnings(document: Signable, attempt: Attempt) -> list[SignerWarning]:
    return [SignerWarning(code=caution, message=CAUTIONS[caution]) for caution in cautions(document, attempt)]


def _form_view(form: SigningForm) -> FormSigningView:
    return FormSigningView(
        renewal_id=form.renewal_id,
        revision=form.revision,
        status=form.status,
        send_by=form.send_by,
        form=form.form,
        signed_form=form.signed_form,
        warnings=_warnings(form, form.attempts[-1]) if form.attempts else [],
    )


def _contract_view(seal: ContractSeal) -> ContractView:
    return ContractView(
        renewal_id=seal.contract.renewal_id,
        contract_number=seal.contract.contract_number,
        status=_status(seal),
        sign_by=seal.contract.sign_by,
        contract=seal.contract.contract,
        signed_contract=seal.sealed_contract or seal.signed_contract,
        warnings=_warnings(seal, seal.attempts[-1]) if seal.attempts else [],
    )


def _status(seal: ContractSeal) -> Literal["awaiting", "signed", "sealed", "void", "not_asked"]:
    if seal.status is not SealStatus.PREPARED:
        return "sealed" if seal.status is SealStatus.SEALED else "void"
    if seal.contract.sign_by is None:
        return "not_asked"
    return "awaiting" if seal.can_be_signed else "signed"
