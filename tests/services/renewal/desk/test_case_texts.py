"""The words of a case: no event type and no code where a clerk reads."""

from typing import Any

import pytest

from services.renewal.desk.case_texts import EVENTS, MEASURES, HistoryLine, history_line, note_texts
from services.renewal.domain.desk.good_standing import Condition, Measure, unmet_conditions
from services.renewal.domain.desk.verdict import DECIDABLE
from services.renewal.render.preview.samples import OFFICE
from services.renewal.texts import ACTIONS, FOUND, LOOKS, RETURN_REASONS, STATUSES
from shared.audit.entries import ZEROS, AuditEntry
from shared.events.signing import ContractIssued, ContractSigned, FormSigned, SealFailed, SigningSuperseded
from shared.events.subscription import SubscriptionRecorded
from shared.text.i18n import Text
from tests.services.renewal.examples import NOW, RENEWAL, registration

HANDLED = (FormSigned, SigningSuperseded, ContractSigned, ContractIssued, SealFailed, SubscriptionRecorded)
"""The events that change a registration."""
SYSTEM, OFFICES = Text("Hệ thống", "System"), Text(OFFICE.name, OFFICE.name)
SIGNERS = {
    FormSigned: OFFICES,
    ContractSigned: OFFICES,
    ContractIssued: Text("Nhà cung cấp", "The vendor"),
}


def entry(actor: str = "service", action: str = "", **more: Any) -> AuditEntry:
    known = {"aggregate": f"renewals/{RENEWAL}", "n": 1, "at": NOW, "message_id": None, "reason": ""}
    chain = {"before": {}, "after": {}, "previous": ZEROS, "hash": ZEROS}
    return AuditEntry(**{**known, **chain, "actor": actor, "action": action, **more})


def told(entry: AuditEntry, **names: str) -> HistoryLine:
    return history_line(entry, registration(), names)


def test_person_is_told_by_name_or_by_role() -> None:
    registrant = told(entry("person:renewer-1", "register"))
    assert registrant.who.vi == "Người phụ trách gia hạn của đơn vị (renewer-1)"
    appointed = told(entry("person:member1", "register"), member1="Lê Thị Lan")
    assert appointed.who == Text("Lê Thị Lan (member1)", "Lê Thị Lan (member1)")
    on_behalf = registration().model_copy(update={"on_behalf": True, "registered_by": "desk-1"})
    assert history_line(entry("person:desk-1", "register"), on_behalf, {}).who.vi == "desk-1"


def test_every_event_that_changes_a_registration_has_its_words() -> None:
    assert EVENTS.keys() == {event.TYPE for event in HANDLED}
    for event in HANDLED:
        line = told(entry(f"event:{event.TYPE}", "handle"))
        assert (line.who, line.what) == (SIGNERS.get(event, SYSTEM), EVENTS[event.TYPE])


@pytest.mark.parametrize("step", DECIDABLE)
def test_every_decision_of_the_desk_has_its_words(step: str) -> None:
    action = step.replace("_", " ")
    line = told(entry("person:desk-1", f"{action} {RENEWAL}"))
    assert (line.who, line.what) == (Text("desk-1", "desk-1"), ACTIONS[action])


@pytest.mark.parametrize("action", ["register jointly", "accept joined", "release joined", "mark joined"])
def test_every_step_of_a_joint_registration_has_its_words(action: str) -> None:
    assert told(entry("service", action)).what == ACTIONS[action]


@pytest.mark.parametrize(
    ("actor", "action", "said"),
    [
        ("event:vn.giahan.signing.of_later.v9", "handle", "Ghi nhận tin từ dịch vụ khác"),
        ("service", "of a later release", "Thay đổi khác"),
        ("service", "", "Thay đổi khác"),
    ],
)
def test_what_this_release_does_not_know_is_readable(actor: str, action: str, said: str) -> None:
    line = told(entry(actor, action, after={"status": "of_later"}))
    assert (line.who.vi, line.what.vi, line.status) == ("Hệ thống", said, None)


def test_status_is_told_and_a_lapse_is_no_reminder() -> None:
    after = {"status": "accepted"}
    assert told(entry("service", "accept", after=after)).status == STATUSES["accepted"]
    assert told(entry("service", "chase")).what == ACTIONS["chase"]
    lapsed = told(entry("service", "chase", after={"voiding": {}}))
    assert lapsed.what.en == "Asked to void the contract: the office did not sign it in time"


@pytest.mark.parametrize(
    ("action", "reason", "said"),
    [
        ("return paper", "unstamped: thiếu dấu tròn", f"{RETURN_REASONS['unstamped'].vi}. thiếu dấu tròn"),
        ("return paper", "illegible: ", RETURN_REASONS["illegible"].vi),
        ("return paper", "of_later: mờ", "of_later: mờ"),
        ("refuse", "unstamped: as a clerk typed", "unstamped: as a clerk typed"),
        ("receive paper", "ab" * 32, ""),
    ],
)
def test_reason_is_told_in_words(action: str, reason: str, said: str) -> None:
    assert told(entry("person:desk-1", action, reason=reason)).reason.vi == said


@pytest.mark.parametrize("measure", Measure)
def test_condition_that_is_not_met_is_told_in_words(measure: Measure) -> None:
    (unmet,) = unmet_conditions([Condition(measure=measure, most=1000)], {measure: 2500})
    (said,) = note_texts(unmet)
    assert said == MEASURES[measure].fill(value="2.500", most="1.000")


def test_note_is_told_part_by_part() -> None:
    note = "signed; certificate matched by tax_code; another name; typed by a clerk"
    *known, typed = note_texts(note)
    assert all(part.vi != part.en for part in known)
    assert typed.vi == "typed by a clerk"
    (paper,) = note_texts("stamped paper form found in order by the desk")
    assert paper.vi == "Phiếu giấy đã được nhân viên xem, hợp lệ"


def test_file_with_something_to_look_at_says_nothing_of_its_certificate() -> None:
    note = "signed; certificate matched by review; stamp_without_name; stamp_says_more"
    assert note_texts(note) == [FOUND["signed"], LOOKS["stamp_without_name"], LOOKS["stamp_says_more"]]
    assert note_texts("signed; certificate matched by review") == [
        FOUND["signed"],
        FOUND["certificate matched by review"],
    ]
