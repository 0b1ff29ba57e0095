"""HTTP: the banners and lock screens that the platform displays to an office in its products."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.notifier.domain.situation import Level, SituationNotice, banner_situation
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.phrases import Phrases, office_turn, step_text
from services.notifier.portal import Portal
from services.notifier.words import Bilingual, NoticeWords
from shared.events.base import Stage
from shared.events.order import OrderedResources
from shared.progress.point import ProgressPoint
from shared.situation import Turn
from shared.storage.last_known import LastKnown
from shared.storage.projection import Projection
from shared.time.clock import Clock

OfficeRef = Annotated[str, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ProductCode = Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]

BannerKey = tuple[str, str | None]
"""An office, and one of its products; None: all of them."""


class Action(BaseModel):
    """What the office can do now: the button's label and address."""

    kind: Turn
    label: Bilingual
    url: str


class BannerStep(BaseModel):
    """What the open registration waits for: `waits_for` does it, at the latest on `until`, null where no day
    is known. `late`: that day has passed."""

    text: Bilingual
    waits_for: Literal["office", "vendor"]
    until: date | None
    late: bool


class Banner(BaseModel):
    """The banner or lock screen of one product.

    `text` is for the person who may renew, `member_text` for everyone else in the office. `level` blocked:
    the product is locked, and this is the text of the lock screen. `days_left` counts to the last day of use,
    with temporary access: it is 0 on that day. `days_overdue` counts from the day after it. `ends_on` is the
    day on which the service ends or, at stage terminated, on which data is due for deletion; null while an
    open registration prevents that. `temporary_until` is the last day of temporary access, while the product
    is open for that reason. `package` (its code) and `users` are what the licence allows, null while not
    known. `next_step` and `ordered` are those of the open registration, null where there is none: `text` says
    the step too, `ordered` what it will give. `action` is null while it is the vendor's turn.
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
    package: str | None
    users: int | None
    registration_no: str | None
    next_step: BannerStep | None
    ordered: OrderedResources | None
    action: Action | None


def router(
    subscriptions: Projection[SubscriptionStatus],
    catalogue: NoticeWords,
    portal: Portal,
    clock: Clock,
    remembers: int,
) -> APIRouter:
    """`remembers`: for how many offices the last status is kept, in case the database does not answer."""
    routes = APIRouter(prefix="/v1", tags=["banners"])
    known: LastKnown[BannerKey, list[SubscriptionStatus]] = LastKnown(
        lambda name: subscriptions.find(_query(*name)), clock, remembers
    )

    def banner(subscription: SubscriptionStatus, at: datetime) -> Banner | None:
        notice = banner_situation(subscription, at)
        return None if notice is None else _banner(subscription, notice, catalogue, portal)

    @routes.get("/banners")
    async def banners(
        response: Response, office_ref: OfficeRef, product_code: ProductCode = None
    ) -> list[Banner]:
        """One banner for each product that needs one. The list is empty for an unknown office.

        Days are counted at the moment of the request. While the database does not answer, the last answer is
        repeated, with a `Warning` header. For the platform, on the internal network.
        """
        found = await known.get((office_ref, product_code))
        at = found.at if found.stale else clock.now()
        if found.stale:
            response.headers["warning"] = f'110 giahan "stale since {found.at.isoformat()}"'
        return [entry for subscription in found.value if (entry := banner(subscription, at))]

    return routes


def _query(office_ref: str, product_code: str | None) -> dict[str, str]:
    return {"office_ref": office_ref} | ({"product_code": product_code} if product_code else {})


def _banner(
    subscription: SubscriptionStatus, notice: SituationNotice, catalogue: NoticeWords, portal: Portal
) -> Banner:
    code = subscription.product_code
    zone = subscription.zone or "UTC"
    vi, en = (Phrases(words, code, notice, zone) for words in catalogue)
    tell_renewer = catalogue.both(lambda words: words.say("member.tell"))
    turn, situation = office_turn(notice), notice.situation
    return Banner(
        product_code=code,
        stage=subscription.stage or Stage.ACTIVE,
        level=notice.level,
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
        package=subscription.package,
        users=subscription.users,
        registration_no=notice.registration.registration_no if notice.registration else None,
        next_step=_step(notice.step, catalogue) if notice.step else None,
        ordered=notice.registration.ordered if notice.registration else None,
        action=_action(turn, catalogue, portal, subscription) if turn else None,
    )


def _step(step: ProgressPoint, catalogue: NoticeWords) -> BannerStep | None:
    """None for a point that waits for nobody."""
    if step.waits_for is None:
        return None
    text = catalogue.both(lambda words: step_text(words, step))
    return BannerStep(text=text, waits_for=step.waits_for, until=step.until, late=step.late)


def _action(turn: Turn, catalogue: NoticeWords, portal: Portal, subscription: SubscriptionStatus) -> Action:
    label = catalogue.both(lambda words: words.say(f"action.{turn}"))
    url = portal.page_for(turn, subscription.registration_id, subscription.product_code)
    return Action(kind=turn, label=label, url=url)
