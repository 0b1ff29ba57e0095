"""The page on which an office signs its form or its contract, with the tool on its own computer, or with a
file that it signed elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.signing.domain.attempt import Signable
from services.signing.signatures.file_response import PRIVATE, file_response
from services.signing.signatures.pages.document import SigningDocument
from services.signing.signatures.pages.holder import find_holder
from services.signing.signatures.refusals import as_problems
from services.signing.signatures.remote.service import RemoteSigning
from services.signing.signatures.service import SigningService
from services.signing.texts import CAUTIONS, LEVELS
from shared.web.pages.guard import FileSubmission, RequestGuard, not_found
from shared.web.pages.session import Visitor
from shared.web.pages.shell import Shell
from shared.web.pages.words import PageWords
from shared.web.people import Role, forbidden
from shared.web.problems import Problem

S = TypeVar("S", bound=Signable)

_KYSO = tuple(f"ws://localhost:{port}" for port in (11984, 11985, 12680, 12681, 12683))
# Our tool listens at the first of three ports that is free (docs/reference/signing-tool.md). The last one is
# VGCA Sign Service's.
_TOOLS = (*(f"http://127.0.0.1:{port}" for port in (14742, 14743, 14744)), "wss://127.0.0.1:8987")
_SCRIPT_TEXTS = ("issued", "on_token", "is_yours")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPage(Generic[S]):
    """The page of one kind of document. `portal_url` has the registrations' pages. `kyso`: the page looks
    for MISA KYSO too."""

    site: Shell
    signing: SigningService[S]
    remote: RemoteSigning
    describe: Callable[[S], SigningDocument]
    kind: Literal["form", "contract"]
    portal_url: str
    kyso: bool

    @property
    def root(self) -> str:
        return f"{self.site.root}/{self.kind}s"

    async def find(self, renewal: UUID, visitor: Visitor) -> S:
        """Raises a 404 problem for people of another office, as if the document did not exist."""
        found = await self.signing.store.get(renewal)
        if found is None or not visitor.person.may_see(found.subject.office_ref):
            raise not_found()
        return found

    async def show(self, request: Request, signable: S, visitor: Visitor, wrong: str = "") -> Response:
        """`wrong`: why the uploaded file was refused."""
        found, words = self.describe(signable), self.site.words(request)
        here = f"{self.root}/{found.renewal_id}"
        pdf = await self.signing.documents.get(found.document.sha256)
        known = await self.signing.proof(signable)
        proof = known if known and known.document == found.document else None
        values = {
            "page": found,
            "pages": await self.signing.deferred_signer.count_pages(pdf),
            "here_path": here,
            "picture": f"{here}/{found.document.sha256}",
            "pdf": f"{here}/pdf",
            "proof": proof,
            "level": words.pick(LEVELS[proof.level]) if proof else "",
            "holder": await self._holder(found, pdf),
            "review": words.pick(CAUTIONS[found.review]) if found.review else "",
            "old_padding": words.pick(CAUTIONS["old_padding"]),
            "registration": f"{self.portal_url}/registrations/{found.renewal_id}",
            "guide": f"{self.portal_url}/guide#sign",
            "site": request.url.netloc,
            "address": f"{'https' if self.site.secure else 'http'}://{request.url.netloc}{here}",
            "may_sign": _may_sign(signable, visitor),
            "kyso": self.kyso,
            "providers": self.remote.providers,
            "on_phone": await self._is_on_phone(signable),
            "wrong": wrong,
            "words": {name: words.pick(words.texts[f"step.{name}"]) for name in _SCRIPT_TEXTS},
        }
        status = 422 if wrong else 200
        tools = (*_TOOLS, *(_KYSO if self.kyso else ()))
        return self.site.page(request, "signatures/sign.html", visitor, values, status=status, connect=tools)

    async def _holder(self, found: SigningDocument, pdf: bytes) -> str:
        if found.state != "done" or found.signature is None:
            return ""
        return await find_holder(found.signature, pdf, self.signing.deferred_signer.workers)

    async def _is_on_phone(self, signable: S) -> bool:
        """Whether a person is about to confirm the signature on a phone."""
        if not (self.remote.providers and signable.can_be_signed):
            return False
        session = await self.remote.find(self.kind, signable)
        return session is not None and session.is_unfinished

    async def upload(self, request: Request, signable: S, sent: FileSubmission) -> Response:
        visitor, words = sent.submission.visitor, self.site.words(request)
        if not _may_sign(signable, visitor):
            raise forbidden()
        if not sent.file:
            return await self.show(request, signable, visitor, words("upload.empty"))
        try:
            await as_problems(self.signing.upload(signable, sent.file))
        except Problem as refused:
            return await self.show(request, signable, visitor, self._refusal(refused, signable, words))
        return RedirectResponse(f"{self.root}/{signable.subject.renewal_id}", 303)

    def _refusal(self, refused: Problem, signable: S, words: PageWords) -> str:
        """Why the file was refused; another document than this one by this one's number."""
        number = self.describe(signable).number
        if number and refused.name == "file-not-issued":
            return words(f"upload.other_{self.kind}", no=number)
        return words.pick(refused.title)

    async def pdf(self, signable: S) -> Response:
        document = self.describe(signable).document
        return file_response(document, await self.signing.documents.get(document.sha256))

    async def newest_file(self, signable: S) -> Response:
        return file_response(*await self.signing.newest_file(signable))

    async def picture(self, signable: S, sha256: str, number: int) -> Response:
        """One page of the document, whose hash is in the address: a new revision has another address."""
        document = self.describe(signable).document
        if document.sha256 != sha256:
            raise not_found()
        data = await self.signing.documents.get(sha256)
        drawn = await self.signing.deferred_signer.page_picture(data, number)
        if drawn is None:
            raise not_found()
        fresh = {"cache-control": "private, max-age=86400, immutable"}
        return Response(drawn, media_type="image/png", headers=PRIVATE | fresh)


def entry_route(site: Shell, portal_url: str) -> APIRouter:
    """The address that other pages know: it leads to the document's own page, or else to the portal."""
    routes = APIRouter(prefix=site.root, route_class=site.route_class(), include_in_schema=False)

    @routes.get("")
    async def entry(renewal: UUID | None = None, document: Literal["form", "contract"] = "form") -> Response:
        return RedirectResponse(f"{site.root}/{document}s/{renewal}" if renewal else portal_url, 303)

    return routes


def signing_pages(page: SigningPage[S], guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=page.root, route_class=page.site.route_class(), include_in_schema=False)
    visiting = Depends(guard.visitor)

    @routes.get("/{renewal}")
    async def show(request: Request, renewal: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        """A joined product's form is signed on the page of the registration that carries it."""
        found = await page.find(renewal, visitor)
        if lead := page.describe(found).lead_id:
            return RedirectResponse(f"{page.root}/{lead}?{request.url.query}", 303)
        return await page.show(request, found, visitor)

    @routes.post("/{renewal}/upload")
    async def upload(
        request: Request, renewal: UUID, sent: Annotated[FileSubmission, Depends(guard.file_submission)]
    ) -> Response:
        """Takes a PDF that was signed elsewhere. A refused file changes nothing; the page says why."""
        return await page.upload(request, await page.find(renewal, sent.submission.visitor), sent)

    @routes.get("/{renewal}/upload")
    async def leave_upload(request: Request, renewal: UUID) -> Response:
        """The page after a refused upload has this address; its link to the other language leads here."""
        return RedirectResponse(f"{page.root}/{renewal}?{request.url.query}", 303)

    @routes.get("/{renewal}/pdf")
    async def pdf(renewal: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.pdf(await page.find(renewal, visitor))

    @routes.get("/{renewal}/newest-file")
    async def newest_file(renewal: UUID, visitor: Annotated[Visitor, visiting]) -> Response:
        return await page.newest_file(await page.find(renewal, visitor))

    @routes.get("/{renewal}/{sha256}/{number}.png")
    async def picture(
        renewal: UUID, sha256: str, number: int, visitor: Annotated[Visitor, visiting]
    ) -> Response:
        return await page.picture(await page.find(renewal, visitor), sha256, number)

    return routes


def _may_sign(signable: Signable, visitor: Visitor) -> bool:
    office = signable.subject.office_ref
    return Role.RENEWER in visitor.person.roles and visitor.person.belongs_to(office)
