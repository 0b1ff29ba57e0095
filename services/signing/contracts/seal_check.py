"""Checks whether the vendor's certificate may seal contracts, and publishes each change: renewal gives no
contract a number until it may.

One conditional save with its event. Dies before it: the next check publishes. After it: nothing has changed.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog
from asn1crypto import x509
from pydantic import AwareDatetime

from services.signing.contracts.seal import Seal
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.rejection import Rejected
from shared import ids
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.signing import SealChecked
from shared.resilience.errors import Interrupted
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.store import Store
from shared.time.clock import Clock

log = structlog.get_logger()

_VENDOR, _SEAL = "vendor", "seal"
_ID = ids.derived("vendor seal")


class SealCertificateStatus(State):
    """The seal certificate's state as last published. `reason` says why it may not seal; None if it may."""

    fingerprint: str
    valid_to: AwareDatetime
    reason: str | None


def record_check(
    state: SealCertificateStatus | None, current: SealCertificateStatus, now: datetime
) -> Decision[SealCertificateStatus] | None:
    """None if this state is already published."""
    if state == current:
        return None
    event = SealChecked(
        **current.model_dump(),
        subscription_id=ids.subscription_id(_VENDOR, _SEAL),
        office_ref=_VENDOR,
        product_code=_SEAL,
        effective_on=now.date(),
        occurred_at=now,
        recorded_at=now,
    )
    return Decision(current, (event,))


@dataclass(frozen=True, slots=True)
class SealCheck:
    store: Store[SealCertificateStatus]
    seal: Seal
    deferred_signer: DeferredSigner
    clock: Clock
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        await self.check()

    async def check(self) -> None:
        now, certificate = self.clock.now(), self.seal.certificates[0]
        reason = None
        try:
            await self.deferred_signer.check(self.seal.certificates, now)
        except Interrupted:
            return  # a worker process was stopped: the next check decides
        except Rejected as rejected:
            reason = rejected.reason.value
            log.error("seal.may_not_sign", reason=reason)
        valid_to = x509.Certificate.load(certificate)["tbs_certificate"]["validity"]["not_after"].native
        current = SealCertificateStatus(
            fingerprint=hashlib.sha256(certificate).hexdigest(), valid_to=valid_to, reason=reason
        )
        await self.store.change(
            _ID, lambda state: record_check(state, current, now), Cause.command("check seal")
        )
