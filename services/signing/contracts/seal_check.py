"""Looks whether the vendor's certificate may seal contracts, and tells when that changes: renewal gives no
contract a number before.

One conditional save with its event. Dead before it, the next look tells; after it, nothing is new.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog
from asn1crypto import x509
from pydantic import AwareDatetime

from services.signing.contracts.seal import Seal
from services.signing.forms.signatures import Signatures
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


class SealStanding(State):
    """As it was told last."""

    fingerprint: str
    valid_to: AwareDatetime
    reason: str | None


def checked(state: SealStanding | None, found: SealStanding, now: datetime) -> Decision[SealStanding] | None:
    """None where it was told already."""
    if state == found:
        return None
    event = SealChecked(
        **found.model_dump(),
        subscription_id=ids.subscription_id(_VENDOR, _SEAL),
        office_ref=_VENDOR,
        product_code=_SEAL,
        effective_on=now.date(),
        occurred_at=now,
        recorded_at=now,
    )
    return Decision(found, (event,))


@dataclass(frozen=True, slots=True)
class SealCheck:
    kept: Store[SealStanding]
    seal: Seal
    signatures: Signatures
    clock: Clock
    leader_loop: LeaderLoop

    async def run(self, pulse: Heartbeat) -> None:
        await self.leader_loop.run(self._step, pulse)

    async def _step(self, check_leadership: CheckLeadership) -> None:
        await self.look()

    async def look(self) -> None:
        now, own = self.clock.now(), self.seal.certificates[0]
        reason = None
        try:
            await self.signatures.check(self.seal.certificates, now)
        except Interrupted:
            return  # a busy machine: the next look tells
        except Rejected as rejected:
            reason = rejected.reason.value
            log.error("seal.may_not_sign", reason=reason)
        valid_to = x509.Certificate.load(own)["tbs_certificate"]["validity"]["not_after"].native
        found = SealStanding(fingerprint=hashlib.sha256(own).hexdigest(), valid_to=valid_to, reason=reason)
        await self.kept.change(_ID, lambda state: checked(state, found, now), Cause.command("check seal"))
