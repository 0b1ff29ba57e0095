"""One contract over several subscriptions, from renewal through signing to each subscription: every product
gets its own term and order by the same number, and one whose last day of use moved waits alone."""

from datetime import date, timedelta
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from services.renewal.domain.contract.contract import prepare_contract
from services.renewal.domain.desk import approval
from services.renewal.domain.joint.declaration import JoinedProduct, declare_joint
from services.renewal.domain.joint.events import for_each_product
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.registration.catalogue import ContractNumbering
from services.renewal.domain.registration.form import register
from services.renewal.domain.registration.registration import Registrant
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from services.signing.domain.contract import prepare, record_seal
from services.signing.domain.form import accept_paper, open_form
from services.signing.domain.proof import find_any_mismatch
from services.subscription.domain.changes import registration
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.contract import ContractApplication
from services.subscription.domain.changes.contract_check import check_contract
from services.subscription.domain.subscription import Subscription
from shared import ids
from shared.events.base import Event, SendBy, Stage
from shared.events.paper_form import PaperFormAccepted
from shared.events.renewal import ContractPrepared, RenewalRegistered
from shared.events.signing import ContractIssued
from shared.ids import subscription_id
from shared.time.calendar import civil_date
from tests.services.renewal.domain.joint.examples import CODES, joint_declaration, licence_of
from tests.services.renewal.examples import NOW, OFFICE_REF, TODAY, judged, product
from tests.services.renewal.messages import document, posted_form
from tests.services.signing.factory import certificate
from tests.services.subscription.examples import BOTH, licence

E = TypeVar("E", bound=Event)
NUMBER = ContractNumber(year=TODAY.year, n=9)
ENDED = date(2025, 6, 30)


def registered(ended: list[bool], years: list[int], users: list[int]) -> tuple[Renewal, tuple[Event, ...]]:
    """A joint registration on paper; of each product, whether its service had ended, and what it orders."""
    products = [
        JoinedProduct(
            ids.derived("renewal", known.subscription_id, 1),
            known,
            product(code).model_copy(update={"contract_number": ContractNumbering.ORDER}),
        )
        for code, over in zip(CODES, ended, strict=True)
        for known in [
            licence_of(code, expires_on=ENDED, stage=Stage.TERMINATED) if over else licence_of(code)
        ]
    ]
    orders = [
        {"product_code": code, "order": {"package": "standard", "years": years[n], "users": users[n]}}
        for n, code in enumerate(CODES)
    ]
    by = Registrant(sub="renewer-1", on_behalf=False, send_by=SendBy.PAPER)
    made = declare_joint(joint_declaration(products=orders), products, by, NOW)
    decision = for_each_product(register(made, document("form 1"), EXAMPLE_VENDOR, NOW))
    return decision.state, decision.events


def subscription(code: str, told: RenewalRegistered, moved: bool) -> Subscription:
    """The product's subscription, which knows its registration. `moved`: its last day was corrected since."""
    basis = told.term.basis_expires_on
    known = adopt(OFFICE_REF, code, licence(basis), NOW, BOTH, next_policy="r117").state
    decided = registration.register(known, told, NOW, BOTH)
    assert decided
    later = known.licence.model_copy(update={"expires_on": basis + timedelta(days=1)})
    return decided.state.with_(licence=later) if moved else decided.state


def of(kind: type[E], code: str, events: tuple[Event, ...]) -> E:
    return next(each for each in events if isinstance(each, kind) and each.product_code == code)


@settings(max_examples=40, deadline=None)
@given(
    ended=st.lists(st.booleans(), min_size=3, max_size=3),
    years=st.lists(st.integers(1, 3), min_size=3, max_size=3),
    users=st.lists(st.integers(1, 50), min_size=3, max_size=3),
    moved=st.lists(st.booleans(), min_size=3, max_size=3),
    days=st.integers(0, 400),
)
def test_every_product_gets_its_own_term_by_one_number(
    ended: list[bool], years: list[int], users: list[int], moved: list[bool], days: int
) -> None:
    """The contract is dated `days` after the registration."""
    renewal, told = registered(ended, years, users)
    later = NOW + timedelta(days=days)
    dated = civil_date(later, renewal.registration.zone)
    received = paper_form.receive(renewal, posted_form(), NOW).state
    taken = for_each_product(paper_form.accept(received, "clerk-1", judged(), NOW))
    waits, basis = taken.state, renewal.registration.term.basis_expires_on
    if waits.contract_number is None and waits.needs_desk:
        waits = approval.accept(waits, "clerk-1", "in order", basis, later).state
    (contract,) = prepare_contract(waits, NUMBER, dated, document("contract"), later).events
    assert isinstance(contract, ContractPrepared)
    forms = [
        accept_paper(
            open_form(of(RenewalRegistered, code, told)).state, of(PaperFormAccepted, code, taken.events)
        ).state
        for code in CODES
    ]
    assert find_any_mismatch(forms, contract, dated) is None
    sealed = record_seal(prepare(contract).state, document("sealed"), certificate(), later).events
    issued = [of(ContractIssued, code, sealed) for code in CODES]
    assert len(issued) == len(sealed)
    assert {each.contract_number for each in issued} == {str(NUMBER)}
    assert sum(each.total_vnd for each in issued) == renewal.registration.total
    application = ContractApplication(BOTH, "r117", later)
    for code, event, has_moved in zip(CODES, issued, moved, strict=True):
        state = subscription(code, of(RenewalRegistered, code, told), has_moved)
        assert event.subscription_id == subscription_id(OFFICE_REF, code)
        assert check_contract(state, event, later) is None
        after = application.apply(state, event).state
        assert [terms.contract_number for terms in after.disputed] == [str(NUMBER)] * has_moved
        assert (after.licence.expires_on == event.term.term_to) is not has_moved
        assert application.apply(after, event).state == after, "once a renewal, whatever comes again"
