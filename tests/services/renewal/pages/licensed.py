"""Offices in each stage, from subscription's events."""

from datetime import date, timedelta

from shared.events.base import Stage
from shared.time.calendar import civil_date
from tests.services.renewal.messages import recorded
from tests.services.renewal.world import World

ZONE = "Asia/Ho_Chi_Minh"


def today(world: World) -> date:
    return civil_date(world.service.clock.now(), ZONE)


async def licensed(world: World, office_ref: str, stage: Stage = Stage.EXPIRING, days_left: int = 30) -> None:
    """An office whose last day of use is in that many days."""
    expires_on = today(world) + timedelta(days=days_left)
    event = recorded(office_ref=office_ref, stage=stage, expires_on=expires_on)
    await world.tell(world.subscription, event)
    await world.knows(office_ref, "qlts", stage=stage, expires_on=expires_on.isoformat())
