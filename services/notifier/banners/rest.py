"""HTTP: what the platform shows an office, inside a product and on the screen that says it is locked."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.notifier.domain.situation import Level, SituationNotice
from services.notifier.domain.situation import banner as told_now
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.phrases import Phrases, office_turn
from services.notifier.vendor import Portal
from services.notifier.words import Bilingual, NoticeWords
from shared.events.base import Stage
from shared.situation import Turn
from shared.storage.last_known import LastKnown
from shared.storage.projection import Projection
from shared.time.clock import Clock

OfficeRef = Annotated[str, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ProductCode = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]

BannerKey = tuple[str, str | None]
"""An office, and one of its products or all."""


class Action(BaseModel):
    """What the office can do now, where, and what to write on the button."""

    kind: Turn
    label: Bilingual
    url: str


class Banner(BaseModel):
    """What to show for one product.

    `text` is for who may renew, `member_text` for everyone else in the office. `level` blocked: the
    product is closed and this is what the lock screen says. `days_left` counts to the last day of use,
    granted days included, 0 on it; `days_overdue` from the day after it. `ends_on` is when service ends or,
    at stage terminated, when data is due for deletion; null while an open registration keeps it off.
    `temporary_until` is the last of the days granted beyond the term, while that is why the product is open.
    `action` is null while it is the vendor's turn.
    """

    product_code: str
    stage: Stage
    level: Level
    title: Bilingual
    text: Bilingual
    member_text: Bilingual
    expires_on: date
    days_left: int
    days_overdue: int
    ends_on: date | None
    temporary_until: date | None
    registration_no: str | None
    action: Action | None


def router(
    subscriptions: Projection[SubscriptionStatus],
    catalogue: NoticeWords,
    portal: Portal,
    clock: Clock,
    remembers: int,
) -> APIRouter:
    """`remembers`: of how many offices the last standings are kept, in case the database is silent."""
    routes = APIRouter(prefix="/v1", tags=["banners"])
    known: LastKnown[BannerKey, list[SubscriptionStatus]] = LastKnown(
        lambda name: subscriptions.find(_query(*name)), clock, remembers
    )

    def banner(subscription: SubscriptionStatus, at: datetime) -> Banner | None:
        told = told_now(subscription, at)
        return None if told is None else _banner(subscription, told, catalogue, portal)

    @routes.get("/banners")
    async def banners(
        response: Response, office_ref: OfficeRef, product_code: ProductCode = None
    ) -> list[Banner]:
        """One entry for each product that there is something to say about; empty for an unknown office.

        Days are counted at the moment of asking. While the database is silent the last answer is repeated,
        with a `Warning` header. For the platform, on the inside network.
        """
        found = await known.get((office_ref, product_code))
        at = found.at if found.stale else clock.now()
        if found.stale:
            response.headers["warning"] = f'110 giahan "stale since {found.at.isoformat()}"'
        return [shown for subscription in found.value if (shown := banner(subscription, at))]

    return routes


def _query(office_ref: str, product_code: str | None) -> dict[str, str]:
    return {"office_ref": office_ref} | ({"product_code": product_code} if product_code else {})


def _banner(
    subscription: SubscriptionStatus, told: SituationNotice, catalogue: NoticeWords, portal: Portal
) -> Banner:
    code = subscription.product_code
    zone = subscription.zone or "UTC"
    vi, en = (Phrases(words, code, told, zone) for words in catalogue)
    tell_renewer = catalogue.both(lambda words: words.say("member.tell"))
    act, situation = office_turn(told), told.situation
    return Banner(
        product_code=code,
        stage=subscription.stage or Stage.ACTIVE,
        level=told.level,
        title=Bilingual(vi=vi.title, en=en.title),
        text=Bilingual(vi=" ".join(vi.sentences), en=" ".join(en.sentences)),
        member_text=Bilingual(
            vi=f"{vi.sentences[0]} {tell_renewer.vi}", en=f"{en.sentences[0]} {tell_renewer.en}"
        ),
        expires_on=situation.last_day,
        days_left=max(situation.days_left, 0),
        days_overdue=max(-situation.days_left, 0),
        ends_on=situation.ends_on,
        temporary_until=situation.temporary_until,
        registration_no=told.registration.registration_no if told.registration else None,
        action=_action(act, catalogue, portal, code) if act else None,
    )


def _action(act: Turn, catalogue: NoticeWords, portal: Portal, code: str) -> Action:
    label = catalogue.both(lambda words: words.say(f"action.{act}"))
    return Action(kind=act, label=label, url=portal.link(code))
