"""What an office corrects on its form stays corrected: its contract carries it over, and no old list undoes
it."""

from datetime import date, datetime
from uuid import UUID

from services.subscription.domain.changes import registration
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.correction import correct, restate
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy
from shared.events.renewal import Party
from shared.events.subscription import SubscriptionRecorded
from tests.services.subscription.examples import (
    BOTH,
    ENDS,
    adopted,
    contract,
    days,
    licence,
    noon,
    registration_of,
)

NEW_END = date(ENDS.year + 1, ENDS.month, ENDS.day)
TODAY = ENDS - days(20)
DECLARED = Party(
    name="Trường Tiểu học Ngọc Hà (mới)",
    tax_code="0101243150-002",
    budget_code=None,
    address="Số 9, Phường Ngọc Hà, Thành phố Hà Nội",
    representative="Phạm Thị Thay",
    title="Hiệu trưởng",
    contact_name="Đỗ Văn Mới",
    contact_phone="0987654321",
    contact_email="moi@ngocha.example",
)


def registered(state: Subscription, office: Party = DECLARED) -> Subscription:
    event = registration_of(contract(ENDS, NEW_END), office=office, send_by=SendBy.PAPER)
    decision = registration.register(state, event, noon(TODAY), BOTH)
    assert decision is not None
    return decision.state


def renewed(state: Subscription) -> Subscription:
    return ContractApplication(BOTH, "r117", noon(TODAY)).apply(state, contract(ENDS, NEW_END)).state


def listed(state: Subscription, at: datetime | None = None, **row: object) -> Subscription:
    stated = licence(ENDS).model_copy(update=row)
    return restate(state, stated, at or noon(TODAY), BOTH).state


def test_a_contract_carries_its_forms_declarations_into_the_licence_and_records_it() -> None:
    state = registered(adopted(ENDS))
    assert state.licence.contact_email != DECLARED.contact_email
    decision = ContractApplication(BOTH, "r117", noon(TODAY)).apply(state, contract(ENDS, NEW_END))
    (recorded,) = [event for event in decision.events if isinstance(event, SubscriptionRecorded)]
    for known in (decision.state.licence, recorded.licence):
        assert known.contact_email == "moi@ngocha.example"
        assert (known.name, known.address) == (DECLARED.name, DECLARED.address)
        assert (known.tax_code, known.expires_on) == ("0101243150-002", NEW_END)
    assert decision.state.source == licence(ENDS)


def test_a_code_that_was_not_declared_stays() -> None:
    before = adopted(ENDS)
    assert renewed(registered(before)).licence.budget_code == before.licence.budget_code


def test_a_registration_of_before_declarations_were_kept_changes_no_details() -> None:
    state = adopted(ENDS)
    details = renewed(state).licence.model_dump(exclude={"expires_on", "users", "package", "policy"})
    assert details == state.licence.model_dump(exclude={"expires_on", "users", "package", "policy"})


def test_a_declaration_without_a_contract_changes_nothing() -> None:
    assert registered(adopted(ENDS)).licence == adopted(ENDS).licence


def test_the_next_list_overwrites_only_what_the_vendor_changed() -> None:
    state = listed(renewed(registered(adopted(ENDS))), title="Phó Hiệu trưởng")
    assert state.licence.title == "Phó Hiệu trưởng"
    assert (state.licence.contact_email, state.licence.address) == (DECLARED.contact_email, DECLARED.address)
    assert state.licence.expires_on == NEW_END
    assert state.source == licence(ENDS).model_copy(update={"title": "Phó Hiệu trưởng"})


def test_what_the_vendor_changes_of_what_the_office_corrected_counts() -> None:
    state = listed(renewed(registered(adopted(ENDS))), contact_email="nha-cung-cap@ngocha.example")
    assert state.licence.contact_email == "nha-cung-cap@ngocha.example"
    assert state.licence.contact_phone == DECLARED.contact_phone


def test_a_list_that_follows_the_contract_changes_no_day() -> None:
    state = renewed(registered(adopted(ENDS)))
    assert listed(state, expires_on=NEW_END).licence == state.licence


def test_a_day_moved_and_moved_back_by_lists_is_moved_back() -> None:
    moved = listed(adopted(ENDS), expires_on=ENDS + days(30))
    assert moved.licence.expires_on == ENDS + days(30)
    assert listed(moved).licence.expires_on == ENDS


def test_what_a_named_person_corrected_stays_until_the_vendors_list_changes_it() -> None:
    state = adopted(ENDS)
    changed = state.licence.model_copy(update={"contact_phone": "0987654321"})
    corrected = correct(state, changed, noon(TODAY), BOTH).state
    assert listed(corrected, title="Phó Hiệu trưởng").licence.contact_phone == "0987654321"
    assert listed(corrected, contact_phone="0911111111").licence.contact_phone == "0911111111"


def test_a_disputed_contract_carries_it_once_the_desk_accepts() -> None:
    state = registered(adopted(ENDS))
    application = ContractApplication(BOTH, "r117", noon(TODAY))
    disputed = application.apply(state, contract(ENDS + days(1), NEW_END)).state
    assert disputed.licence.contact_email != DECLARED.contact_email
    settled = application.resolve_dispute(disputed, UUID(int=1), accept=True).state
    assert settled.licence.contact_email == DECLARED.contact_email
