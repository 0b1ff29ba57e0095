"""The two commands of an office that signs: give me what to sign, here is the signature."""

from dataclasses import dataclass
from datetime import timedelta

from services.signing.domain.attempts import (
    Completion,
    Preparation,
    begin_attempt,
    complete_attempt,
    find_attempt,
    require_awaiting,
    require_open,
    signing_moment,
)
from services.signing.domain.document import Attempt, AttemptStatus, SigningDocument
from services.signing.domain.refusal import Refusal, Refused
from services.signing.prepared import PreparedForms
from services.signing.signatures import Signatures
from services.signing.store import Forms
from shared.aggregate import Cause, Decision
from shared.clock import Clock
from shared.deadline import deadline
from shared.documents import Documents, Provenance

FIELD = "office"
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class FormSigning:
    """Both raise Refused as the form stands, Rejected for what was sent, and change nothing then; and
    OutOfTime after `seconds`, with waiting, work and saving."""

    forms: Forms
    documents: Documents
    prepared: PreparedForms
    signatures: Signatures
    clock: Clock
    lifetime: timedelta
    seconds: float = 30.0

    async def begin(self, form: SigningDocument, certificates: tuple[bytes, ...]) -> Attempt:
        """Open an attempt for a certificate (DER, the signer's first, then what it was issued under). It
        takes the place of the one before, whose prepared PDF goes.

        Dies before the save: no attempt. Before or after it, a prepared PDF that nothing refers to may be
        left, which the database drops.
        """
        async with deadline(self.seconds):
            return await self._begin(form, certificates)

    async def _begin(self, form: SigningDocument, certificates: tuple[bytes, ...]) -> Attempt:
        require_awaiting(form)
        moment = signing_moment(self.clock.now())
        issued = await self.documents.get(form.form.sha256)
        certificate, prepared = await self.signatures.begin(issued, FIELD, certificates, moment)
        kept = await self.prepared.put(prepared.pdf, form.form, form.renewal_id)
        preparation = Preparation(
            issued=form.form.sha256,
            certificate=certificate,
            digest=prepared.digest,
            algorithm=prepared.algorithm,
            prepared=kept,
            resumable=prepared.resumable,
        )

        replaced: list[Attempt] = []

        def decide(state: SigningDocument | None) -> Decision[SigningDocument]:
            known = _known(state)
            replaced[:] = [known.open_attempt] if known.open_attempt else []
            return begin_attempt(known, preparation, moment, self.lifetime)

        stored = await self.forms.change(form.renewal_id, decide, Cause.command())
        for attempt in replaced:
            if attempt.prepared != kept:
                await self.prepared.forget(attempt.prepared)
        return _known(stored.state if stored else None).attempts[-1]

    async def complete(self, form: SigningDocument, n: int, signature: bytes) -> SigningDocument:
        """Finish attempt `n` with its signature value; the form that results is signed.

        Dies before the save: the attempt is still open, and the same signature makes the same file again.
        After it: the event is in the outbox, and asking again gives the recorded result; the prepared PDF
        goes now, or is dropped by the database.
        """
        if find_attempt(form, n).status is AttemptStatus.COMPLETED:
            return form
        async with deadline(self.seconds):
            return await self._complete(form, n, signature)

    async def _complete(self, form: SigningDocument, n: int, signature: bytes) -> SigningDocument:
        attempt = require_open(form, n, self.clock.now())
        assert attempt.resumable is not None  # as long as it is open
        prepared = await self.prepared.get(attempt.prepared)
        if prepared is None:
            return await self._completed_meanwhile(form, n)
        made = await self.signatures.finish(
            await self.documents.get(form.form.sha256),
            FIELD,
            prepared,
            attempt.resumable,
            attempt.algorithm,
            signature,
            self.clock.now(),
        )
        kept = await self.documents.put(
            made.pdf,
            media_type=_PDF,
            name=form.form.name,
            of=Provenance("signed_form", form.renewal_id),
        )
        completion = Completion(kept, made.verified.certificate, made.verified.old_padding)

        def decide(state: SigningDocument | None) -> Decision[SigningDocument] | None:
            if find_attempt(_known(state), n).status is AttemptStatus.COMPLETED:
                return None
            return complete_attempt(_known(state), n, completion, self.clock.now())

        stored = await self.forms.change(form.renewal_id, decide, Cause.command())
        await self.prepared.forget(attempt.prepared)
        return _known(stored.state if stored else None)

    async def _completed_meanwhile(self, form: SigningDocument, n: int) -> SigningDocument:
        """The same signature was taken beside us, or another attempt took the place of this one."""
        now = _known(await self.forms.get(form.renewal_id))
        if find_attempt(now, n).status is not AttemptStatus.COMPLETED:
            raise Refused(Refusal.ATTEMPT_CLOSED)
        return now


def _known(state: SigningDocument | None) -> SigningDocument:
    """Forms are never deleted, so one that was loaded is still there."""
    if state is None:
        raise Refused(Refusal.NO_SUCH_ATTEMPT)
    return state
