"""The settings of the subscription service."""

from pathlib import Path

from pydantic import Field

from services.subscription.domain.changes.hold_limit import HoldLimit
from shared.runtime.settings import Settings
from shared.time.zones import ZoneName


class SubscriptionSettings(Settings):
    batch: int = Field(500, ge=1, le=5000, description="Subscriptions decided and written at once")
    tables: Path | None = Field(None, description="Folder of the operator's own stage tables")
    tick_seconds: float = Field(
        1.0, gt=0, le=60, description="Shortest pause between two checks for what is due"
    )
    gate_remembers: int = Field(
        5000, ge=0, description="Answers remembered in case the database does not answer"
    )
    look_seconds: float = Field(
        1.0, gt=0, le=60, description="Shortest pause between two checks for confirmed imports and plans"
    )
    vendor_zone: ZoneName = Field(
        "Asia/Ho_Chi_Minh", description="Zone whose date is the vendor's day, for plans"
    )
    holds_seconds: float = Field(60.0, gt=0, le=600, description="Pause between counts of held changes")
    held_most: int = Field(
        HoldLimit().most,
        ge=0,
        description="Held changes that are usual; more alert, and wait for a named person",
    )
    held_share: float = Field(
        HoldLimit().share, ge=0, le=1, description="The same as a share of all; the lower one counts"
    )

    @property
    def hold_limit(self) -> HoldLimit:
        return HoldLimit(self.held_most, self.held_share)
