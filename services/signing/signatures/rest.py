"""HTTP: an office signs its form with its own key, and its contract if it is to sign that too. It gets a
digest and returns the signature value.

Programs call these routes with a token, and the page's script calls them with the visitor's session.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from services.signing.domain.attempt import Signable
from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm
from services.signing.domain.preservation import PreservedFile
from services.signing.pades.stamp.appearance import GivenImages
from services.signing.pades.stamp.image import LARGEST as LARGEST_IMAGE
from services.signing.pades.uploaded.file import LARGEST
from services.signing.signatures.file_response import file_response
from services.signing.signatures.refusals import as_problems
from services.signing.signatures.service import SigningService
from services.signing.signatures.views import (
    AttemptView,
    CertificateVerdictView,
    ContractView,
    FormSigningView,
    attempt_view,
    contract_view,
    form_view,
    verdict_view,
)
from services.signing.texts import UNKNOWN
from shared.events.base import Sha256
from shared.web.body_limit import whole_body
from shared.web.people import Person
from shared.web.problems import Problem

S = TypeVar("S", bound=Signable)
V = TypeVar("V", bound=BaseModel)

Renewer = Callable[..., Awaitable[Person]]
"""A dependency: the person of the request, who has the role of a renewer."""


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Chain = Annotated[
    tuple[Annotated[Base64Bytes, Field(max_length=16_384)], ...], Field(min_length=1, max_length=8)
]
"""DER in base64: the signer's certificate first, then its issuers'."""


Png = Annotated[Base64Bytes, Field(max_length=2 * LARGEST_IMAGE)]
"""A PNG in base64, with transparent ground."""


class ImagesBody(_Body):
    """What the stamp shows besides name and time: the signer's handwriting and the organisation's seal."""

    signer: Png | None = None
    seal: Png | None = None


class AttemptBody(_Body):
    """`document` is the SHA-256 of the document that the signer saw."""

    certificates: Chain
    images: ImagesBody = ImagesBody()
    document: Sha256 | None = None


class ChainsBody(_Body):
    """The certificates from which the person can choose, each with its issuers'."""

    chains: tuple[Chain, ...] = Field(min_length=1, max_length=16)


class SignatureBody(_Body):
    """The signature value in base64."""

    signature: Base64Bytes = Field(max_length=1024)


def forms(signing: SigningService[SigningForm], renewer: Renewer, root: str = "/v1") -> APIRouter:
    unknown = Problem(404, "form-unknown", UNKNOWN["form"])
    return _router(f"{root}/forms/{{renewal}}", signing, renewer, form_view, FormSigningView, unknown)


def contracts(signing: SigningService[ContractSeal], renewer: Renewer, root: str = "/v1") -> APIRouter:
    unknown = Problem(404, "contract-unknown", UNKNOWN["contract"])
    return _router(f"{root}/contracts/{{renewal}}", signing, renewer, contract_view, ContractView, unknown)


def _own_document(
    signing: SigningService[S], renewer: Renewer, unknown: Problem
) -> Callable[..., Awaitable[S]]:
    async def own_document(renewal: UUID, who: Annotated[Person, Depends(renewer)]) -> S:
        """The document. A person of another office gets 404, as if it did not exist."""
        found = await signing.store.get(renewal)
        if found is None or not who.belongs_to(found.subject.office_ref):
            raise unknown
        return found

    return own_document


def _router(
    prefix: str,
    signing: SigningService[S],
    renewer: Renewer,
    view: Callable[[S, PreservedFile | None], V],
    answer: type[V],
    unknown: Problem,
) -> APIRouter:
    routes, own = APIRouter(prefix=prefix), Depends(_own_document(signing, renewer, unknown))

    async def shown(document: S) -> V:
        return view(document, await signing.proof(document))

    @routes.get("", response_model=answer)
    async def look(document: Annotated[S, own]) -> V:
        return await shown(document)

    @routes.get("/newest-file")
    async def newest_file(document: Annotated[S, own]) -> Response:
        """The signed file with its newest proof. Events name it as it was signed; this may be a later
        version, which begins with the same bytes."""
        return file_response(*await signing.newest_file(document))

    @routes.post("/attempts", status_code=201)
    async def begin(document: Annotated[S, own], body: AttemptBody) -> AttemptView:
        """Check the certificate and give out the digest to sign. This closes an earlier attempt."""
        images = GivenImages(body.images.signer, body.images.seal)
        begun = signing.begin(document, body.certificates, images, seen=body.document)
        return attempt_view(document, await as_problems(begun))

    @routes.post("/certificates")
    async def judge(document: Annotated[S, own], body: ChainsBody) -> list[CertificateVerdictView]:
        """Check certificates before the person chooses one. Nothing is changed."""
        return [verdict_view(document, each) for each in await signing.judge(document, body.chains)]

    @routes.put("/attempts/{n}/signature", response_model=answer)
    async def complete(document: Annotated[S, own], n: int, body: SignatureBody) -> V:
        """Accept the signature. The same signature sent again gets the same answer."""
        return await shown(await as_problems(signing.complete(document, n, body.signature)))

    @routes.post("/signed-file", response_model=answer)
    async def upload(document: Annotated[S, own], request: Request) -> V:
        """Accept a PDF that was signed elsewhere; the body is the file. The same file sent again gets the
        same answer."""
        file = await whole_body(request, LARGEST)
        return await shown(await as_problems(signing.upload(document, file)))

    return routes
