"""When the next version of a signed file is due, and that each version is added once."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import (
    PreservationFailure,
    PreservedFile,
    PreservedVersion,
    add_version,
    next_due,
    postpone,
    record_deletion,
)
from tests.services.signing.factory import NOW, OFFICE, RENEWAL, document

MARGIN, YEAR, DAY = timedelta(days=90), timedelta(days=365), timedelta(days=1)


def signed(**changed: object) -> PreservedFile:
    known = {
        "renewal_id": RENEWAL,
        "office_ref": OFFICE,
        "kind": "signed_form",
        "document": document("signed form"),
        "signed_level": SignatureLevel.LONG_TERM,
        "due": NOW,
    }
    return PreservedFile.model_validate(known | changed)


def version(n: int, *, at: datetime = NOW, lasts: timedelta = 3 * YEAR) -> PreservedVersion:
    made = document(f"version {n}")
    return PreservedVersion(n=n, document=made, made_at=at, proved_until=at + lasts)


def added(state: PreservedFile, new: PreservedVersion) -> PreservedFile:
    decision = add_version(state, new, MARGIN)
    assert decision is not None
    assert not decision.events
    return decision.state


def test_due_is_the_margin_before_the_proof_ends() -> None:
    assert next_due(NOW + YEAR, MARGIN, NOW) == NOW + YEAR - MARGIN


@given(left=st.timedeltas(DAY, 10 * YEAR), margin=st.timedeltas(DAY, 10 * YEAR))
def test_due_comes_after_now_and_before_the_end(left: timedelta, margin: timedelta) -> None:
    """Also where the authority's certificate lasts shorter than the margin: not every day again."""
    due = next_due(NOW + left, margin, NOW)
    assert left - left / 2 <= due - NOW + timedelta(microseconds=1)
    assert due < NOW + left


def test_version_is_added_once() -> None:
    first = added(signed(), version(1))
    assert (first.newest, first.level) == (document("version 1"), SignatureLevel.ARCHIVAL)
    assert first.due == NOW + 3 * YEAR - MARGIN
    assert add_version(first, version(1), MARGIN) is None
    assert add_version(signed(), version(2), MARGIN) is None
    second = added(first, version(2, at=first.due))
    assert (second.newest, len(second.versions)) == (document("version 2"), 2)


def test_published_file_stays() -> None:
    state = signed(signed_level=SignatureLevel.BASIC)
    assert (state.newest, state.level) == (document("signed form"), SignatureLevel.BASIC)
    after = added(state, version(1))
    assert (after.document, after.signed_level) == (state.document, state.signed_level)


def test_failure_is_tried_again_and_counts_from_its_first_day() -> None:
    reason = PreservationFailure.NO_TIME_STAMP
    first = postpone(signed(), reason, NOW, NOW + DAY)
    assert first
    assert first.state.due == NOW + DAY
    again = postpone(first.state, reason, NOW + DAY, NOW + 2 * DAY)
    assert again
    assert again.state.failed
    assert again.state.failed.since == NOW
    other = postpone(again.state, "certificate_revoked", NOW + 2 * DAY, NOW + 3 * DAY)
    assert other
    assert other.state.failed
    assert other.state.failed.since == NOW + 2 * DAY
    assert added(other.state, version(1, at=NOW + 3 * DAY)).failed is None


def test_reason_that_stays_is_tried_ever_less_often() -> None:
    state, now, pauses = signed(), NOW, []
    for _ in range(7):
        decision = postpone(state, "certificate_expired", now, now + DAY)
        assert decision
        state = decision.state
        pauses.append((state.due - now).days)
        now = state.due
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_failure_of_a_slower_process_doesnt_undo_a_version() -> None:
    assert postpone(added(signed(), version(1)), PreservationFailure.INTERRUPTED, NOW, NOW + DAY) is None


def test_a_deleted_file_gets_no_version_any_more() -> None:
    deletion = record_deletion(added(signed(), version(1)), NOW)
    assert deletion
    gone = deletion.state
    assert (gone.versions, gone.deleted_at) == ((), NOW)
    assert gone.due > NOW + 1000 * YEAR
    assert add_version(gone, version(1), MARGIN) is None
    assert postpone(gone, PreservationFailure.FILE_MISSING, gone.due, gone.due) is None
    assert record_deletion(gone, NOW + DAY) is None
