"""The last day of one product on a joint form is corrected: what the contracts and the mails say of it."""

from datetime import timedelta

import pytest

from services.notifier.domain.registration_matter import restated_matter
from services.renewal.contract.preparation import restated_term
from services.renewal.domain.joint.events import for_each_product
from services.renewal.domain.joint.members import accept_joined
from services.renewal.domain.registration import form, sending
from services.renewal.domain.registration.registration import Registration, restate
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.replacement import Replacement
from shared.events.base import Stage
from shared.events.renewal import FormReissued, RenewalCancelled
from shared.storage.aggregate import Decision
from tests.services.renewal.domain.joint.examples import CODES, joint_registration, lead
from tests.services.renewal.examples import NOW, TODAY, judged
from tests.services.renewal.messages import document


def corrected(renewal: Renewal, place: int, days: int = 10) -> Decision[Renewal]:
    """The term of the product at that place is corrected (the lead is at 0). The stage of the others moved on
    meanwhile, which changes no day of theirs."""
    made = renewal.registration
    lead_, *joined = (
        restate(
            each,
            each.term.basis_expires_on + timedelta(days=days if at == place else 0),
            Stage.EXPIRING if each.term.basis_stage is Stage.ACTIVE else Stage.ACTIVE,
            TODAY,
        )
        for at, each in enumerate(made.on_form)
    )
    restated = lead_.model_copy(update={"joined": tuple(joined)})
    paper = document(f"form {renewal.form_revision + 1}")
    return for_each_product(form.reissue(renewal, restated, paper, "corrected", judged(), NOW))


def told(decision: Decision[Renewal]) -> dict[str, FormReissued]:
    return {each.product_code: each for each in decision.events if isinstance(each, FormReissued)}


def on_its_own(renewal: Renewal, place: int) -> Renewal:
    """The renewal whose contract is made for the product at that place."""
    return accept_joined(renewal, place - 1, NOW, moved=False).state if place else renewal


@pytest.mark.parametrize("place", range(len(CODES)))
def test_the_contract_of_the_corrected_product_alone_cites_the_notice_that_was_mailed(place: int) -> None:
    decision = corrected(lead(), place)
    mailed = restated_matter(told(decision)[CODES[place]])
    cited = [restated_term(on_its_own(decision.state, each), 1) for each in range(len(CODES))]
    assert [each is not None for each in cited] == [each == place for each in range(len(CODES))]
    assert cited[place].notice == mailed.number == f"{decision.state.registration.number}/2"  # type: ignore[union-attr]


def test_the_notice_is_that_of_the_products_own_correction() -> None:
    """Guards against: a later revision, for another product, is cited. This one's mail says nothing of it."""
    twice = corrected(corrected(lead(), 1).state, 0).state
    number = twice.registration.number
    notices = [restated_term(on_its_own(twice, place), 1) for place in (0, 1)]
    assert [each and each.notice for each in notices] == [f"{number}/3", f"{number}/2"]


def test_no_day_of_the_others_changed() -> None:
    events = told(corrected(lead(), 1))
    assert {code: each.term.has_days_of(each.old_term) for code, each in events.items() if each.old_term} == {
        code: code != CODES[1] for code in CODES
    }


def test_a_form_of_its_own_has_its_own_number() -> None:
    own = on_its_own(lead(), 1)
    again = restate(own.registration, TODAY, Stage.LOCKED, TODAY)
    decision = form.reissue(own, again, document("form 2"), "corrected", judged(), NOW)
    made = decision.state.registration
    assert [made.form_number(revision) for revision in (1, 2)] == [lead().registration.number, made.number]
    (event,) = (each for each in decision.events if isinstance(each, FormReissued))
    cited = restated_term(decision.state, 1)
    assert cited
    assert restated_matter(event).number == cited.notice == f"{made.number}/2"


@pytest.mark.parametrize("left_out", CODES)
def test_the_event_of_the_product_left_out_names_the_others_registration(left_out: str) -> None:
    made = joint_registration()
    first, *rest = (each for each in made.on_form if each.product_code != left_out)
    instead: Registration = first.model_copy(update={"joined": tuple(rest), "lead": None, "number": "GH-NEW"})
    replacement = Replacement(registration=instead, form=document("form"))
    decision = for_each_product(sending.cancel(lead(), "desk", "less", NOW, replacement))
    events = [each for each in decision.events if isinstance(each, RenewalCancelled)]
    assert {each.product_code: (each.others_no, each.replaced_by is None) for each in events} == {
        code: ("GH-NEW", True) if code == left_out else (None, False) for code in CODES
    }
