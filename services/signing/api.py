"""HTTP: an office signs its form with a key that stays with it. Hash out, signature in."""

from base64 import b64encode
from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from services.signing.domain.attempts import Caution, cautions
from services.signing.domain.document import Attempt, SigningDocument
from services.signing.domain.refusal import Refusal, Refused
from services.signing.form_signing import FormSigning
from services.signing.pades.rejection import Rejected
from services.signing.texts import CAUTIONS, REASONS, REFUSALS
from shared.events.base import DocumentRef, SendBy
from shared.people import Keys, Person, Role, asking
from shared.problems import Problem

T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertificatesBody(_Body):
    """DER in base64: the signer's certificate first, then those it was issued under."""

    certificates: tuple[Annotated[Base64Bytes, Field(max_length=16_384)], ...] = Field(
        min_length=1, max_length=8
    )


class SignatureBody(_Body):
    """The signature value in base64."""

    signature: Base64Bytes = Field(max_length=1024)


class Warned(BaseModel):
    code: Caution
    message: tuple[str, str]


class Opened(BaseModel):
    """`digest` is base64 and is to be signed as it is, by `algorithm` (RFC 7518 names)."""

    attempt: int
    digest: str
    algorithm: str
    expires_at: datetime
    warnings: list[Warned]


class FormView(BaseModel):
    """`signed_form` is there once `status` is signed; `send_by` paper: it awaits no signature."""

    renewal_id: UUID
    revision: int
    status: str
    send_by: SendBy
    form: DocumentRef
    signed_form: DocumentRef | None
    warnings: list[Warned]


def router(signing: FormSigning, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/forms/{renewal}")
    renewer = Depends(asking(keys, Role.RENEWER, cost=2))

    async def own_form(renewal: UUID, who: Annotated[Person, renewer]) -> SigningDocument:
        """The form, if it is of the office of who asks."""
        form = await signing.forms.get(renewal)
        if form is None or not who.belongs_to(form.office_ref):
            raise Problem(404, "form-unknown", ("Không tìm thấy phiếu", "There is no such form"))
        return form

    own = Depends(own_form)

    @routes.get("")
    async def look(form: Annotated[SigningDocument, own]) -> FormView:
        return _view(form)

    @routes.post("/attempts", status_code=201)
    async def begin(form: Annotated[SigningDocument, own], body: CertificatesBody) -> Opened:
        """Check the certificate and give out the digest to sign. Closes an earlier attempt."""
        attempt = await _answered(signing.begin(form, body.certificates))
        return Opened(
            attempt=attempt.n,
            digest=b64encode(attempt.digest).decode(),
            algorithm=attempt.algorithm,
            expires_at=attempt.expires_at,
            warnings=_warnings(form, attempt),
        )

    @routes.put("/attempts/{n}/signature")
    async def complete(form: Annotated[SigningDocument, own], n: int, body: SignatureBody) -> FormView:
        """Take the signature. Repeating a signature that was taken gives the same answer."""
        return _view(await _answered(signing.complete(form, n, body.signature)))

    return routes


async def _answered(command: Awaitable[T]) -> T:
    """What the command returns; what it refuses becomes a problem with its text."""
    try:
        return await command
    except Refused as refused:
        status = 404 if refused.why is Refusal.NO_SUCH_ATTEMPT else 409
        raise Problem(status, _name(refused.why), REFUSALS[refused.why]) from None
    except Rejected as rejected:
        raise Problem(422, _name(rejected.reason), REASONS[rejected.reason]) from None


def _name(code: str) -> str:
    return code.replace("_", "-")


def _warnings(form: SigningDocument, attempt: Attempt) -> list[Warned]:
    return [Warned(code=caution, message=CAUTIONS[caution]) for caution in cautions(form, attempt)]


def _view(form: SigningDocument) -> FormView:
    return FormView(
        renewal_id=form.renewal_id,
        revision=form.revision,
        status=form.status,
        send_by=form.send_by,
        form=form.form,
        signed_form=form.signed_form,
        warnings=_warnings(form, form.attempts[-1]) if form.attempts else [],
    )
