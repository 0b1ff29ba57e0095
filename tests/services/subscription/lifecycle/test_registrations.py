"""The events of renewal and signing about a registration, and about recovery of data."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from shared.events.base import Event, Stage
from shared.events.paper_form import PaperCopyRefused, PaperCopyUploaded
from shared.events.renewal import DataRecoveryAsked, RenewalCancelled
from shared.events.renewer import HeldDateConfirmed, NoticeGivenByDesk, NoticeSeen
from shared.events.subscription import AccessRestored, DataRecoveryRequested, SubscriptionRecorded
from shared.runtime.settings import Settings
from tests.services.subscription.examples import days
from tests.services.subscription.lifecycle.registrations import (
    OFFICE,
    PDF,
    RENEWAL,
    about,
    on_paper,
    publish_and_wait,
    publish_event,
    registered,
    signed,
)
from tests.services.subscription.world import World, row, world
from tests.support.people import People
from tests.support.service_process import until
from tests.support.topic import raw

RECOVERY, INVENTED = UUID(int=6), UUID(int=8)


async def test_registration_is_open_from_its_signature_until_it_is_cancelled(settings: Settings) -> None:
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(40))])
        now = it.service.clock.now()
        await publish_and_wait(it, "renewal", registered(it, now), 1)
        assert (await it.subscription(OFFICE)).open_registrations == ()
        await publish_and_wait(it, "signing", signed(it, now), 1)
        assert (await it.subscription(OFFICE)).open_registrations == (RENEWAL,)
        await publish_and_wait(it, "renewal", on_paper(now + days(1)), 2)
        ways = {"registration_no": "GH-1", "renewal_id": RENEWAL}
        why = {"cancelled_by": "office", "reason": "nhầm", "replaced_by": None}
        await publish_and_wait(it, "renewal", RenewalCancelled(**about(now + days(1)), **ways, **why), 3)
        assert (await it.subscription(OFFICE)).open_registrations == ()


def copy_uploaded(now: datetime, id: UUID = RENEWAL) -> PaperCopyUploaded:
    return PaperCopyUploaded(**about(now), renewal_id=id, registration_no="GH-1", form_revision=1, shown=PDF)


async def test_stamped_form_that_is_shown_opens_a_locked_office_for_fifteen_days_once(
    settings: Settings,
) -> None:
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(20))])
        now, until = it.service.clock.now(), it.today + days(15)
        await publish_event(it, "renewal", copy_uploaded(now - days(16)), 1)
        await publish_and_wait(it, "renewal", registered(it, now), 2)
        await parked(it, 0)
        assert (await it.access(OFFICE))["products"][0]["access"] == [], "those days are over"
        await publish_and_wait(it, "renewal", copy_uploaded(now), 3)
        (gate,) = (await it.access(OFFICE))["products"]
        assert (gate["stage"], gate["temporary_until"]) == ("expiring", until.isoformat())
        await publish_event(it, "renewal", copy_uploaded(now + days(1)), 4)
        await publish_event(it, "renewal", copy_uploaded(now + days(1), INVENTED), 5)
        await publish_and_wait(it, "renewal", on_paper(now + days(1)), 6)
        await parked(it, 1)
        events = [event for event in await it.published_about(OFFICE) if isinstance(event, AccessRestored)]
        assert [event.effective_on for event in events] == [it.today]
        records = [
            event for event in await it.published_about(OFFICE) if isinstance(event, SubscriptionRecorded)
        ]
        assert [event.temporary_until for event in records] == [None, until]


async def test_signature_opens_an_office_whose_picture_was_refused(settings: Settings) -> None:
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(20))])
        now, refused = it.service.clock.now(), {"renewal_id": RENEWAL, "registration_no": "GH-1"}
        await publish_and_wait(it, "renewal", registered(it, now), 1)
        await publish_and_wait(it, "renewal", copy_uploaded(now), 2)
        why = {"form_revision": 1, "shown": PDF, "reason": "Chưa đóng dấu"}
        await publish_and_wait(it, "renewal", PaperCopyRefused(**about(now), **refused, **why), 3)
        it.move_days(2)
        await it.wait_until_idle()
        assert (await it.access(OFFICE))["products"][0]["access"] == []
        await publish_and_wait(it, "signing", signed(it, it.service.clock.now()), 1)
        (gate,) = (await it.access(OFFICE))["products"]
        until = it.today + days(15)
        assert (gate["stage"], gate["temporary_until"]) == ("expiring", until.isoformat())


async def parked(it: World, count: int) -> None:
    async def so_many() -> bool:
        return await it.service.database["parked"].count_documents({}) == count

    await until(so_many, f"{count} messages parked")


async def test_events_of_an_invented_registration_give_nothing(settings: Settings) -> None:
    """Guards against: anybody who could write to a topic gave fifteen days, or prevented the end of a
    service."""
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(20))])
        now = it.service.clock.now()
        await publish_event(it, "renewal", copy_uploaded(now, INVENTED), 1)
        await publish_event(it, "signing", signed(it, now).model_copy(update={"renewal_id": INVENTED}), 1)
        await publish_event(it, "renewal", on_paper(now).model_copy(update={"renewal_id": INVENTED}), 2)
        await parked(it, 3)
        state = await it.subscription(OFFICE)
        assert (state.temporary_until, state.registrations) == (None, {})
        assert (await it.access(OFFICE))["products"][0]["access"] == []


async def test_the_lock_comes_back_when_the_days_of_a_shown_form_are_over(settings: Settings) -> None:
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(20))])
        now = it.service.clock.now()
        await publish_and_wait(it, "renewal", registered(it, now), 1)
        await publish_and_wait(it, "renewal", copy_uploaded(now), 2)
        it.move_days(15)
        await it.wait_until_idle()
        assert (await it.access(OFFICE))["products"][0]["stage"] == "expiring"
        it.move_days(1)
        await it.wait_until_idle()
        (gate,) = (await it.access(OFFICE))["products"]
        assert (gate["stage"], gate["days_overdue"], gate["temporary_until"]) == ("locked", 1, None)
        assert gate["ends_on"] == (it.today + days(59)).isoformat(), "the whole lock once more"


async def test_recovery_requested_on_the_page_is_requested_of_the_platform_once(settings: Settings) -> None:
    async with world(settings, People(Path(settings.jwks))) as it:
        await it.imports([row(OFFICE, it.today - days(20))])
        early, now = UUID(int=7), it.service.clock.now()
        fields = {"asked_by": "office", "reason": "Cần số liệu"}
        await publish_event(it, "renewal", DataRecoveryAsked(**about(now), recovery_id=early, **fields), 1)
        await publish_and_wait(it, "renewal", registered(it, now), 2)
        await it.service.database["subscriptions"].update_one(
            {"office_ref": OFFICE}, {"$set": {"terminated_on": it.today.isoformat()}}
        )
        for sequence in (3, 4):
            event = DataRecoveryAsked(**about(now), recovery_id=RECOVERY, **fields)
            await publish_and_wait(it, "renewal", event, sequence)
        requests = [
            event for event in await it.published_about(OFFICE) if isinstance(event, DataRecoveryRequested)
        ]
        assert [event.recovery_id for event in requests] == [RECOVERY], "nothing had ended when it was early"


async def test_the_desks_word_on_a_held_date_counts_for_that_date_alone(settings: Settings) -> None:
    async with world(settings, People(Path(settings.jwks))) as it:
        wrong, right = it.today + days(100), it.today - days(1)
        await it.imports([row(OFFICE, wrong)])
        await it.imports([row(OFFICE, right)])
        await it.wait_until_idle()
        assert (await it.subscription(OFFICE)).hold == "many_at_once"
        now = it.service.clock.now()
        for sequence, day in ((1, wrong), (2, right)):
            confirmed = HeldDateConfirmed(**about(now), expires_on=day)
            await publish_event(it, "renewal", confirmed, sequence)
        await until(lambda: it.service.database["subscriptions"].find_one({"hold": None}), "hold released")
        trust = (await it.subscription(OFFICE)).trust
        assert (trust.named, trust.set_on) == (True, it.today)
        document = await it.service.database["subscriptions"].find_one({"office_ref": OFFICE})
        assert document
        ids = [str(_id_of(confirmed, sequence)) for sequence in (1, 2)]
        assert [id for id in ids if id in {item["id"] for item in document["handled"]}] == ids[1:]


@pytest.mark.parametrize("event_type", [NoticeGivenByDesk, NoticeSeen])
async def test_office_that_no_mail_reaches_is_locked_once_the_desk_or_a_page_warned_it(
    settings: Settings, event_type: type[NoticeGivenByDesk | NoticeSeen]
) -> None:
    """Guards against: a dead mailbox keeps an office's access for ever. A notice of another date does not
    count."""
    async with world(settings, People(Path(settings.jwks))) as it:
        last_day = it.today + days(3)
        await it.imports([row(OFFICE, last_day)])
        it.move_days(5)
        await it.wait_until_idle()
        assert (await it.subscription(OFFICE)).stage is Stage.EXPIRING, "nobody has warned it"
        now, named = it.service.clock.now(), {"notice_id": "n"} if event_type is NoticeGivenByDesk else {}
        for sequence, term in ((1, last_day - days(30)), (2, last_day)):
            event = event_type(**about(now), reason="expiring", term=term, counted_from=term, **named)
            await publish_event(it, "renewal", event, sequence)
        collection = it.service.database["subscriptions"]
        await until(lambda: collection.find_one({"warned.on": it.today.isoformat()}), "warned")
        it.move_days(1)
        await it.wait_until_idle()
        assert (await it.subscription(OFFICE)).stage is Stage.EXPIRING, "one whole day lies between"
        it.move_days(1)
        await it.wait_until_idle()
        assert (await it.subscription(OFFICE)).stage is Stage.LOCKED


def _id_of(event: Event, sequence: int) -> UUID:
    record = raw(event, source="renewal", sequence=sequence)
    return UUID(dict(record.headers)["ce_id"].decode())
