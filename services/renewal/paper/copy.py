"""An office uploads a copy of its stamped form before the original comes by post.

If the process dies before the save, the renewal is unchanged, and the repeat reads the file again
(`scans.scanned_form`). After it, the same picture changes nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from services.renewal import permissions
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.scans.scanned_form import ScannedForm, ScannedFormReader
from services.renewal.stores.renewals import Renewals
from shared.resilience.deadline import deadline
from shared.storage.aggregate import Cause, Decision
from shared.time.clock import Clock
from shared.web.people import Person


@dataclass(frozen=True, slots=True)
class CopyService:
    """`seconds`: the longest that one upload may take, however many pages it has."""

    renewals: Renewals
    reader: ScannedFormReader
    clock: Clock
    seconds: float = 90.0

    async def upload(
        self, renewal_id: UUID, upload: bytes, who: Person, *, key: str | None = None
    ) -> tuple[Renewal, ScannedForm]:
        """The renewal with the copy in its dossier, and what was read.

        Raises RenewalError where the person is of another office, no paper is awaited, the file can't be
        used, or it doesn't show this form's code: a copy gives temporary access, which must not be had for
        any picture. Raises OutOfTime, and a 403 problem for a person who may only see the registration.
        """
        async with deadline(self.seconds):
            return await self._upload(renewal_id, upload, who, key)

    async def _upload(
        self, renewal_id: UUID, upload: bytes, who: Person, key: str | None
    ) -> tuple[Renewal, ScannedForm]:
        renewal = await self._load_own(renewal_id, who)
        form = await self.reader.read(renewal, upload)
        if form.code is None:
            raise RenewalError("paper-code-unread")
        copy = await self.reader.store(renewal, form, "ban-chup-phieu")
        cause = Cause.request(who.sub, f"show paper {renewal_id}", key=key, content=upload)

        revision = form.code.revision or renewal.form_revision

        def decide(state: Renewal | None) -> Decision[Renewal] | None:
            return paper_form.upload_copy(state, copy, revision, self.clock.now()) if state else None

        stored = await self.renewals.change(renewal_id, decide, cause)
        assert stored is not None  # none is ever removed
        return stored.state, form

    async def _load_own(self, renewal_id: UUID, who: Person) -> Renewal:
        stored = await self.renewals.load(renewal_id)
        if stored is None or not who.may_see(stored.state.registration.office_ref):
            raise RenewalError("registration-unknown")
        permissions.require_may_register(who, stored.state.registration.office_ref)
        return stored.state
