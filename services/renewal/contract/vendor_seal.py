"""Whether the vendor's certificate can seal contracts, by signing's events. It is checked before a contract
gets its number."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.signing import SealChecked
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.storage.projection import CopyWrite, Projection

_ID = "vendor"


class VendorSealCopy(BaseModel):
    """The state of the certificate. `reason` says why it can't seal; None where it can."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    valid_to: AwareDatetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class VendorSeal:
    copies: Projection[VendorSealCopy]

    def add_to(self, routes: Routes) -> None:
        routes.latest(SealChecked, self.copy_check)

    def copy_check(self, event: SealChecked, at: Position) -> list[CopyWrite]:
        return [self.copies.put(_ID, at, {"valid_to": event.valid_to, "reason": event.reason})]

    async def is_ready(self, now: datetime) -> bool:
        """Whether the certificate can seal. True before signing's first event: signing then still reports
        each contract that it can't seal (SealFailed)."""
        known = await self.copies.get(_ID)
        return known is None or (known.reason is None and now < known.valid_to)
