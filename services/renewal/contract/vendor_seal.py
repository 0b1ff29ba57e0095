"""Whether the vendor's certificate may seal contracts, as signing tells: before a number is given."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.signing import SealChecked
from shared.messaging.routes import Position, Routes
from shared.storage.projection import Projection

_ID = "vendor"


class VendorSealCopy(BaseModel):
    """`reason` is why the certificate may not seal, None where it may."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    valid_to: AwareDatetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class VendorSeal:
    kept: Projection[VendorSealCopy]

    def add_to(self, routes: Routes) -> None:
        routes.latest(SealChecked, self.checked)

    async def checked(self, event: SealChecked, at: Position) -> None:
        await self.kept.put(_ID, at, {"valid_to": event.valid_to, "reason": event.reason})

    async def is_ready(self, now: datetime) -> bool:
        """As far as signing has told: where it has not, its own word on each contract counts (SealFailed)."""
        known = await self.kept.get(_ID)
        return known is None or (known.reason is None and now < known.valid_to)
