"""Banners and mails about a contract in force that gives full use only once it is paid."""

from datetime import date, timedelta

import pytest

from services.notifier.domain.matter import matter_of
from services.notifier.domain.notice import is_overtaken
from services.notifier.domain.situation import Level, banner_situation
from services.notifier.phrases import Phrases, office_turn
from services.notifier.words import NoticeWords
from shared.events.base import Capability, Stage
from shared.events.order import FullGrant
from shared.situation import Turn
from tests.services.notifier import examples as ex
from tests.services.notifier.email.letters import REGISTRATION, SETTINGS, letter, subscription
from tests.services.notifier.handled import contract_shelf

PAY_BY = ex.LAST_DAY - timedelta(days=10)
ISSUED = REGISTRATION.model_copy(update={"issued": True, "accepted": True, "signed": True})


@pytest.mark.parametrize(
    ("pay_by", "said"),
    [(PAY_BY, f"chậm nhất ngày {PAY_BY:%d/%m/%Y}"), (None, "Bước tiếp theo: đơn vị thanh toán.")],
)
def test_the_banner_says_until_when_to_pay(pay_by: date | None, said: str) -> None:
    known = {"unpaid": (ex.renewal_id(),), "pay_by": pay_by, "contracts": ()}
    stage = {"stage": Stage.EXPIRING, "access": tuple(Capability), "counted_from": ex.LAST_DAY}
    status = subscription(ISSUED).model_copy(update={**known, **stage})
    assert (status.contract, status.registration_id) == (None, ex.renewal_id())
    notice = banner_situation(status, ex.NOON)
    assert notice is not None
    assert (office_turn(notice), notice.situation.pay_by) == (Turn.PAY, pay_by)
    assert notice.level is not Level.INFO
    words = NoticeWords.of(SETTINGS.products)
    _, following = Phrases(words.vi, "qlts", notice, ex.ZONE).sentences
    assert "cho dùng đầy đủ từ ngày ghi nhận thanh toán đủ" in following
    assert said in following


def test_the_lock_is_still_told() -> None:
    """Guards against: the notice of the lock is thrown away, because a contract is in force."""
    event = ex.locked(1)
    known = {"unpaid": (ex.renewal_id(),), "contracts": (), "stage": Stage.LOCKED}
    status = subscription(ISSUED).model_copy(update=known)
    assert not is_overtaken(matter_of(event), status, ex.LAST_DAY)


@pytest.mark.parametrize("pay_by", [PAY_BY, None])
async def test_the_mail_with_the_contract_promises_no_full_use_before_the_payment(
    pay_by: date | None,
) -> None:
    event = ex.issued().model_copy(update={"full_grant": FullGrant.AT_PAYMENT, "pay_by": pay_by})
    written = await letter(event, ISSUED, shelf=contract_shelf())
    assert "từ ngày nhà cung cấp ghi nhận thanh toán đủ" in written.text
    assert (f"chậm nhất ngày {PAY_BY:%d/%m/%Y}" in written.text) is (pay_by is not None)
    usual = await letter(ex.issued(), ISSUED, shelf=contract_shelf())
    assert "thanh toán đủ" not in usual.text
