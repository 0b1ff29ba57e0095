"""The desk calls an office whose notice failed: every reason of a notice has its words there."""

import pytest

from services.notifier.domain.reason import NoticeReason
from services.renewal.desk.items import item_texts
from services.renewal.domain.desk.desk_item import FailedNotice


@pytest.mark.parametrize("reason", NoticeReason)
def test_desk_reads_what_the_office_should_have_been_told(reason: NoticeReason) -> None:
    failed = FailedNotice(notice_id="1", reason=reason, outcome="refused", smtp_code=550, term=None)
    told = item_texts.notice(failed)
    assert reason not in told
    assert told.vi != told.en
