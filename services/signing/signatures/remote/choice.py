"""The keys that a provider has for what the person typed, and which of them goes on: who types a stranger's
number must not make the stranger's phone ring."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from asn1crypto import x509

from services.signing.domain.attempt import Signable, SigningSubject
from services.signing.domain.certificate import match
from services.signing.domain.remote import RemoteFailure, RemoteRefused
from services.signing.evidence.downloads import NoAnswer
from services.signing.pades.certificates import read_chain, user_ids
from services.signing.pades.rejection import Rejected
from services.signing.signatures.remote.client import CscClient
from services.signing.signatures.remote.messages import KeyDescription
from services.signing.signatures.service import SigningService
from services.signing.signatures.verdicts import CertificateVerdict
from shared.events.base import Sha256
from shared.text.characters import digits

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key at the provider, by its id there. `signer` is its certificate."""

    id: str
    description: KeyDescription
    signer: x509.Certificate
    verdict: CertificateVerdict

    @property
    def fingerprint(self) -> Sha256:
        return str(self.signer.sha256.hex())

    @property
    def can_sign(self) -> bool:
        """Whether its certificate can sign the document."""
        return self.verdict.certificate is not None and self.verdict.refusal is None

    def is_of(self, office: SigningSubject) -> bool:
        """Whether its certificate has the office's code."""
        found = self.verdict.certificate
        return found is not None and match(found, office.tax_code, office.budget_code) != "review"


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """The likeliest keys, those that can sign first; `more` are not among them. `silence`: why the provider
    did not answer about another one, if it didn't."""

    judged: Sequence[FoundKey]
    more: int = 0
    silence: NoAnswer | None = None


class CertificateNeeded(Exception):
    """None of the keys has the office's code: the person picks one of `found`, or types something else."""

    def __init__(self, found: FoundKeys) -> None:
        super().__init__(len(found.judged))
        self.found = found


@dataclass(frozen=True, slots=True)
class _ReadableKey:
    """A key whose certificate can be read; nothing of it is checked yet."""

    id: str
    description: KeyDescription
    signer: x509.Certificate

    def likelihood(self, office: SigningSubject, picked: Sha256 | None) -> tuple[bool, bool, bool]:
        """The higher, the likelier the person means it: picked, with the office's code, enabled."""
        codes = {digits(code) for _, code in user_ids(self.signer)}
        own = {digits(code) for code in (office.tax_code, office.budget_code) if code}
        return self.signer.sha256.hex() == picked, bool(codes & own), self.description.is_enabled


async def find_keys(
    client: CscClient,
    signing: SigningService[Any],
    signable: Signable,
    user: str,
    picked: Sha256 | None = None,
) -> FoundKeys:
    """The keys whose certificates can be read: at least one. Raises what CscClient raises. Nobody is asked on
    a phone."""
    described = await client.find_keys(user)
    readable = []
    for id, key in described.by_id.items():
        with suppress(Rejected):
            readable.append(_ReadableKey(id, key, read_chain(key.cert.certificates).signer))
    if not readable:
        raise described.silence or RemoteRefused(RemoteFailure.KEY_UNUSABLE)
    readable.sort(key=lambda each: each.likelihood(signable.subject, picked), reverse=True)
    judged = await _judge(signing, signable, readable)
    return FoundKeys(judged, len(readable) - len(judged), described.silence)


async def _judge(
    signing: SigningService[Any], signable: Signable, readable: Sequence[_ReadableKey]
) -> list[FoundKey]:
    """The likeliest keys with their verdicts. They are judged group by group until one can sign: those that
    can't, such as expired ones, must not hide it."""
    judged: list[FoundKey] = []
    while len(judged) < len(readable) and not any(each.can_sign for each in judged):
        likely = readable[len(judged) :][:_MOST_SHOWN]
        verdicts = await signing.judge(signable, tuple(key.description.cert.certificates for key in likely))
        judged += [
            FoundKey(key.id, key.description, key.signer, verdict)
            for key, verdict in zip(likely, verdicts, strict=True)
        ]
    return sorted(judged, key=lambda each: not each.can_sign)[:_MOST_SHOWN]


def choose_key(found: FoundKeys, office: SigningSubject, picked: Sha256 | None) -> FoundKey:
    """The key whose certificate the person picked; else the office's, and of several one that is enabled.
    Raises CertificateNeeded if there is none, and NoAnswer if it may be the one that was not answered
    about."""
    able = [each for each in found.judged if each.can_sign]
    fitting = [each for each in able if (each.fingerprint == picked if picked else each.is_of(office))]
    chosen = max(fitting, key=lambda each: each.description.is_enabled, default=None)
    if found.silence and not (chosen and chosen.description.is_enabled):
        raise found.silence
    if chosen is None:
        raise CertificateNeeded(found)
    return chosen
