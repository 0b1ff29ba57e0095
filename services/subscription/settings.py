"""What the subscription service can be told."""

from pydantic import Field

from shared.settings import Settings


class SubscriptionSettings(Settings):
    batch: int = Field(500, ge=1, le=5000, description="Subscriptions decided and written at once")
    tick_seconds: float = Field(1.0, gt=0, le=60, description="Pause between looks for what is due")
