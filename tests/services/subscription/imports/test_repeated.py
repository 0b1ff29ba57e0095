"""Which subscriptions have several rows, as far as 8 bytes of their ids tell."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.subscription.imports.repeated import SubscriptionsSeen

ids = st.lists(st.uuids(), unique_by=lambda one: one.int >> 64)


@given(ids, ids)
def test_what_was_seen_twice_is_a_candidate(once: list[UUID], twice: list[UUID]) -> None:
    seen = SubscriptionsSeen()
    for id in (*twice, *once, *twice):
        seen.note(id)
    repeated = seen.repeated()
    assert bool(repeated) == bool(twice)
    assert all(id in repeated for id in twice)


def test_two_ids_that_begin_alike_are_candidates_that_the_rows_themselves_tell_apart() -> None:
    seen = SubscriptionsSeen()
    for id in (UUID(int=1), UUID(int=2)):
        seen.note(id)
    assert UUID(int=1) in seen.repeated()
