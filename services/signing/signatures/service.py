"""The commands by which an office signs its form or contract: begin an attempt, which gives the digest, and
complete it with the signature; or upload a file that it signed elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from services.signing.domain.attempt import (
    Attempt,
    AttemptStatus,
    Completion,
    Signable,
    SigningParty,
    SigningSubject,
)
from services.signing.domain.attempt_steps import (
    SignaturePreparation,
    begin_attempt,
    complete_attempt,
    find_attempt,
    require_open,
    require_seen,
    signing_moment,
)
from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import PreservedFile
from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.domain.upload import VerifiedUpload, accept_upload, is_known, refuse_earlier
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.stamp.appearance import GivenImages
from services.signing.pades.uploaded.verdict import LookReason, UploadedSignature
from services.signing.preservation.files import PreservedFiles
from services.signing.signatures.prepared_pdfs import PreparedPdfStore
from services.signing.signatures.verdicts import CertificateVerdict, judge
from services.signing.store import SignableStore
from shared.events.base import DocumentRef, Sha256
from shared.resilience.deadline import deadline
from shared.storage.aggregate import Cause, Decision
from shared.storage.documents import Documents, Provenance
from shared.time.clock import Clock

S = TypeVar("S", bound=Signable)

FIELD = "office"
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class SigningService(Generic[S]):
    """All commands raise SigningError if the document's state forbids it, Rejected for a bad certificate,
    signature or file, and OutOfTime after `seconds` in all. After the first two nothing is changed.
    `lifetime` is an attempt's."""

    store: SignableStore[S]
    documents: Documents
    prepared: PreparedPdfStore
    deferred_signer: DeferredSigner
    clock: Clock
    lifetime: timedelta
    preserved: PreservedFiles
    seconds: float = 30.0

    async def begin(
        self,
        signable: S,
        certificates: tuple[bytes, ...],
        images: GivenImages = GivenImages(),
        *,
        seen: Sha256 | None = None,
    ) -> Attempt:
        """Open an attempt for a certificate (`certificates` is DER, the signer's first, then its issuers').
        The stamp has these images, at which the desk looks. `seen` is the document that the signer saw;
        another one is not signed. It replaces an earlier attempt, whose prepared PDF is deleted.

        Dies before the save: there is no attempt. Dies before or after it: a prepared PDF that nothing refers
        to may be left; the database deletes it later.
        """
        async with deadline(self.seconds):
            require_seen(signable, seen)
            if images:
                signable.check_images()
            return await self._begin(signable, certificates, images)

    async def judge(self, signable: S, chains: tuple[tuple[bytes, ...], ...]) -> list[CertificateVerdict]:
        """Which of these certificates can sign, one verdict a chain (DER, the signer's first)."""
        async with deadline(self.seconds):
            found = await self.deferred_signer.check_all(chains, self.clock.now())
        return [judge(signable, each) for each in found]

    async def _begin(self, signable: S, certificates: tuple[bytes, ...], images: GivenImages) -> Attempt:
        subject = signable.subject
        moment = signing_moment(self.clock.now())
        issued = await self.documents.get(subject.document.sha256)
        certificate, prepared = await self.deferred_signer.begin(issued, FIELD, certificates, moment, images)
        sha256 = await self.prepared.put(prepared.pdf, subject.document, subject.renewal_id)
        preparation = SignaturePreparation(
            issued=subject.document.sha256,
            certificate=certificate,
            digest=prepared.digest,
            algorithm=prepared.algorithm,
            prepared=sha256,
            resumable=prepared.resumable,
            looks=(LookReason.STAMP_SAYS_MORE,) if images else (),
        )

        replaced: list[Attempt] = []

        def decide(state: S | None) -> Decision[S]:
            known = _require_loaded(state)
            replaced[:] = [known.open_attempt] if known.open_attempt else []
            return begin_attempt(known, preparation, moment, self.lifetime)

        stored = await self.store.change(subject.renewal_id, decide, Cause.command())
        for attempt in replaced:
            if attempt.prepared != sha256:
                await self.prepared.forget(attempt.prepared)
        return _require_loaded(stored.state if stored else None).attempts[-1]

    async def complete(self, signable: S, n: int, signature: bytes) -> S:
        """Complete attempt `n` with its signature value. Returns the signed document.

        Dies before the save: the attempt is still open, and the same signature makes the same file again.
        Dies after it: the event is in the outbox, and the same request gets the recorded result. The database
        deletes the prepared PDF later.
        """
        if find_attempt(signable, n).status is AttemptStatus.COMPLETED:
            return signable
        async with deadline(self.seconds):
            return await self._complete(signable, n, signature)

    async def _complete(self, signable: S, n: int, signature: bytes) -> S:
        attempt, subject = require_open(signable, n, self.clock.now()), signable.subject
        assert attempt.resumable is not None  # an open attempt has it
        prepared = await self.prepared.get(attempt.prepared)
        if prepared is None:
            return await self._completed_meanwhile(signable, n)
        signed = await self.deferred_signer.finish(
            await self.documents.get(subject.document.sha256),
            FIELD,
            prepared,
            attempt.resumable,
            attempt.algorithm,
            signature,
            self.clock.now(),
        )
        document = await self.documents.put(
            signed.pdf,
            media_type=_PDF,
            name=subject.document.name,
            of=Provenance(subject.signed_kind, subject.renewal_id),
        )
        await self._list(subject, document, signed.level, signed.proved_until)
        found = signed.verified
        completion = Completion(document, found.certificate, found.old_padding, attempt.looks)

        def decide(state: S | None) -> Decision[S] | None:
            if find_attempt(_require_loaded(state), n).status is AttemptStatus.COMPLETED:
                return None
            return complete_attempt(_require_loaded(state), n, completion, self.clock.now())

        stored = await self.store.change(subject.renewal_id, decide, Cause.command())
        await self.prepared.forget(attempt.prepared)
        return _require_loaded(stored.state if stored else None)

    async def upload(self, signable: S, uploaded: bytes) -> S:
        """Sign with a PDF that was signed elsewhere. Returns the signed document. A copy of the file that
        signed it changes nothing.

        Dies before the save: the stored file stays, and nothing refers to it; the same file again is
        accepted. Dies after it: the event is in the outbox, and the same file again gets the recorded result.
        """
        async with deadline(self.seconds):
            return await self._upload(signable, uploaded)

    async def _upload(self, signable: S, uploaded: bytes) -> S:
        subject, now = signable.subject, self.clock.now()
        issued = await self.documents.get(subject.document.sha256)
        if uploaded == issued:
            raise Rejected(InvalidityReason.SIGNATURE_MISSING)
        if not uploaded.startswith(issued):
            refuse_earlier(signable, uploaded)
        sealable = subject.signed_kind == "signed_contract"
        verdict = await self.deferred_signer.judge_upload(uploaded, issued, FIELD, now, sealable=sealable)
        upload = VerifiedUpload(
            issued=subject.document.sha256,
            parties=tuple(SigningParty(**_party(signature)) for signature in verdict.signatures),
            looks=verdict.looks,
        )
        if is_known(signable, upload):
            return signable
        accept_upload(signable, upload, subject.document, now)  # a refused file is not stored
        document = await self.documents.put(
            uploaded,
            media_type=_PDF,
            name=subject.document.name,
            of=Provenance(subject.signed_kind, subject.renewal_id),
        )
        await self._list(subject, document, SignatureLevel.BASIC)

        def decide(state: S | None) -> Decision[S] | None:
            known = _require_loaded(state)
            return None if is_known(known, upload) else accept_upload(known, upload, document, now)

        stored = await self.store.change(subject.renewal_id, decide, Cause.command())
        return _require_loaded(stored.state if stored else None)

    async def proof(self, signable: S) -> PreservedFile | None:
        """The newest signed file with its level and versions. None if nobody signed it, or if an older
        release took the signature."""
        signed = signable.signed_document
        return await self.preserved.find(signed.sha256) if signed else None

    async def newest_file(self, signable: S) -> tuple[DocumentRef, bytes]:
        """The signed file with its newest proof; as it was issued if nobody signed it."""
        proof = await self.proof(signable)
        document = proof.newest if proof else signable.signed_document or signable.subject.document
        return document, await self.documents.get(document.sha256)

    async def _list(
        self,
        subject: SigningSubject,
        document: DocumentRef,
        level: SignatureLevel,
        proved_until: datetime | None = None,
    ) -> None:
        """List the signed file among those whose proof ages."""
        await self.preserved.add(
            subject.signed_kind, subject.renewal_id, subject.office_ref, document, level, proved_until
        )

    async def _completed_meanwhile(self, signable: S, n: int) -> S:
        """The prepared PDF is deleted, so the attempt is no longer open. Returns the document if a parallel
        request completed it. Raises SigningError if a newer attempt replaced it."""
        now = _require_loaded(await self.store.get(signable.subject.renewal_id))
        if find_attempt(now, n).status is not AttemptStatus.COMPLETED:
            raise SigningError(RefusalReason.ATTEMPT_CLOSED)
        return now


def _require_loaded(state: S | None) -> S:
    """The state of a document that was loaded before. It exists: forms and contracts are never deleted."""
    if state is None:
        raise SigningError(RefusalReason.NO_SUCH_ATTEMPT)
    return state


def _party(signature: UploadedSignature) -> dict[str, object]:
    return {name: getattr(signature, name) for name in SigningParty.model_fields}
