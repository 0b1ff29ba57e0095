"""Every reason of a notice has its words at the desk, which calls the office if the notice failed, and its
row in the list of all mails."""

import re
from pathlib import Path

import pytest

from services.notifier.domain.reason import INSISTENT, NoticeReason
from services.renewal.desk.items import item_texts
from services.renewal.domain.desk.desk_item import FailedNotice


@pytest.mark.parametrize("reason", NoticeReason)
def test_desk_reads_what_the_office_should_have_been_told(reason: NoticeReason) -> None:
    failed = FailedNotice(notice_id="1", reason=reason, outcome="refused", smtp_code=550, term=None)
    told = item_texts.notice(failed)
    assert reason not in told
    assert told.vi != told.en


def test_list_of_mails_names_every_reason_and_which_are_sent_again() -> None:
    page = Path(__file__).parents[2] / "docs/reference/mails.md"
    rows = re.findall(r"^\| `(\w+)` \|.*\| (yes)? ?\|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [reason for reason, _ in rows] == [str(reason) for reason in NoticeReason]
    assert {reason for reason, again in rows if again} == INSISTENT
