"""The commands by which a person signs with a key at a provider, and confirms it on a phone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.signing.domain.attempt import Attempt, Signable
from services.signing.domain.attempt_steps import require_seen
from services.signing.domain.remote import (
    RemoteFailure,
    RemoteRefused,
    RemoteSession,
    RemoteStatus,
    next_starts,
)
from services.signing.evidence.downloads import NoAnswer
from services.signing.pades.certificates import algorithm_of, common_name
from services.signing.settings import RemoteProvider
from services.signing.signatures.remote.choice import CertificateNeeded, FoundKey, choose_key, find_keys
from services.signing.signatures.remote.client import CscClient
from services.signing.signatures.remote.follower import RemoteFollower
from services.signing.signatures.remote.messages import Codes, KeyDescription
from services.signing.signatures.remote.sessions import RemoteSessions, SessionKey
from services.signing.signatures.service import SigningService
from services.signing.signatures.transfers import Kind
from shared.events.base import Sha256
from shared.text.i18n import Text
from shared.time.clock import Clock


@dataclass(frozen=True, slots=True)
class RemoteSigning:
    """Raises RemoteRefused where it can't begin, and what SigningService.begin raises. `confirm` is how long
    the person has."""

    sessions: RemoteSessions
    clients: Mapping[str, CscClient]
    signing: Mapping[Kind, SigningService[Any]]
    follower: RemoteFollower
    clock: Clock
    confirm: timedelta
    old_padding: bool

    @property
    def providers(self) -> tuple[RemoteProvider, ...]:
        return tuple(client.provider for client in self.clients.values())

    async def begin(
        self,
        kind: Kind,
        signable: Signable,
        provider: str,
        user: str,
        codes: Codes,
        title: Text,
        *,
        picked: Sha256 | None = None,
        seen: Sha256 | None = None,
    ) -> RemoteSession:
        """Begin an attempt with the person's key, and have the provider ask for the confirmation. `picked` is
        the fingerprint of the certificate that the person chose: raises CertificateNeeded if it is needed.
        `seen` is the document that the person saw. It replaces an earlier session. Dies before the session
        is stored: nobody is asked to confirm anything."""
        require_seen(signable, seen)
        signing, renewal_id = self.signing[kind], signable.subject.renewal_id
        unstarted = _unstarted(kind, signable, provider, title, self.clock.now())
        chosen, algorithm = await self._find_key(signable, unstarted, user, picked, codes)
        key = chosen.description
        attempt: Attempt = await signing.begin(signable, key.cert.certificates, seen=seen)
        answers = key.answers(codes)
        session = RemoteSession(
            kind=kind,
            renewal_id=renewal_id,
            attempt=attempt.n,
            provider=provider,
            key=chosen.id,
            algorithm=algorithm,
            signer=common_name(chosen.signer),
            title=title,
            with_code=bool(answers),
            until=min(attempt.expires_at, self.clock.now() + self.confirm),
        )
        await self.follower.begin(session, answers)
        return session

    async def _find_key(
        self, signable: Signable, unstarted: RemoteSession, user: str, picked: Sha256 | None, codes: Codes
    ) -> tuple[FoundKey, str]:
        """The key, and the OID to sign by. What would reach a stranger, or tell of one, counts as a start: a
        password that is sent, and the name in a certificate that isn't the office's."""
        kind, now = unstarted.kind, self.clock.now()
        client = self._client(unstarted.provider)
        next_starts(await self.sessions.find(kind, unstarted.renewal_id), now)
        try:
            found = await find_keys(client, self.signing[kind], signable, user, picked)
            chosen = choose_key(found, signable.subject, picked)
            key = chosen.description
            algorithm = key.algorithm_for(algorithm_of(chosen.signer), old_padding=self.old_padding)
            if algorithm is None:
                raise RemoteRefused(RemoteFailure.KEY_UNUSABLE)
            if _needs_password(key, codes):
                waiting = {"status": RemoteStatus.FAILED, "failure": RemoteFailure.OTP_NEEDED}
                await self.sessions.count_start(unstarted.model_copy(update=waiting), now)
                await client.send_code(chosen.id, key)
                raise RemoteRefused(RemoteFailure.OTP_NEEDED)
        except CertificateNeeded:
            await self.sessions.count_start(unstarted, now)
            raise
        except NoAnswer:
            raise RemoteRefused(RemoteFailure.PROVIDER_DOWN) from None
        return chosen, algorithm

    def _client(self, provider: str) -> CscClient:
        if provider not in self.clients:
            raise RemoteRefused(RemoteFailure.PROVIDER_UNKNOWN)
        return self.clients[provider]

    async def find(self, kind: Kind, signable: Signable) -> RemoteSession | None:
        """The document's newest session. It goes on here if nobody follows it."""
        session = await self.sessions.find(kind, signable.subject.renewal_id)
        if session:
            self.follower.adopt(session)
        return session

    async def cancel(self, kind: Kind, signable: Signable) -> RemoteSession | None:
        """Cancel the session, if it isn't too late. What the person confirms later counts for nothing."""
        session = await self.sessions.find(kind, signable.subject.renewal_id)
        return await self.sessions.change(SessionKey.of(session), RemoteSession.cancel) if session else None


def _needs_password(key: KeyDescription, codes: Codes) -> bool:
    """Whether the person has to get a one-time password. Raises RemoteRefused unless the key can be used with
    these codes and it."""
    if not key.is_enabled:
        raise RemoteRefused(RemoteFailure.KEY_DISABLED)
    missing = key.missing(codes)
    if missing and missing is not RemoteFailure.OTP_NEEDED:
        raise RemoteRefused(missing)
    return missing is not None


def _unstarted(kind: Kind, signable: Signable, provider: str, title: Text, now: datetime) -> RemoteSession:
    """A session that has only counted: the person has yet to type a code or pick a certificate."""
    return RemoteSession(
        kind=kind,
        renewal_id=signable.subject.renewal_id,
        attempt=0,
        provider=provider,
        key="",
        algorithm="",
        signer="",
        title=title,
        with_code=True,
        until=now,
        status=RemoteStatus.CANCELLED,
    )
