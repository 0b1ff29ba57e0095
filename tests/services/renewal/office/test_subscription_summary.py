"""The summary's dates and days: guards against a screen that counts wrongly, or gives a date the wrong
meaning."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.licence import LicenceCopy
from services.renewal.office.subscription_summary import SubscriptionSummary
from services.renewal.pages.site import TEMPLATES
from shared import ids
from shared.events.base import Stage
from shared.situation import SituationKind

TODAY = date(2026, 12, 31)
CLOSED = {Stage.LOCKED, Stage.FINAL_NOTICE, Stage.TERMINATED}


def summary(
    stage: Stage, days_left: int, ends_on: date | None = None, temporary: int | None = None
) -> SubscriptionSummary:
    licence = LicenceCopy(
        subscription_id=ids.subscription_id("A", "qlts"),
        office_ref="A",
        product_code="qlts",
        name="Trường Tiểu học Kim Đồng",
        tax_code=None,
        budget_code="1047665",
        province_code="01",
        zone="Asia/Ho_Chi_Minh",
        expires_on=TODAY + timedelta(days=days_left),
        stage=stage,
        ends_on=ends_on,
        deletion_due_on=ends_on,
        temporary_until=None if temporary is None else TODAY + timedelta(days=temporary),
    )
    return SubscriptionSummary(licence, "QLTS", TODAY, None)


@pytest.mark.parametrize(
    ("stage", "days_left", "kind"),
    [
        (Stage.ACTIVE, 200, SituationKind.ACTIVE),
        (Stage.EXPIRING, 1, SituationKind.EXPIRING),
        (Stage.EXPIRING, 0, SituationKind.LAST_DAY),
        (Stage.EXPIRING, -1, SituationKind.OVERDUE),
        (Stage.LOCKED, -1, SituationKind.LOCKED),
        (Stage.FINAL_NOTICE, -30, SituationKind.FINAL_NOTICE),
        (Stage.TERMINATED, -60, SituationKind.TERMINATED),
    ],
)
def test_the_situation_by_stage_in_force_and_day(stage: Stage, days_left: int, kind: SituationKind) -> None:
    assert summary(stage, days_left).kind is kind


@pytest.mark.parametrize(
    ("days_left", "temporary", "kind"),
    [
        (-1, 0, SituationKind.TEMPORARY),
        (-1, -1, SituationKind.OVERDUE),
        (0, 15, SituationKind.EXPIRING),
        (5, 15, SituationKind.EXPIRING),
    ],
)
def test_temporary_days_are_named_once_the_term_is_over(
    days_left: int, temporary: int, kind: SituationKind
) -> None:
    assert summary(Stage.EXPIRING, days_left, temporary=temporary).kind is kind


@given(st.sampled_from(Stage), st.integers(-400, 400), st.none() | st.integers(-90, 90))
def test_lock_screen_appears_exactly_where_access_is_closed(
    stage: Stage, days_left: int, ends_in: int | None
) -> None:
    ends_on = None if ends_in is None else TODAY + timedelta(days=ends_in)
    seen = summary(stage, days_left, ends_on)
    assert seen.is_closed == (stage in CLOSED)
    assert seen.situation.days_left == days_left
    closing = stage in (Stage.LOCKED, Stage.FINAL_NOTICE)
    assert (seen.situation.ends_in or 0) == (max(ends_in or 0, 0) if closing else 0)


def test_templates_carry_no_script_and_no_style_of_their_own() -> None:
    """The content security policy would block them."""
    files = [file for folder in TEMPLATES.values() for file in folder.glob("*.html")]
    assert len(files) > 20
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "<script>" not in text, file.name
        assert " style=" not in text, file.name
        assert " onclick=" not in text, file.name
