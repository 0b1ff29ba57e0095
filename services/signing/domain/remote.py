"""A remote signature: the office's key is at a provider, and its holder confirms each signature on a phone.

asked -> confirmed -> completed; asked -> failed, expired or cancelled; confirmed -> failed. A document has at
most one session: a newer one replaces it. `_id` is `session_id`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from services.signing.domain.refusal import RefusalReason
from shared.ids import derived
from shared.storage.aggregate import Decision, State


class RemoteStatus(StrEnum):
    """The last four are final."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_MOST_STARTS, _STARTS_PERIOD = 5, timedelta(hours=1)

UNFINISHED = (RemoteStatus.ASKED, RemoteStatus.CONFIRMED)


class RemoteFailure(StrEnum):
    """Why a remote signature did not begin, or failed. The first four: the person can type something else.
    TOO_MANY is an answer only, and never stored."""

    USER_UNKNOWN = "user_unknown"
    PIN_NEEDED = "pin_needed"
    OTP_NEEDED = "otp_needed"
    CODE_WRONG = "code_wrong"
    KEY_DISABLED = "key_disabled"
    KEY_UNUSABLE = "key_unusable"
    WAY_UNSUPPORTED = "way_unsupported"
    REFUSED = "refused"
    PROVIDER_UNKNOWN = "provider_unknown"
    PROVIDER_DOWN = "provider_down"
    PROVIDER_PROBLEM = "provider_problem"
    INTERRUPTED = "interrupted"
    REPLACED = "replaced"
    SIGNATURE_REJECTED = "signature_rejected"
    TOO_MANY = "too_many"


class RemoteRefused(Exception):
    """A remote signature that can't begin or go on. `why` is a code; its texts are in
    `services.signing.texts`."""

    def __init__(self, why: RemoteFailure) -> None:
        super().__init__(why.value)
        self.why = why


class RemoteSession(State):
    """`attempt` is the number of the signing attempt; it tells a document's sessions apart. `key` is the
    provider's id of the key, which may be a phone number, and `signer` the name in its certificate; both are
    erased at the end. `title` is what is signed, in Vietnamese and English.

    `algorithm` is the OID that the provider signs by. `with_code`: a PIN or one-time password goes with the
    first request; it is never stored, so nobody else can make that request. `until`: the person must have
    confirmed before. `holder` follows the session until `held_until`, nobody else does. `signature` is the
    value while it is being checked. `reason`: the code of what was wrong with it. `starts`: when people were
    asked for this document of late, also in the sessions before.
    """

    kind: Literal["form", "contract"]
    renewal_id: UUID
    attempt: int
    provider: str
    key: str
    algorithm: str
    signer: str
    title: tuple[str, str]
    with_code: bool
    until: datetime
    status: RemoteStatus = RemoteStatus.ASKED
    handle: str = ""
    holder: str = ""
    held_until: datetime | None = None
    signature: bytes = b""
    failure: RemoteFailure | None = None
    reason: str = ""
    starts: tuple[datetime, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    def status_at(self, now: datetime) -> RemoteStatus:
        """The status as people are told it: nobody may have followed the session to its end."""
        over = self.status is RemoteStatus.ASKED and now >= self.until
        return RemoteStatus.EXPIRED if over else self.status

    def is_newer(self, than: Self, now: datetime) -> bool:
        """Whether it goes on, with a newer attempt. Numbers of ended ones may be those of a void contract,
        which an earlier release counted apart."""
        return self.attempt > than.attempt and self.status_at(now) in UNFINISHED

    def is_held_by_another(self, holder: str, now: datetime) -> bool:
        return self.holder != holder and self.held_until is not None and now < self.held_until

    def _with(self, **changed: object) -> Decision[Self]:
        return Decision(self.model_copy(update=changed))

    def _end(self, status: RemoteStatus, **changed: object) -> Decision[Self]:
        erased = {"key": "", "signer": "", "handle": "", "signature": b"", "held_until": None}
        return self._with(status=status, **erased, **changed)

    def hold(self, holder: str, now: datetime, period: timedelta) -> Decision[Self] | None:
        """Follow the session from now on. None if another holds it, or it is held long enough already: while
        it waits there are many short requests."""
        if self.is_held_by_another(holder, now):
            return None
        if self.holder == holder and self.held_until and self.held_until - now > period / 2:
            return None
        return self._with(holder=holder, held_until=now + period)

    def release(self, holder: str) -> Decision[Self] | None:
        """This holder follows the session no longer: any other may."""
        return self._with(held_until=None) if self.holder == holder and self.held_until else None

    def wait(self, handle: str) -> Decision[Self] | None:
        """The provider has asked the person. It is asked about the answer by this handle."""
        if self.status is not RemoteStatus.ASKED or self.handle == handle:
            return None
        return self._with(handle=handle)

    def confirm(self, signature: bytes) -> Decision[Self] | None:
        """The person confirmed, and the key signed. None if nobody wants it any more."""
        if self.status is not RemoteStatus.ASKED:
            return None
        return self._with(status=RemoteStatus.CONFIRMED, signature=signature, handle="")

    def complete(self) -> Decision[Self] | None:
        return self._end(RemoteStatus.COMPLETED) if self.is_unfinished else None

    def fail(self, why: RemoteFailure, reason: str = "") -> Decision[Self] | None:
        return self._end(RemoteStatus.FAILED, failure=why, reason=reason) if self.is_unfinished else None

    def refuse(self, why: RefusalReason) -> Decision[Self] | None:
        """The document can't be signed by this attempt any more."""
        if why is RefusalReason.ATTEMPT_EXPIRED:
            return self.expire()
        return self.fail(RemoteFailure.REPLACED, why)

    def expire(self) -> Decision[Self] | None:
        return self._end(RemoteStatus.EXPIRED) if self.is_unfinished else None

    def cancel(self) -> Decision[Self] | None:
        """None if it is too late: the value is here, or the session has ended."""
        return self._end(RemoteStatus.CANCELLED) if self.status is RemoteStatus.ASKED else None


def next_starts(earlier: RemoteSession | None, now: datetime) -> tuple[datetime, ...]:
    """The starts of a document's session with one more. Whoever is named gets a message on the phone, and may
    be a stranger: raises RemoteRefused if there were too many of late."""
    recent = tuple(at for at in (earlier.starts if earlier else ()) if now - at < _STARTS_PERIOD)
    if len(recent) >= _MOST_STARTS:
        raise RemoteRefused(RemoteFailure.TOO_MANY)
    return (*recent, now)


def count_start(
    earlier: RemoteSession | None, unstarted: RemoteSession, now: datetime
) -> Decision[RemoteSession]:
    """Count as a start a one-time password that is sent to a person, or the name in a certificate that is not
    the office's. `unstarted` is stored if the document had no session. Raises RemoteRefused."""
    return Decision((earlier or unstarted).model_copy(update={"starts": next_starts(earlier, now)}))


def session_id(kind: Literal["form", "contract"], renewal_id: UUID) -> UUID:
    return derived("remote session", kind, renewal_id)
