"""The phrases about temporary access: what an office that has signed, or sent a picture, reads each day."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.notifier.domain.situation import banner_situation
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from services.notifier.phrases import Phrases
from services.notifier.settings import NotifierSettings
from services.notifier.words import NoticeWords
from shared.events.base import SendBy, Stage
from tests.services.notifier import examples as ex

UNTIL = ex.LAST_DAY + timedelta(days=15)
UNTIL_ROW = ("Được dùng tạm đến hết ngày", "15/01/2027")
SIGNED = RegistrationProgress(
    registration_no="DK-1", basis_expires_on=ex.LAST_DAY, registered_at=ex.NOON, signed=True
)
PICTURED = SIGNED.model_copy(update={"send_by": SendBy.PAPER, "signed": False})


def phrases(
    registration: RegistrationProgress, stage: Stage, days_left: int, until: date | None = UNTIL
) -> Phrases:
    status = SubscriptionStatus(
        office_ref="office-1",
        product_code="qlts",
        zone=ex.ZONE,
        stage=stage,
        expires_on=ex.LAST_DAY,
        temporary_until=until,
        renewals={UUID(int=1): registration},
    )
    notice = banner_situation(status, ex.on(days_left))
    assert notice is not None
    return Phrases(NoticeWords.of(NotifierSettings().products).vi, "qlts", notice, ex.ZONE)


@pytest.mark.parametrize(
    ("registration", "awaited"),
    [
        (SIGNED, "nhà cung cấp kiểm tra phiếu và lập hợp đồng"),
        (PICTURED, "đơn vị gửi ảnh phiếu đăng ký đã đóng dấu"),
    ],
)
@pytest.mark.parametrize("days_left", [10, 0, -1, -15])
def test_office_reads_how_long_access_lasts_and_what_is_really_awaited(
    registration: RegistrationProgress, awaited: str, days_left: int
) -> None:
    told = phrases(registration, Stage.EXPIRING, days_left)
    assert "đến hết" in told.sentences[0]
    assert "15/01/2027" in told.sentences[0]
    assert awaited in told.sentences[1]
    assert UNTIL_ROW in told.rows


@pytest.mark.parametrize("registration", [SIGNED, PICTURED])
def test_locked_office_reads_no_day_that_is_over(registration: RegistrationProgress) -> None:
    told = phrases(registration, Stage.LOCKED, -20)
    assert UNTIL_ROW not in told.rows
    assert "15/01/2027" not in " ".join(told.sentences)


@pytest.mark.parametrize("send_by", SendBy)
def test_last_day_says_what_must_be_sent_today(send_by: SendBy) -> None:
    """Guards against: the office has registered and not signed, reads that this was received, and is locked
    tomorrow."""
    unsent = SIGNED.model_copy(update={"send_by": send_by, "signed": False})
    told = " ".join(phrases(unsent, Stage.EXPIRING, 0, None).sentences)
    assert "ngay hôm nay" in told
    assert "Đã nhận" not in told


@pytest.mark.parametrize("stage", [Stage.EXPIRING, Stage.LOCKED, Stage.FINAL_NOTICE, Stage.TERMINATED])
def test_unsigned_form_is_nowhere_called_received(stage: Stage) -> None:
    told = phrases(SIGNED.model_copy(update={"signed": False}), stage, -20, None)
    assert "nhận đăng ký" not in " ".join([told.title, *told.sentences])
