"""Derived ids are the same for the same thing and differ for another. They must not change: they are
stored."""

from hypothesis import assume, given
from hypothesis import strategies as st

from shared import ids

PARTS = st.lists(st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_same_parts_give_the_same_id_and_others_another(one: list[str], other: list[str]) -> None:
    assume(one != other)
    assert ids.derived(*one) == ids.derived(*one)
    assert ids.derived(*one) != ids.derived(*other)


def test_derived_ids_never_change() -> None:
    assert str(ids.subscription_id("dv-00001", "qlts")) == "87d22e48-4cc6-5f03-a94c-03ff6db8e4cf"
    assert (
        str(ids.event_id("subscription/a", 1, "vn.giahan.subscription.expiring.v1"))
        == "1abe264a-28d2-551d-9868-92e3b12686e5"
    )


def test_fresh_ids_differ() -> None:
    assert ids.fresh() != ids.fresh()
