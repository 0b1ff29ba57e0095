"""Checks whether the vendor's certificate may seal contracts, and publishes each change: renewal gives no
contract a number until it may.

One conditional save with its event. Dies before it: the next check publishes. After it: nothing has changed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from asn1crypto import x509
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import AwareDatetime

from services.signing.contracts.seal import Seal, SealUnusable
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.rejection import Rejected
from shared import ids
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.signing import SealChecked
from shared.observability.metrics import Metrics, Refresh
from shared.resilience.errors import Interrupted
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.store import Store
from shared.time.clock import Clock

log = structlog.get_logger()

_VENDOR, _SEAL = "vendor", "seal"
_ID = ids.derived("vendor seal")
_SOON = timedelta(days=30)


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
    """`warned`: the day on which the log last said that the certificate ends soon."""

    store: Store[SealCertificateStatus]
    seal: Seal
    deferred_signer: DeferredSigner
    clock: Clock
    leader_loop: LeaderLoop
    warned: list[date] = field(default_factory=list)

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        await self.check()

    async def check(self) -> None:
        now, certificate = self.clock.now(), self.seal.certificates[0]
        try:
            reason = await self._find_reason(now)
        except Interrupted:
            return  # a worker process was stopped: the next check decides
        valid_to = end_of(certificate)
        if valid_to - now < _SOON and now.date() not in self.warned:
            self.warned[:] = [now.date()]
            log.warning("seal.ends_soon", valid_to=valid_to.isoformat())
        current = SealCertificateStatus(
            fingerprint=hashlib.sha256(certificate).hexdigest(), valid_to=valid_to, reason=reason
        )
        await self.store.change(
            _ID, lambda state: record_check(state, current, now), Cause.command("check seal")
        )

    async def _find_reason(self, now: datetime) -> str | None:
        """Why the vendor can't seal; None if it can."""
        try:
            await self.deferred_signer.check(self.seal.certificates, now)
            await self.seal.check()
        except Rejected as rejected:
            log.error("seal.may_not_sign", reason=rejected.reason.value)
            return rejected.reason.value
        except SealUnusable as unusable:
            log.error("seal.may_not_sign", reason=SealUnusable.REASON, detail=str(unusable))
            return SealUnusable.REASON
        return None


def end_of(certificate: bytes) -> datetime:
    """When this certificate (DER) ends."""
    found: datetime = x509.Certificate.load(certificate)["tbs_certificate"]["validity"]["not_after"].native
    return found


@dataclass(frozen=True, slots=True, eq=False)
class SealMeter(Collector):
    """How long the vendor's certificate is still valid."""

    seal: Seal
    clock: Clock

    def register(self, metrics: Metrics) -> Refresh:
        metrics.registry.register(self)
        return self._refresh

    async def _refresh(self) -> None:
        """Nothing to read: it is counted from the certificate."""

    def collect(self) -> Iterable[Metric]:
        left = (end_of(self.seal.certificates[0]) - self.clock.now()) / timedelta(days=1)
        yield GaugeMetricFamily("giahan_seal_days_left", "Days until the vendor's certificate ends", left)
