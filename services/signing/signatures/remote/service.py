"""The commands by which a person signs with a key at a provider, and confirms it on a phone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.signing.domain.attempt import Attempt, Signable
from services.signing.domain.attempt_steps import require_seen
from services.signing.domain.certificate import match
from services.signing.domain.remote import (
    RemoteFailure,
    RemoteRefused,
    RemoteSession,
    RemoteStatus,
    next_starts,
)
from services.signing.evidence.downloads import NoAnswer
from services.signing.pades.certificates import algorithm_of, common_name, read_chain
from services.signing.settings import RemoteProvider
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
        seen: Sha256 | None = None,
    ) -> RemoteSession:
        """Begin an attempt with the person's key, and have the provider ask for the confirmation. `seen` is
        the document that the person saw. It replaces an earlier session. Dies before the session is stored:
        nobody is asked to confirm anything."""
        require_seen(signable, seen)
        client = self._client(provider)
        signing, now, renewal_id = self.signing[kind], self.clock.now(), signable.subject.renewal_id
        next_starts(await self.sessions.find(kind, renewal_id), now)
        try:
            id, key = await _choose(signing, signable, await client.find_keys(user))
            signer = read_chain(key.cert.certificates).signer
            algorithm = key.algorithm_for(algorithm_of(signer), old_padding=self.old_padding)
            if algorithm is None:
                raise RemoteRefused(RemoteFailure.KEY_UNUSABLE)
            if _needs_password(key, codes):
                await self.sessions.count_code(_unstarted(kind, signable, provider, title, now), now)
                await client.send_code(id, key)
                raise RemoteRefused(RemoteFailure.OTP_NEEDED)
        except NoAnswer:
            raise RemoteRefused(RemoteFailure.PROVIDER_DOWN) from None
        attempt: Attempt = await signing.begin(signable, key.cert.certificates, seen=seen)
        answers = key.answers(codes)
        session = RemoteSession(
            kind=kind,
            renewal_id=renewal_id,
            attempt=attempt.n,
            provider=provider,
            key=id,
            algorithm=algorithm,
            signer=common_name(signer),
            title=title,
            with_code=bool(answers),
            until=min(attempt.expires_at, self.clock.now() + self.confirm),
        )
        await self.follower.begin(session, answers)
        return session

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


async def _choose(
    signing: SigningService[Any], signable: Signable, keys: Mapping[str, KeyDescription]
) -> tuple[str, KeyDescription]:
    """The person's key whose certificate has the office's code, else the first that can sign, else the
    first."""
    found = list(keys.items())
    if len(found) == 1:
        return found[0]
    verdicts = await signing.judge(signable, tuple(key.cert.certificates for _, key in found))
    office = signable.subject

    def rank(at: int) -> int:
        certificate = verdicts[at].certificate
        if certificate is None or verdicts[at].refusal or not found[at][1].is_enabled:
            return 2
        return int(match(certificate, office.tax_code, office.budget_code) == "review")

    return found[min(range(len(found)), key=rank)]


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
    """A session that has only counted: it waits for a code before there is an attempt."""
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
        status=RemoteStatus.FAILED,
        failure=RemoteFailure.OTP_NEEDED,
    )
