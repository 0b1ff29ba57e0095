"""For a notice that the office's renewer sees on our pages, one event goes to the subscription service."""

from datetime import timedelta

from shared.events.base import Capability, Stage
from shared.events.renewer import NoticeSeen
from shared.ids import subscription_id
from tests.services.renewal.messages import recorded
from tests.services.renewal.pages.licensed import today
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.pages.steps import path, renewer
from tests.services.renewal.world import World
from tests.support.service_process import until


async def test_only_the_offices_renewer_sees_a_notice_and_only_once(
    renewal_world: World, office_ref: str
) -> None:
    world, people = renewal_world, renewal_world.people
    last_day = today(world) + timedelta(days=30)
    told = recorded(office_ref=office_ref, stage=Stage.EXPIRING, expires_on=last_day)
    whole = {"counted_from": last_day, "access": tuple(Capability), "contracts": ()}
    await world.tell(world.subscription, told.model_copy(update=whole))
    await world.knows(office_ref, "qlts", counted_from=last_day.isoformat())
    for other in (people.member(office_ref), people.clerk()):
        await (await Reader.signed_in(world, other)).get(path(office_ref, "notice"))
    kept = world.service.database["seen_notices"]
    ours = {"subscription_id": str(subscription_id(office_ref, "qlts"))}
    assert await kept.count_documents(ours) == 0
    reader = await renewer(world, office_ref)
    for step in ("notice", "notice", ""):
        await reader.get(path(office_ref, step).rstrip("/"))

    async def heard() -> list[NoticeSeen]:
        seen = [event for event in world.heard if isinstance(event, NoticeSeen)]
        return [event for event in seen if event.office_ref == office_ref]

    (seen,) = await until(heard, "the notice seen")
    assert (seen.reason, seen.term, seen.counted_from) == ("expiring", last_day, last_day)
    assert await kept.count_documents(ours) == 1
