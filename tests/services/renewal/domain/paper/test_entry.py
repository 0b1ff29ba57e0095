"""The statuses of a batch's entry, in whatever order the clerk and the loop act."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.paper import batch as batching
from services.renewal.domain.paper import entry as entries
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import Entry, EntryStatus, ManualInput
from services.renewal.domain.paper.postal_date import Post
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared import ids
from shared.events.base import SendBy
from tests.services.renewal.examples import NOW, TODAY, registration
from tests.services.renewal.messages import document

CLERK = ManualInput(by="clerk-1")


def batch(**change: Any) -> Batch:
    post = Post(received_on=TODAY)
    made = batching.open_batch(ids.derived("batch", 1), post, "clerk-1", TODAY, NOW).state
    return made.model_copy(update=change)


def renewal(**change: Any) -> Renewal:
    made = form.register(registration(send_by=SendBy.PAPER), document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_changes(**change)


def entered(entry: Entry | None = None, given: ManualInput = CLERK) -> Entry | None:
    decision = entries.enter(entry, batch(), renewal(), 1, given, NOW)
    return decision.state if decision else entry


@given(st.lists(st.sampled_from(["enter", "undo", "apply", "note"])))
def test_once_it_is_applying_nobody_undoes_or_enters_it(steps: list[str]) -> None:
    entry, taken = entered(), False
    for step in steps:
        assert entry is not None
        match step:
            case "enter":
                entry = entered(entry)
            case "undo" if taken:
                with pytest.raises(RenewalError, match="batch-closed"):
                    entries.undo(entry)
            case "undo":
                decision = entries.undo(entry)
                entry = decision.state if decision else entry
            case "apply" if entry.at is EntryStatus.ENTERED:
                entry, taken = entries.start_applying(entry, document("scan")).state, True
            case "note" if entry.at is EntryStatus.APPLYING:
                entry = entries.finish_applying(entry, None, NOW).state
        assert entry is not None
        assert (entry.at in (EntryStatus.APPLYING, EntryStatus.RECEIVED)) == taken


def test_entered_again_keeps_old_input_and_takes_new_input() -> None:
    entry = entered(given=ManualInput(by="clerk-1", envelope=7))
    assert entry is not None
    assert entries.enter(entry, batch(), renewal(), 1, CLERK, NOW) is None
    more = entered(entry, ManualInput(by="clerk-2", postmarked_on=date(2026, 1, 2)))
    assert more is not None
    assert (more.envelope, more.postmarked_on, more.entered_by) == (7, date(2026, 1, 2), "clerk-1")


def test_postmark_after_the_day_of_receipt_is_refused() -> None:
    with pytest.raises(RenewalError, match="post-untrue"):
        entered(given=ManualInput(by="clerk-1", postmarked_on=date(2026, 1, 6)))
    with pytest.raises(RenewalError, match="post-untrue"):
        batching.open_batch(ids.derived("batch", 1), Post(received_on=date(2026, 1, 6)), "c", TODAY, NOW)


def test_outlook_says_why_and_what_took_its_place() -> None:
    other = ids.derived("renewal", 2)
    gone = entries.expected_outcome(
        renewal(status=RegistrationStatus.CANCELLED, replaced_by=other), 1
    ).why_not
    assert gone is not None
    assert (gone.reason, gone.standing, gone.replaced_by) == (
        "paper-not-awaited",
        RegistrationStatus.CANCELLED,
        other,
    )
    unknown = entries.expected_outcome(renewal(), 2).why_not
    assert unknown is not None
    assert unknown.reason == "revision-unknown"
    assert all(entries.expected_outcome(renewal(form_revision=2), n).why_not is None for n in (1, 2))


def test_batch_closes_once_and_only_when_nothing_is_left() -> None:
    with pytest.raises(RenewalError, match="batch-unfinished"):
        batching.close_batch(batch(), 1, "clerk-1", NOW)
    closed = batching.close_batch(batch(), 0, "clerk-1", NOW).state
    assert (closed.status, closed.closed_by) == ("closed", "clerk-1")
    assert batching.close_batch(closed, 3, "clerk-2", NOW).state == closed
    with pytest.raises(RenewalError, match="batch-closed"):
        batching.check_open(closed)
