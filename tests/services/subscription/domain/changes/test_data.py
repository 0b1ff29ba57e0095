"""The deletion of an ended subscription's data: it needs two people and the platform's proof."""

from datetime import date

import pytest

from services.subscription.domain.changes import data
from services.subscription.domain.changes.concession import concede
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.errors import SubscriptionError
from services.subscription.domain.facts import Concession
from services.subscription.domain.stages.entitlement import current_entitlement
from services.subscription.domain.subscription import Subscription
from shared.events.base import Event
from shared.events.platform import DataDeleted, DataRecoveryAnswered
from shared.events.subscription import (
    DataDeletionCancelled,
    DataDeletionRequested,
    DataRecoveryRequested,
)
from shared.ids import derived
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Decision
from tests.services.subscription.examples import BOTH, ENDS, adopted, contract, days, ended, noon, on_paper

END = ENDS + days(60)
DUE = END + days(30)


def proposed() -> Subscription:
    return data.propose_deletion(ended(), "ops-1", "hết hạn lưu", noon(END)).state


def approved(on: date = DUE) -> Decision[Subscription]:
    return data.approve_deletion(proposed(), "ops-2", noon(on), BOTH)


def proof(state: Subscription, on: date = DUE) -> DataDeleted:
    assert state.deletion is not None
    return DataDeleted(**_common(state, on), deletion_id=state.deletion.id, deleted_at=noon(on), proof="p-1")


def _common(state: Subscription, on: date):  # type: ignore[no-untyped-def]
    return {
        "subscription_id": state.id,
        "office_ref": state.office_ref,
        "product_code": state.product_code,
        "effective_on": on,
        "occurred_at": noon(on),
        "recorded_at": noon(on),
    }


def of(kind: type[Event], events: tuple[Event, ...]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def test_deletion_is_requested_by_two_people_after_the_hold_and_done_with_the_proof() -> None:
    decision = approved()
    (event,) = decision.events
    assert isinstance(event, DataDeletionRequested)
    assert (event.terminated_on, event.reason) == (END, "hết hạn lưu")
    done = data.record_deletion(
        decision.state, proof(decision.state), noon(decision.state.told_on), BOTH
    ).state
    assert done.deletion is not None
    assert done.deletion.proof == "p-1"
    assert "đã được xóa ngày 31/03/2027" in current_entitlement(done, noon(DUE + days(3)), BOTH).reason.vi
    assert data.record_deletion(done, proof(done, DUE + days(1)), noon(done.told_on), BOTH) == Decision(
        done
    ), "the same proof again"


def test_somebody_is_waited_for_until_a_day_while_a_deletion_is_not_done() -> None:
    """Guards against: a proposal that no second person ever sees, or a request that the platform forgot."""
    waits, asked = proposed().deletion, approved(DUE + days(3)).state.deletion
    assert waits is not None
    assert asked is not None
    assert (waits.status, waits.late_after(DUE)) == ("proposed", DUE + days(7)), "not before the hold is over"
    assert (asked.status, asked.late_after(DUE)) == ("requested", DUE + days(10))
    older = waits.model_copy(update={"proposed_on": None})
    assert older.late_after(DUE) == DUE + days(7), "an earlier release recorded no day"
    assert waits.model_copy(update={"cancelled": True}).late_after(DUE) is None


def test_proof_of_a_deletion_that_nobody_requested_is_none() -> None:
    """Guards against: anybody who could write to the platform's topic told offices that their data was
    deleted."""
    for state in (ended(), proposed()):
        with pytest.raises(Unproven):
            data.record_deletion(state, proof(approved().state), noon(DUE), BOTH)


def test_what_must_not_be_deleted_is_refused_with_its_rule() -> None:
    with pytest.raises(SubscriptionError, match="not-ended"):
        data.propose_deletion(adopted(ENDS), "ops-1", "", noon(END))
    with pytest.raises(SubscriptionError, match="deletion-proposed"):
        data.propose_deletion(proposed(), "ops-2", "", noon(END))
    with pytest.raises(SubscriptionError, match="same-person"):
        data.approve_deletion(proposed(), "ops-1", noon(DUE), BOTH)
    with pytest.raises(SubscriptionError, match="hold-runs") as refused:
        approved(DUE - days(1))
    assert refused.value.figures == {"day": DUE.isoformat()}
    with pytest.raises(SubscriptionError, match="no-deletion"):
        data.approve_deletion(ended(), "ops-2", noon(DUE), BOTH)
    with pytest.raises(SubscriptionError, match="no-deletion"):
        data.approve_deletion(approved().state, "ops-3", noon(DUE), BOTH)


def test_while_a_registration_is_open_nothing_is_deleted() -> None:
    opened = on_paper(proposed(), derived("r"), noon(END + days(5)), BOTH)
    assert opened is not None
    with pytest.raises(SubscriptionError, match="registration-open"):
        data.approve_deletion(opened.state, "ops-2", noon(DUE), BOTH)


@pytest.mark.parametrize("asked", [False, True])
def test_a_renewal_cancels_an_unfinished_deletion_and_tells_the_platform(asked: bool) -> None:
    state = approved().state if asked else proposed()
    renewed = ContractApplication(BOTH, "r117", noon(DUE + days(1))).apply(
        state, contract(ENDS, ENDS + days(730))
    )
    assert len(of(DataDeletionCancelled, renewed.events)) == asked
    assert renewed.state.deletion is not None
    assert renewed.state.deletion.cancelled


def test_a_renewal_whose_term_is_over_too_still_keeps_the_data() -> None:
    """Guards against: the office pays for past years, and its data is deleted all the same."""
    renewed = ContractApplication(BOTH, "r117", noon(DUE + days(400))).apply(
        approved().state, contract(ENDS, ENDS + days(365))
    )
    assert renewed.state.terminated_on == END
    assert len(of(DataDeletionCancelled, renewed.events)) == 1


def test_deletion_is_cancelled_by_a_person_or_by_an_extension() -> None:
    taken = data.withdraw_deletion(approved().state, noon(DUE), BOTH)
    assert len(of(DataDeletionCancelled, taken.events)) == 1
    with pytest.raises(SubscriptionError, match="no-deletion"):
        data.withdraw_deletion(taken.state, noon(DUE), BOTH)
    again = data.propose_deletion(taken.state, "ops-2", "lần hai", noon(DUE)).state
    assert again.deletion is not None
    assert again.deletion.id != taken.state.deletion.id  # type: ignore[union-attr]
    granted = Concession(until=DUE + days(5), reason="bão", by="ops-1")
    extended = concede(approved().state, "extension", granted, noon(DUE), BOTH)
    assert len(of(DataDeletionCancelled, extended.events)) == 1


def test_a_proof_of_what_was_cancelled_too_late_is_kept_and_not_proposed_again() -> None:
    taken = data.withdraw_deletion(approved().state, noon(DUE), BOTH).state
    done = data.record_deletion(taken, proof(taken), noon(taken.told_on), BOTH).state
    assert done.deletion is not None
    assert done.deletion.deleted_at
    with pytest.raises(SubscriptionError, match="deletion-proposed"):
        data.propose_deletion(done, "ops-1", "", noon(DUE))


def test_the_data_of_a_later_term_has_a_deletion_of_its_own() -> None:
    """Guards against: data that was deleted once can never be deleted again, and is reported as deleted."""
    first = approved().state
    done = data.record_deletion(first, proof(first), noon(first.told_on), BOTH).state
    second = done.with_(terminated_on=END + days(800))
    assert "đã được xóa" not in current_entitlement(second, noon(END + days(801)), BOTH).reason.vi
    again = data.propose_deletion(second, "ops-1", "", noon(DUE)).state
    assert again.deletion is not None
    assert again.deletion.terminated_on == END + days(800)


def test_recovery_is_requested_one_at_a_time_and_answered() -> None:
    state = approved().state
    done = data.record_deletion(state, proof(state), noon(state.told_on), BOTH).state
    decision = data.request_recovery(done, noon(DUE + days(9)), BOTH)
    (event,) = decision.events
    assert isinstance(event, DataRecoveryRequested)
    assert (event.terminated_on, event.deleted_on) == (END, DUE)
    with pytest.raises(SubscriptionError, match="recovery-open"):
        data.request_recovery(decision.state, noon(DUE + days(9)), BOTH)
    answer = DataRecoveryAnswered(
        **_common(state, DUE), recovery_id=event.recovery_id, answer="partly", note="thiếu năm 2024"
    )
    known = data.answer_recovery(decision.state, answer).state
    assert [(r.answer, r.note) for r in known.recoveries] == [("partly", "thiếu năm 2024")]
    other = answer.model_copy(update={"recovery_id": derived("x")})
    assert data.answer_recovery(known, other).state == known
    second = data.request_recovery(known, noon(DUE + days(10)), BOTH)
    assert len({recovery.id for recovery in second.state.recoveries}) == 2


def test_what_never_ended_has_nothing_to_recover_and_renewing_restores_nothing() -> None:
    with pytest.raises(SubscriptionError, match="never-ended"):
        data.request_recovery(adopted(ENDS), noon(ENDS), BOTH)
    state = approved().state
    done = data.record_deletion(state, proof(state), noon(state.told_on), BOTH).state
    renewed = ContractApplication(BOTH, "r117", noon(DUE)).apply(done, contract(ENDS, ENDS + days(730))).state
    assert renewed.recoveries == ()
    decision = data.request_recovery(renewed, noon(DUE), BOTH)
    assert len(of(DataRecoveryRequested, decision.events)) == 1
