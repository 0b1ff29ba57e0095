"""The situation that a banner or a notice states on each day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.matter import Locked, NoticeEvent, matter_of
from services.notifier.domain.situation import Level, banner_situation, notice_situation
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from shared.events.base import Capability, SendBy, Stage
from shared.situation import Situation, SituationKind, Turn
from shared.time.calendar import civil_date
from tests.services.notifier import examples as ex

LAST_DAY = ex.LAST_DAY


def subscription(stage: Stage, *renewals: RegistrationProgress, **more: object) -> SubscriptionStatus:
    known = {
        "office_ref": "office-1",
        "product_code": "qlts",
        "zone": ex.ZONE,
        "expires_on": LAST_DAY,
        "ends_on": date(2027, 3, 1),
        "deletion_due_on": date(2027, 3, 31),
    }
    by_id = {ex.renewal_id(str(n)): renewal for n, renewal in enumerate(renewals)}
    return SubscriptionStatus.model_validate({**known, "stage": stage, "renewals": by_id, **more})


def registration(**more: object) -> RegistrationProgress:
    known = {"registration_no": "DK-1", "basis_expires_on": LAST_DAY, "registered_at": ex.NOON}
    return RegistrationProgress.model_validate({**known, **more})


def situation(subscription: SubscriptionStatus, now: datetime) -> Situation | None:
    notice = banner_situation(subscription, now)
    return notice.situation if notice else None


@pytest.mark.parametrize(
    ("stage", "days_left", "kind", "level"),
    [
        (Stage.EXPIRING, 90, SituationKind.EXPIRING, Level.INFO),
        (Stage.EXPIRING, 30, SituationKind.EXPIRING, Level.WARNING),
        (Stage.EXPIRING, 7, SituationKind.EXPIRING, Level.URGENT),
        (Stage.EXPIRING, 0, SituationKind.LAST_DAY, Level.URGENT),
        (Stage.EXPIRING, -1, SituationKind.OVERDUE, Level.URGENT),
        (Stage.LOCKED, -1, SituationKind.LOCKED, Level.BLOCKED),
        (Stage.FINAL_NOTICE, -30, SituationKind.FINAL_NOTICE, Level.BLOCKED),
        (Stage.TERMINATED, -60, SituationKind.TERMINATED, Level.BLOCKED),
    ],
)
def test_stage_in_force_and_days_of_the_moment(
    stage: Stage, days_left: int, kind: SituationKind, level: Level
) -> None:
    notice = banner_situation(subscription(stage), ex.on(days_left))
    assert notice is not None
    assert (notice.situation.kind, notice.level, notice.situation.days_left) == (kind, level, days_left)


@pytest.mark.parametrize(
    "silent",
    [
        subscription(Stage.ACTIVE),
        subscription(Stage.LOCKED, registration(issued=True)),
        subscription(Stage.LOCKED, expires_on=None),
        subscription(Stage.LOCKED, zone=None),
        SubscriptionStatus(office_ref="office-1", product_code="qlts"),
    ],
)
def test_nothing_to_say(silent: SubscriptionStatus) -> None:
    assert situation(silent, ex.NOON) is None


def test_today_is_the_offices_today() -> None:
    before_midnight_in_hanoi = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    after = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    far_west = subscription(Stage.EXPIRING, zone="America/New_York")
    situations = [
        situation(s, at)
        for s, at in (
            (subscription(Stage.EXPIRING), before_midnight_in_hanoi),
            (subscription(Stage.EXPIRING), after),
            (far_west, after),
        )
    ]
    assert [each and each.kind for each in situations] == [
        SituationKind.LAST_DAY,
        SituationKind.OVERDUE,
        SituationKind.LAST_DAY,
    ]


@pytest.mark.parametrize(
    ("stage", "days_left", "kind"),
    [
        (Stage.EXPIRING, 3, SituationKind.EXPIRING),
        (Stage.EXPIRING, -1, SituationKind.TEMPORARY),
        (Stage.EXPIRING, -15, SituationKind.TEMPORARY),
        (Stage.EXPIRING, -16, SituationKind.OVERDUE),
        (Stage.LOCKED, -5, SituationKind.LOCKED),
    ],
)
def test_temporary_access_is_named_while_it_is_what_keeps_the_product_open(
    stage: Stage, days_left: int, kind: SituationKind
) -> None:
    until = LAST_DAY + timedelta(days=15)
    found = situation(subscription(stage, registration(), temporary_until=until), ex.on(days_left))
    assert found is not None
    assert (found.kind, found.temporary_until) == (kind, until if kind is SituationKind.TEMPORARY else None)


def test_read_only_access_is_not_called_locked() -> None:
    notice = banner_situation(subscription(Stage.LOCKED, access=(Capability.READ,)), ex.on(-1))
    assert notice is not None
    assert (notice.situation.kind, notice.level) == (SituationKind.READ_ONLY, Level.URGENT)


def test_day_of_the_end_is_named_only_while_it_belongs_to_this_expiry() -> None:
    final = situation(subscription(Stage.FINAL_NOTICE), ex.on(-30))
    ended = situation(subscription(Stage.TERMINATED), ex.on(-60))
    of_before = {"termination": {"expires_on": LAST_DAY.isoformat(), "ends_on": "2027-03-01"}}
    copy = subscription(Stage.LOCKED).model_dump(exclude={"ends_on", "expires_on"})
    same, corrected = (
        situation(SubscriptionStatus.model_validate({**copy, **of_before, "expires_on": day}), ex.on(-1))
        for day in (LAST_DAY.isoformat(), "2026-12-30")
    )
    assert same is not None
    assert same.ends_on == date(2027, 3, 1)
    early = situation(subscription(Stage.EXPIRING), ex.on(5))
    assert final is not None
    assert (final.ends_on, final.ends_in) == (date(2027, 3, 1), 30)
    assert [each and each.ends_on for each in (ended, corrected, early)] == [date(2027, 3, 31), None, None]


def test_end_named_before_its_notice_is_known_to_be_given_is_never_too_soon() -> None:
    """Guards against: after an outage the final notice is late, and names an end on the next day."""
    of_before = {"expires_on": LAST_DAY.isoformat(), "ends_on": "2027-03-01", "notice_days": 14}
    copy = subscription(Stage.FINAL_NOTICE, end_notice_days=14)
    old = copy.model_dump(mode="json", exclude={"ends_on", "end_notice_days"}) | {"termination": of_before}
    for days_left, ends_on in ((-30, date(2027, 3, 1)), (-59, date(2027, 3, 14))):
        for status in (copy, SubscriptionStatus.model_validate(old)):
            found = situation(status, ex.on(days_left))
            assert found is not None
            assert found.ends_on == ends_on
        final = ex.locked(30).model_copy(update={"end_notice_days": 14})
        matter = matter_of(final)
        assert isinstance(matter, Locked)
        assert notice_situation(matter, None, ex.ZONE, ex.on(days_left)).situation.ends_on == ends_on


@pytest.mark.parametrize(
    ("renewal", "turn"),
    [
        (registration(), Turn.SIGN),
        (registration(send_by=SendBy.PAPER), Turn.SEND_PAPER),
        (registration(signed=True), Turn.VENDOR),
        (registration(signed=True, send_by=SendBy.PAPER), Turn.SEND_PAPER),
        (registration(signed=True, signed_revision=1, unconfirmed=(1,)), Turn.CONFIRM),
        (registration(signed=True, signed_revision=2, unconfirmed=(1,)), Turn.VENDOR),
        (registration(send_by=SendBy.PAPER, accepted=True), Turn.VENDOR),
        (registration(send_by=SendBy.PAPER, paper_here=True), Turn.VENDOR),
        (registration(paper_here=True), Turn.SIGN),
    ],
)
def test_open_registration_says_what_it_waits_for(renewal: RegistrationProgress, turn: Turn) -> None:
    notice = banner_situation(subscription(Stage.EXPIRING, renewal), ex.on(5))
    assert notice is not None
    assert notice.registration is not None
    assert (notice.situation.turn, notice.level) == (
        turn,
        Level.URGENT if turn is Turn.SIGN else Level.WARNING,
    )


@pytest.mark.parametrize("days_left", [90, 30, 7, 0, -1])
def test_unsigned_form_is_as_urgent_as_no_registration(days_left: int) -> None:
    unsigned, none = (
        banner_situation(subscription(Stage.EXPIRING, *renewals), ex.on(days_left))
        for renewals in ([registration()], [])
    )
    assert unsigned is not None
    assert none is not None
    assert unsigned.level == none.level


def test_form_on_paper_that_has_not_come_is_urgent_on_the_last_day() -> None:
    sent = {"send_by": SendBy.PAPER}
    for more, until, level in (
        ({}, None, Level.URGENT),
        ({"paper_here": True}, None, Level.WARNING),
        ({}, LAST_DAY + timedelta(days=15), Level.INFO),
    ):
        status = subscription(Stage.EXPIRING, registration(**sent, **more), temporary_until=until)
        notice = banner_situation(status, ex.on(0))
        assert notice is not None
        assert notice.level == level


def test_registration_of_another_term_or_only_partly_known_is_not_open() -> None:
    earlier = registration(basis_expires_on=date(2025, 12, 31), issued=True)
    half = registration(registered_at=None, signed=True)
    notice = banner_situation(subscription(Stage.EXPIRING, earlier, half), ex.on(5))
    assert notice is not None
    assert notice.registration is None


def test_latest_registration_counts() -> None:
    later = registration(registration_no="DK-2", registered_at=ex.NOON + timedelta(days=1))
    notice = banner_situation(subscription(Stage.LOCKED, later, registration()), ex.on(-5))
    assert notice is not None
    assert notice.registration == later


@given(
    st.integers(0, 270 * 24 * 60).map(lambda n: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=n)),
    st.sampled_from(["Asia/Ho_Chi_Minh", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]),
    st.sampled_from([ex.expiring(30), ex.locked(1), ex.locked(30), ex.terminated()]),
)
def test_days_are_the_calendars(at: datetime, zone: str, event: NoticeEvent) -> None:
    matter = ex.notice(event).matter
    assert matter.stage is not None
    found = notice_situation(matter, None, zone, at).situation
    assert found.last_day - timedelta(days=found.days_left) == civil_date(at, zone)
    assert found.ends_in is None or found.ends_in > 0
