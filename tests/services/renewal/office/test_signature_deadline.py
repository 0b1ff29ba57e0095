"""What the page says about the time for a signature: the earliest thing that happens without it, and never a
day that has passed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain import money
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.progress import RenewalProgress
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.office.progress import form_by
from services.renewal.office.signature_deadline import SignatureDeadline, signature_deadline, suspension
from services.renewal.office.subscription_summary import SubscriptionSummary
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Capability, SendBy, Stage
from shared.progress.line import progress_line
from tests.services.renewal.examples import NOW, TODAY, licence, registration
from tests.services.renewal.messages import document

REMINDER = date(2026, 1, 19)


def renewal(send_by: SendBy = SendBy.ELECTRONIC) -> Renewal:
    """Registered today; the reminder comes ten working days later."""
    return form.register(registration(send_by=send_by), document("form 1"), EXAMPLE_VENDOR, NOW).state


def deadline(today: date, **known: object) -> SignatureDeadline | None:
    made = renewal()
    situation = SubscriptionSummary(licence(**known), "QLTS", today, made).situation
    return signature_deadline(made, situation, today)


@pytest.mark.parametrize(
    ("expires", "today", "text", "day"),
    [
        (60, 0, "registration.sign_before", 14),
        (60, 14, "registration.sign_before", 14),
        (60, 15, "registration.sign_lock", 60),
        (14, 0, "registration.sign_lock", 14),
        (5, 0, "registration.sign_lock", 5),
        (5, 5, "registration.sign_lock", 5),
    ],
)
def test_lock_or_reminder_whichever_is_earlier(expires: int, today: int, text: str, day: int) -> None:
    told = deadline(
        TODAY + timedelta(days=today), stage=Stage.EXPIRING, expires_on=TODAY + timedelta(days=expires)
    )
    assert told == (text, TODAY + timedelta(days=day))


def test_last_day_includes_temporary_access() -> None:
    until = TODAY + timedelta(days=3)
    told = deadline(TODAY, stage=Stage.EXPIRING, expires_on=TODAY - timedelta(days=9), temporary_until=until)
    assert told == ("registration.sign_lock", until)


@pytest.mark.parametrize(
    ("today", "ends", "text", "day"),
    [
        (0, 30, "notice.unsigned", 30),
        (0, 10, "notice.unsigned", 10),
        (20, 30, "notice.unsigned", 30),
        (20, None, "registration.sign_overdue", None),
    ],
)
def test_locked_office_reads_when_its_service_ends(
    today: int, ends: int | None, text: str, day: int | None
) -> None:
    on = None if ends is None else TODAY + timedelta(days=ends)
    told = deadline(TODAY + timedelta(days=today), stage=Stage.FINAL_NOTICE, ends_on=on)
    assert told == (text, None if day is None else TODAY + timedelta(days=day))


@pytest.mark.parametrize(
    ("expires", "temporary", "text"),
    [
        (5, None, "registration.show_lock"),
        (0, None, "registration.show_lock"),
        (-5, 3, None),
        (-5, None, None),
    ],
)
def test_form_on_paper_has_the_last_day_of_use_for_its_picture(
    expires: int, temporary: int | None, text: str | None
) -> None:
    """Guards against: the page names the post alone, and the office is locked while the letter is on its
    way."""
    last, until = (None if n is None else TODAY + timedelta(days=n) for n in (expires, temporary))
    made = renewal(SendBy.PAPER)
    known = licence(stage=Stage.EXPIRING, expires_on=last, temporary_until=until)
    situation = SubscriptionSummary(known, "QLTS", TODAY, made).situation
    told = signature_deadline(made, situation, TODAY)
    assert told == (text and (text, last))
    assert suspension(made, situation) is None


@pytest.mark.parametrize("send_by", SendBy)
@pytest.mark.parametrize(
    ("stage", "access", "text"),
    [
        (Stage.LOCKED, (), "registration.suspended"),
        (Stage.FINAL_NOTICE, (), "registration.suspended"),
        (Stage.LOCKED, (Capability.READ,), "registration.limited"),
    ],
)
def test_suspended_office_reads_since_when_and_what_opens(
    send_by: SendBy, stage: Stage, access: tuple[Capability, ...], text: str
) -> None:
    """Guards against: the day by which to sign jumps two weeks, and nothing says that access has ended."""
    made, last = renewal(send_by), TODAY - timedelta(days=1)
    known = licence(stage=stage, access=access, expires_on=last)
    situation = SubscriptionSummary(known, "QLTS", TODAY, made).situation
    opens = "registration.sign_opens" if send_by is SendBy.ELECTRONIC else "registration.show_opens"
    assert suspension(made, situation) == (text, last, opens)
    assert suspension(made, situation, last - timedelta(days=9)) == (text, last, opens)
    told = signature_deadline(made, situation, TODAY)
    assert told is None or told.text != "registration.sign_before"


@pytest.mark.parametrize("send_by", SendBy)
def test_office_that_had_temporary_access_reads_what_is_known_of_it(send_by: SendBy) -> None:
    made, until = renewal(send_by), TODAY - timedelta(days=1)
    known = licence(stage=Stage.LOCKED, expires_on=until - timedelta(days=15), temporary_until=until)
    situation = SubscriptionSummary(known, "QLTS", TODAY, made).situation
    opens = "registration.sign_opens_left" if send_by is SendBy.ELECTRONIC else "registration.show_opens_left"
    assert suspension(made, situation, known.temporary_until) == ("registration.suspended", until, opens)


@given(
    st.sampled_from(Stage),
    st.integers(-100, 100),
    st.none() | st.integers(-100, 100),
    st.none() | st.integers(-100, 100),
    st.integers(0, 60),
)
def test_no_day_that_has_passed(
    stage: Stage, expires: int, temporary: int | None, ends: int | None, later: int
) -> None:
    days = [None if n is None else TODAY + timedelta(days=n) for n in (expires, temporary, ends)]
    today = TODAY + timedelta(days=later)
    told = deadline(today, stage=stage, expires_on=days[0], temporary_until=days[1], ends_on=days[2])
    assert told
    assert told.day is None or told.day >= today


def test_the_line_names_the_last_day_and_not_the_day_after() -> None:
    """Guards against: the page says "signed before 04/02", and the line "by 04/02 at the latest"."""
    ends_on = TODAY + timedelta(days=30)
    known = licence(stage=Stage.FINAL_NOTICE, expires_on=TODAY - timedelta(days=60), ends_on=ends_on)
    made = renewal()
    situation = SubscriptionSummary(known, "QLTS", TODAY, made).situation
    told = signature_deadline(made, situation, TODAY)
    assert told == ("notice.unsigned", ends_on)
    declared = RequestedInvoice.of(made.registration, money.in_words(made.registration.order.total))
    line = progress_line(
        RenewalProgress(
            renewal=made,
            receivable=Receivable.of(made.registration),
            invoice=declared,
            licence=known,
            form_by=form_by(made, known, TODAY),
            today=TODAY,
        ).facts
    )
    assert line.now is not None
    assert line.now.until == ends_on - timedelta(days=1)
