"""The chain: an entry's hash covers the whole entry, and every changed, removed or inserted entry is
found."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from shared.audit import entries
from shared.audit.entries import START, AuditChain, AuditEntry, AuditFinding, FindingKind, Head
from shared.ids import fresh
from shared.storage.aggregate import Cause

AT = datetime(2026, 12, 31, 16, 59, 59, 123000, UTC)
STATES: list[dict[str, Any]] = [
    {"name": "Trường Tiểu học Ba Đình", "users": 5, "due": None, "at": AT},
    {"name": "Trường Tiểu học Ba Đình", "users": 7, "due": "2028-02-29", "at": AT},
    {"name": "Trường THCS Ba Đình", "users": 7, "due": None, "at": AT + timedelta(hours=1)},
    {"name": "Trường THCS Ba Đình", "users": 9, "due": None, "at": AT},
]
FIELDS = sorted(AuditEntry.model_fields)

moments = st.builds(
    lambda seconds, micro, zone: datetime.fromtimestamp(seconds, zone) + timedelta(microseconds=micro),
    st.integers(-(2**31), 2**33),
    st.integers(0, 999_999),
    st.sampled_from([UTC, timezone(timedelta(hours=7))]),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
    | moments,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
states = st.dictionaries(st.sampled_from(["a", "b", "c"]), values)


def _chain(wanted: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], Head]:
    rows, head = [], START
    before: dict[str, Any] = {}
    for number, after in enumerate(wanted):
        cause = Cause.request("lan", "correct", f"lý do {number}", key=str(number))
        if row := entries.entry(head, "things/a", before, after, cause, AT + timedelta(days=number)):
            rows.append(row)
            head = Head(row["n"], row["hash"])
        before = {**before, **after}
    return rows, head


def _findings(rows: list[dict[str, Any]], head: Head, state: dict[str, Any]) -> list[AuditFinding]:
    chain = AuditChain("things/a")
    for row in rows:
        chain.follow(row)
    return chain.end(head, state)


def _through_the_database(document: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = bson.decode(bson.encode(document), CodecOptions(tz_aware=True))
    return decoded


def test_entry_has_actor_action_reason_and_changed_fields_only() -> None:
    cause = Cause.request("lan", "correct", "gõ nhầm số người dùng", key="k")
    row = entries.entry(Head(4, "f" * 64), "things/a", STATES[0], STATES[1], cause, AT)
    assert row
    assert AuditEntry.model_validate(row).intact
    assert row | {"hash": ""} == {
        "aggregate": "things/a",
        "n": 5,
        "at": AT,
        "actor": "person:lan",
        "action": "correct",
        "reason": "gõ nhầm số người dùng",
        "message_id": str(cause.message_id),
        "before": {"users": 5, "due": None},
        "after": {"users": 7, "due": "2028-02-29"},
        "previous": "f" * 64,
        "hash": "",
    }


def test_no_change_makes_no_entry() -> None:
    assert entries.entry(START, "things/a", STATES[0], dict(STATES[0]), Cause.command(), AT) is None
    finer = STATES[0] | {"at": AT + timedelta(microseconds=999)}
    assert entries.entry(START, "things/a", STATES[0], finer, Cause.command(), AT) is None


def test_hash_of_the_canonical_form_is_fixed() -> None:
    """A change of the canonical form would break every existing chain."""
    content = {"b": "Đ", "a": [1, None, True, AT]}
    assert entries.digest(content) == "375ef2b4fa23268fd8176a0e87fa750d7adf7f398c4ff62fbe208f69d4da07e1"


def test_intact_chain_has_no_findings() -> None:
    rows, head = _chain(STATES)
    assert [row["n"] for row in rows] == [1, 2, 3, 4]
    assert _findings(rows, head, STATES[-1]) == []


@given(st.lists(states, min_size=1, max_size=4))
def test_chain_is_the_same_after_a_round_trip_through_the_database(wanted: list[dict[str, Any]]) -> None:
    rows, head = _chain(wanted)
    state: dict[str, Any] = {}
    for after in wanted:
        state |= after
    stored = [_through_the_database(row) for row in rows]
    assert [entries.digest({k: v for k, v in row.items() if k != "hash"}) for row in stored] == [
        row["hash"] for row in rows
    ]
    assert _findings(stored, head, _through_the_database(state)) == []


@given(st.integers(0, 3), st.sampled_from(FIELDS), st.data())
def test_any_other_value_in_any_field_is_found(number: int, field: str, data: st.DataObject) -> None:
    rows, head = _chain(STATES)
    was = rows[number][field]
    kinds: dict[type, st.SearchStrategy[Any]] = {
        int: st.integers(-5, 2**40),
        str: st.text(max_size=70),
        datetime: moments,
        dict: states,
    }
    anything = kinds[type(was)] | values
    value = data.draw(anything.filter(lambda one: entries.jsonable(one) != entries.jsonable(was)))
    rows[number] = {**rows[number], field: value}
    assert _findings(rows, head, STATES[-1])


@given(st.integers(0, 3), st.sampled_from([field for field in FIELDS if field not in ("hash", "n")]))
def test_changed_entry_with_a_recomputed_hash_is_found(number: int, field: str) -> None:
    rows, head = _chain(STATES)
    content = {key: value for key, value in rows[number].items() if key != "hash"}
    was = content[field]
    content[field] = {"x": 1} if isinstance(was, dict) else AT if field == "at" else f"{was}x"
    if content[field] == was:
        content[field] = AT + timedelta(days=99)
    rows[number] = {**content, "hash": entries.digest(content)}
    named = (
        AuditFinding(FindingKind.HEAD, "things/a")
        if number == 3
        else AuditFinding(FindingKind.UNLINKED, f"things/a#{number + 2}")
    )
    assert named in _findings(rows, head, STATES[-1])


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("where", ["added", "removed"])
def test_added_or_removed_field_is_found(number: int, where: str) -> None:
    for field in FIELDS:
        rows, head = _chain(STATES)
        rows[number] = {k: v for k, v in rows[number].items() if where == "added" or k != field}
        if where == "added":
            rows[number] |= {f"{field}_": 1}
        assert _findings(rows, head, STATES[-1]), field


def test_missing_entries_are_found() -> None:
    rows, head = _chain(STATES)
    assert _findings(rows[:1] + rows[2:], head, STATES[-1]) == [
        AuditFinding(FindingKind.MISSING, "things/a#2")
    ]
    assert _findings(rows[3:], head, STATES[-1]) == [AuditFinding(FindingKind.MISSING, "things/a#1-#3")]
    assert _findings(rows[:2], head, STATES[-1]) == [AuditFinding(FindingKind.MISSING, "things/a#3-#4")]


def test_repeated_entry_is_ignored_and_a_different_one_is_found() -> None:
    rows, head = _chain(STATES)
    assert _findings([rows[0], *rows], head, STATES[-1]) == []
    other = entries.entry(Head(1, rows[0]["hash"]), "things/a", STATES[0], STATES[2], Cause.command(), AT)
    assert other
    assert _findings([*rows[:2], other, *rows[2:]], head, STATES[-1]) == [
        AuditFinding(FindingKind.TWICE, "things/a#2")
    ]


def test_document_changed_by_hand_is_found_by_field() -> None:
    rows, head = _chain(STATES)
    assert _findings(rows, head, STATES[-1] | {"users": 1000}) == [
        AuditFinding(FindingKind.STATE, "things/a.users")
    ]
    assert _findings(rows, head, STATES[-1] | {"new": None}) == [
        AuditFinding(FindingKind.STATE, "things/a.new")
    ]
    assert _findings(rows, Head(4, "0" * 64), STATES[-1]) == [AuditFinding(FindingKind.HEAD, "things/a")]
    assert _findings(rows, Head(3, rows[2]["hash"]), STATES[-1]) == [
        AuditFinding(FindingKind.HEAD, "things/a")
    ]
    assert AuditChain("things/a").end(None, STATES[-1]) == [AuditFinding(FindingKind.UNAUDITED, "things/a")]


def test_entry_of_another_aggregate_is_found() -> None:
    rows, _ = _chain(STATES)
    chain = AuditChain("things/b")
    chain.follow(rows[0])
    assert chain.findings == [AuditFinding(FindingKind.CHANGED, "things/b#1")]


def test_entry_names_its_cause() -> None:
    message = Cause(fresh(), fresh(), actor="event:vn.giahan.renewal.RenewalRegistered.v1", action="handle")
    row = entries.entry(START, "things/a", {}, STATES[0], message, AT)
    assert row
    assert (row["before"], row["previous"], row["message_id"]) == ({}, "0" * 64, str(message.message_id))
    schedule = entries.entry(START, "things/a", {}, STATES[0], Cause.command("tick"), AT)
    assert schedule
    assert (schedule["actor"], schedule["action"], schedule["message_id"]) == ("service", "tick", None)
