"""Follows remote signatures to their end: asks the provider, waits for the person, and completes the attempt.

A session is followed by the process that began it. When that ends whoever starts, or is asked about it by a
page, goes on with it: at once, or after a crash once it is held no longer. Nothing is looked for while there
is nothing to follow.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import structlog
from pydantic import SecretStr

from services.signing.domain.attempt import Signable
from services.signing.domain.attempt_steps import require_open
from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.domain.remote import RemoteFailure, RemoteRefused, RemoteSession, RemoteStatus
from services.signing.evidence.downloads import NoAnswer
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.signatures.remote.client import CscClient, NotConfirmed
from services.signing.signatures.remote.messages import DigestToSign, Grant, KeyCodes
from services.signing.signatures.remote.sessions import RemoteSessions, SessionKey
from services.signing.signatures.service import SigningService
from services.signing.signatures.transfers import Kind
from shared.background.heartbeat import Heartbeat
from shared.background.wake import Wake
from shared.resilience.errors import Interrupted
from shared.resilience.retry import suppress_transient
from shared.resilience.timeouts import with_timeout
from shared.storage.aggregate import Decision
from shared.time.clock import Clock

log = structlog.get_logger()

_NO_CODES: KeyCodes = MappingProxyType({})
_BEAT_SECONDS = 20.0
_MOST_FAILURES = 5
_HOLD = timedelta(seconds=30)
"""A session is held so long at a time; this is renewed while a request runs."""
_RELEASE_SECONDS = 5.0


class _NotChecked(Exception):
    """The stored signature could not be checked this time: a worker process ended, or what others must say
    about it, revocation or a time stamp, can't be obtained now."""


@dataclass(frozen=True, slots=True)
class RemoteFollower:
    """`holder` names this process. `real` is real time, `clock` domain time."""

    sessions: RemoteSessions
    clients: Mapping[str, CscClient]
    signing: Mapping[Kind, SigningService[Any]]
    clock: Clock
    real: Clock
    holder: str
    poll_seconds: float
    wake: Wake = field(default_factory=Wake)
    _codes: dict[SessionKey, KeyCodes] = field(default_factory=dict, repr=False)
    _waiting: set[SessionKey] = field(default_factory=set)
    _followed: set[SessionKey] = field(default_factory=set)

    async def begin(self, session: RemoteSession, codes: KeyCodes) -> None:
        """Store a new session and follow it. `codes` are in memory until the first request, here alone.

        Dies before the session is stored: nobody is asked to confirm anything. Dies after it: a session
        without a code goes on elsewhere, one with a code says that it was interrupted.
        """
        key, held = SessionKey.of(session), session.hold(self.holder, self.real.now(), _HOLD)
        self._codes[key] = codes
        try:
            await self.sessions.open(held.state if held else session, self.clock.now())
        except BaseException:
            del self._codes[key]
            raise
        self._follow_soon(key)

    def adopt(self, session: RemoteSession) -> None:
        """Follow the session if nobody does: its process has died."""
        if session.is_unfinished and not session.is_held_by_another(self.holder, self.real.now()):
            self._follow_soon(SessionKey.of(session))

    def _follow_soon(self, key: SessionKey) -> None:
        if key not in self._followed:
            self._waiting.add(key)
            self.wake.set()

    async def run(self, heartbeat: Heartbeat) -> None:
        for session in await self.sessions.find_unfinished():
            self._follow_soon(SessionKey.of(session))
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    heartbeat.beat(f"follows {len(self._followed)}")
                    while self._waiting:
                        key = self._waiting.pop()
                        self._followed.add(key)
                        tasks.create_task(self._follow(key))
                    await self.wake.wait(_BEAT_SECONDS)
        finally:
            held = self._followed | self._waiting
            self._followed.clear()
            await asyncio.gather(*map(self._release, held))

    async def _release(self, key: SessionKey) -> None:
        """Let another process go on at once. Dies before it: the session is held a little longer."""
        with suppress_transient("remote.transient_error"):
            released = self.sessions.change(key, lambda state: state.release(self.holder))
            await with_timeout(_RELEASE_SECONDS, released)

    def take_codes(self, key: SessionKey) -> KeyCodes:
        """What the person typed for this session; empty the second time, and in another process."""
        return self._codes.pop(key, _NO_CODES)

    async def _follow(self, key: SessionKey) -> None:
        """Ends with the session. An error that nobody expected ends this session and no other. A cancelled
        one stays among those that `run` releases."""
        try:
            await _Course(self, key).follow()
        except Exception as error:
            log.error("remote.failed", error=type(error).__name__, exc_info=error)
            with suppress_transient("remote.transient_error"):
                await self.sessions.change(key, lambda state: state.fail(RemoteFailure.PROVIDER_PROBLEM))
        finally:
            self.take_codes(key)
        self._followed.discard(key)


@dataclass(slots=True)
class _Course:
    """One session on its way. `failures`: steps without an answer, one after the other. `sad`: the right
    to sign, once the person has confirmed; it is never stored. `unproven`: why the stored signature waits for
    revocation data or a time stamp."""

    of: RemoteFollower
    key: SessionKey
    failures: int = 0
    sad: SecretStr | None = None
    unproven: InvalidityReason | None = None

    async def follow(self) -> None:
        while True:
            with suppress_transient("remote.transient_error"):
                try:
                    if await self._step():
                        return
                    self.failures = 0
                except NoAnswer as silent:
                    if await self._count(silent):
                        return
                except _NotChecked as later:
                    self.failures = min(self.failures + 1, _MOST_FAILURES - 1)
                    log.warning("remote.not_checked", kind=self.key.kind, reason=str(later))
            await asyncio.sleep(self.of.poll_seconds * 2**self.failures)

    async def _count(self, silent: NoAnswer) -> bool:
        """Whether these were too many: then the session has failed."""
        self.failures += 1
        log.warning("remote.no_answer", kind=self.key.kind, failures=self.failures, reason=str(silent))
        if self.failures < _MOST_FAILURES:
            return False
        await self._change(lambda state: state.fail(RemoteFailure.PROVIDER_DOWN))
        return True

    async def _step(self) -> bool:
        """Whether the session has ended. Dies anywhere: the next step begins again from what is stored.

        Dies after the key has signed and before the value is stored: the person confirms once more, or the
        provider remembers. The document is signed once in any case: by one attempt, which ends with it.
        """
        session = await self._hold()
        if session is None or not session.is_unfinished:
            return True
        if session.is_held_by_another(self.of.holder, self.of.real.now()):
            return False
        renewing = asyncio.create_task(self._renew())
        try:
            session = await self._advance(session)
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})
        return session is None or not session.is_unfinished

    async def _advance(self, session: RemoteSession) -> RemoteSession | None:
        """The session after its next request, or after its end."""
        try:
            asked = session.status is RemoteStatus.ASKED
            current = await self._ask(session) if asked else session
            if current and current.status is RemoteStatus.CONFIRMED:
                return await self._complete(current)
        except SigningError as refused:
            why = refused.why
            return await self._change(lambda state: state.refuse(why))
        except RemoteRefused as refused:
            failure = refused.why
            return await self._change(lambda state: state.fail(failure))
        except NotConfirmed:
            return await self._change(RemoteSession.expire)
        return current

    async def _renew(self) -> None:
        """Hold the session while a request runs: a person may confirm late."""
        while True:
            await asyncio.sleep(_HOLD.total_seconds() / 3)
            with suppress_transient("remote.transient_error"):
                await self._hold()

    async def _hold(self) -> RemoteSession | None:
        now = self.of.real.now()

        def hold(state: RemoteSession) -> Decision[RemoteSession] | None:
            return state.hold(self.of.holder, now, _HOLD) if state.is_unfinished else None

        return await self._change(hold)

    async def _ask(self, session: RemoteSession) -> RemoteSession | None:
        """The session after one question to the provider and, if the person has confirmed, the signature."""
        now = self.of.clock.now()
        if now >= session.until:
            return await self._change(RemoteSession.expire)
        client = self.of.clients.get(session.provider)
        if client is None:
            raise RemoteRefused(RemoteFailure.PROVIDER_UNKNOWN)
        signable = await self._load(session)
        attempt = require_open(signable, session.attempt, now)
        wanted = DigestToSign(
            session.key, attempt.digest, attempt.algorithm.hash, session.algorithm, session.title[0]
        )
        if self.sad is None:
            grant = await self._grant(client, session, wanted)
            if grant.sad is None:
                return await self._change(lambda state: state.wait(grant.handle))
            self.sad = grant.sad
        current = await self._change(lambda _: None)
        if current is None or current.status is not RemoteStatus.ASKED:
            return current  # cancelled meanwhile
        value = await client.sign(wanted, self.sad)
        return await self._change(lambda state: state.confirm(value))

    async def _grant(self, client: CscClient, session: RemoteSession, wanted: DigestToSign) -> Grant:
        if session.handle:
            return await client.check(session.handle)
        if not session.with_code:
            return await client.authorize(wanted, _NO_CODES)
        codes = self.of.take_codes(self.key)
        if not codes:  # they were in the memory of a process that died
            raise RemoteRefused(RemoteFailure.INTERRUPTED)
        try:
            return await client.authorize(wanted, codes)
        except NoAnswer:  # the same code again could count as a second wrong one
            raise RemoteRefused(RemoteFailure.PROVIDER_DOWN) from None

    async def _complete(self, session: RemoteSession) -> RemoteSession | None:
        """Complete the attempt with the stored value. What passes doesn't end the session before the attempt
        expires: the person has confirmed. Dies after it: the attempt is completed, and says so when it is
        asked again."""
        try:
            signable, signing = await self._load(session), self.of.signing[session.kind]
            await signing.complete(signable, session.attempt, session.signature)
        except Rejected as rejected:
            if rejected.reason.is_transient:
                self.unproven = rejected.reason
                raise _NotChecked(rejected.reason) from None
            return await self._reject(rejected.reason)
        except Interrupted as ended:
            raise _NotChecked(type(ended).__name__) from None
        except SigningError as refused:
            if self.unproven and refused.why is RefusalReason.ATTEMPT_EXPIRED:
                return await self._reject(self.unproven)
            raise
        return await self._change(RemoteSession.complete)

    async def _reject(self, reason: InvalidityReason) -> RemoteSession | None:
        return await self._change(lambda state: state.fail(RemoteFailure.SIGNATURE_REJECTED, reason))

    async def _load(self, session: RemoteSession) -> Signable:
        """The document, which exists: forms and contracts are never deleted."""
        signable: Signable | None = await self.of.signing[session.kind].store.get(session.renewal_id)
        if signable is None:
            raise SigningError(RefusalReason.NO_SUCH_ATTEMPT)
        return signable

    async def _change(
        self, decide: Callable[[RemoteSession], Decision[RemoteSession] | None]
    ) -> RemoteSession | None:
        return await self.of.sessions.change(self.key, decide)
