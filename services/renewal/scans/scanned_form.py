"""Reads a scan or photo of a registration's paper form, and binds it into one document.

`scans.scans` says what is left behind if the process dies in between.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.form_code import FormCode
from services.renewal.domain.renewal import Renewal
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import ONE_FORM
from services.renewal.scans.page import Remark, ScannedPage
from services.renewal.scans.scans import Scans
from shared.events.base import DocumentRef
from shared.resilience.errors import MissingDocument
from shared.storage.documents import Documents, Provenance

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class ScannedForm:
    """The pages that were read. `code` is None where none could be read. `remarks` say what is unusual about
    the pictures."""

    pages: tuple[ScannedPage, ...]
    code: FormCode | None

    @property
    def remarks(self) -> frozenset[Remark]:
        return frozenset(remark for page in self.pages for remark in page.warnings)


@dataclass(frozen=True, slots=True)
class ScannedFormReader:
    """`scans` are processes for the offices' uploads only, so that these never delay the desk's feeder."""

    scans: Scans
    documents: Documents

    async def read(self, renewal: Renewal, upload: bytes) -> ScannedForm:
        """Reads the upload. Raises RenewalError where the file can't be used, is signed digitally, or is the
        form as printed, without a stamp. Raises it also where a page shows a wrong code: that of another
        registration, of a contract, or of a revision that was never issued."""
        try:
            pages = await self.scans.read_pages(upload, ONE_FORM)
        except BadUpload as bad:
            raise _refusal(renewal, bad) from None
        if _check_codes(renewal, _codes_on_paper(pages)):
            pages = [await self._compare_with_form(renewal, page) for page in pages]
        code = next(iter(_codes_on_paper(pages)), None)
        if code is None and (any(page.code for page in pages) or all(page.digital for page in pages)):
            raise RenewalError("paper-as-printed", InvalidField("/file", "upload_as_printed"))
        return ScannedForm(tuple(pages), code)

    async def _compare_with_form(self, renewal: Renewal, page: ScannedPage) -> ScannedPage:
        """The page, marked as digital also where it is a picture that a program rendered from the form's
        file. If that file is lost, it counts as a picture of paper."""
        if page.code is None or page.digital:
            return page
        revision = page.code.revision or renewal.form_revision
        issued = (paper for paper in renewal.dossier if (paper.kind, paper.revision) == ("form", revision))
        with suppress(MissingDocument, BadUpload):
            for paper in issued:
                if await self.scans.is_drawing(page, await self.documents.get(paper.document.sha256)):
                    return page.model_copy(update={"digital": True})
        return page

    async def close(self) -> None:
        await self.scans.close()

    async def store(self, renewal: Renewal, form: ScannedForm, name: str) -> DocumentRef:
        data = await self.scans.document([page.image for page in form.pages])
        name = f"{name}-{renewal.registration.number}.pdf"
        of = Provenance("paper", renewal.registration.renewal_id)
        return await self.documents.put(data, media_type=_PDF, name=name, of=of)


def _refusal(renewal: Renewal, bad: BadUpload) -> RenewalError:
    """The error for the answer. For a digitally signed form it names the route that changes the way of
    sending."""
    if bad.rule != "upload_signed":
        return bad.refusal("/file")
    sending = f"/v1/registrations/{renewal.registration.renewal_id}/sending"
    return RenewalError("paper-signed-digitally", bad.invalid_field("/file"), sending=sending)


def _codes_on_paper(pages: Sequence[ScannedPage]) -> list[FormCode]:
    """The codes on pages that come from paper."""
    return [page.code for page in pages if page.code and not page.digital]


def _check_codes(renewal: Renewal, found: Sequence[FormCode]) -> FormCode | None:
    for code in found:
        if code.number != renewal.registration.number:
            raise RenewalError("paper-of-another", number=code.number)
        if code.paper == "contract":
            raise RenewalError("contract-not-awaited")
        if code.revision is not None and not renewal.has_revision(code.revision):
            raise RenewalError("revision-unknown", revision=str(renewal.form_revision))
    return found[0] if found else None
