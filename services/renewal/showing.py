"""An office shows its stamped form before the original comes by post.

| it dies                             | left behind                 | the repeat                             |
|-------------------------------------|-----------------------------|----------------------------------------|
| while reading or binding            | a temporary file            | reads again                            |
| bound and stored, before the save   | a document nobody refers to | the same bytes: stores nothing, saves  |
| saved, before the answer            | the copy in the dossier     | the same picture: changes nothing      |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.renewal import permissions
from services.renewal.domain import posted
from services.renewal.domain.form_code import FormCode
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import Renewal
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from services.renewal.scans.page import Remark, ScannedPage
from services.renewal.scans.scans import Scans
from services.renewal.store import Renewals
from shared.aggregate import Cause, Decision
from shared.clock import Clock
from shared.documents import Documents
from shared.events.base import DocumentRef
from shared.people import Person

LIMITS = Limits(pages=20)
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Showing:
    renewals: Renewals
    documents: Documents
    scans: Scans
    clock: Clock

    async def show(
        self, renewal_id: UUID, upload: bytes, who: Person, *, key: str | None = None
    ) -> tuple[Renewal, frozenset[Remark]]:
        """The renewal with the copy in its dossier, and what is odd about the pictures.

        Raises Refused: for strangers, where no paper is awaited, where the file is no good, or where it
        doesn't show the code of this form: any picture would open the product otherwise.
        """
        renewal = await self._of_theirs(renewal_id, who)
        pages = await self._pages(upload)
        _check_code(renewal, {page.code for page in pages if page.code})
        copy = await self._bound(renewal, pages)
        cause = Cause.request(who.sub, f"show paper {renewal_id}", key=key, content=upload)

        def shown(state: Renewal | None) -> Decision[Renewal] | None:
            return posted.shown(state, copy, self.clock.now()) if state else None

        stored = await self.renewals.change(renewal_id, shown, cause)
        assert stored is not None  # none is ever removed
        return stored.state, frozenset(remark for page in pages for remark in page.warnings)

    async def _of_theirs(self, renewal_id: UUID, who: Person) -> Renewal:
        stored = await self.renewals.load(renewal_id)
        if stored is None or not permissions.may_see(who, stored.state.registration.office_ref):
            raise Refused("registration-unknown")
        permissions.register(who, stored.state.registration.office_ref)
        return stored.state

    async def _pages(self, upload: bytes) -> list[ScannedPage]:
        try:
            async with await self.scans.open(upload, LIMITS) as opened:
                return [await self.scans.page(opened, n) for n in range(1, opened.pages + 1)]
        except BadUpload as bad:
            raise Refused("upload-bad", bad.fault("/file")) from None

    async def _bound(self, renewal: Renewal, pages: Sequence[ScannedPage]) -> DocumentRef:
        bound = await self.scans.document([page.image for page in pages])
        name = f"ban-chup-phieu-{renewal.registration.number}.pdf"
        return await self.documents.put(bound, media_type=_PDF, name=name)


def _check_code(renewal: Renewal, found: set[FormCode]) -> None:
    number = renewal.registration.number
    if not found:
        raise Refused("paper-code-unread")
    if any(code.number != number for code in found):
        raise Refused("paper-of-another", number=next(iter(c.number for c in found if c.number != number)))
    if any(code.revision != renewal.form_revision for code in found):
        raise Refused("paper-of-earlier-revision", revision=str(renewal.form_revision))
