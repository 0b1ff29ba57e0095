"""What a restated joint form tells: whose term changed, and whose earlier end the office must agree to."""

from datetime import timedelta

from services.renewal.desk.case import Case
from services.renewal.domain.joint.restated_terms import products_to_agree, restated_terms
from services.renewal.domain.registration import form
from services.renewal.domain.registration.registration import Registration, restate
from services.renewal.domain.renewal import Renewal
from shared.events.base import Stage
from shared.storage.aggregate import Stored
from tests.services.renewal.domain.joint.examples import CODES, lead, licence_of
from tests.services.renewal.examples import NOW, TODAY, judged
from tests.services.renewal.messages import document


def moved(registration: Registration, days: int) -> Registration:
    return restate(
        registration, registration.term.basis_expires_on + timedelta(days=days), Stage.EXPIRING, TODAY
    )


def corrected(renewal: Renewal, *days: int) -> Renewal:
    """The form issued anew, with the last days of its products moved by so many days."""
    on_form = zip(renewal.registration.on_form, days, strict=True)
    own, *joined = (moved(each, n) if n else each for each, n in on_form)
    restated = own.model_copy(update={"joined": tuple(joined)})
    paper = document(f"form {renewal.form_revision + 1}")
    return form.reissue(renewal, restated, paper, "corrected", judged(), NOW).state


def test_only_the_product_whose_term_changed_is_told() -> None:
    """Guards against: the office agrees to an earlier end of one product, and the page shows another's."""
    first = lead()
    second = corrected(first, 0, -21, 0)
    (told,) = restated_terms(second)
    assert (told.product, told.old) == (second.registration.joined[0], first.registration.joined[0].term)
    assert not told.is_ended
    assert products_to_agree(second) == [second.registration.joined[0]]
    assert second.unconfirmed == (1,)


def test_what_is_to_be_agreed_to_stands_after_a_later_revision_of_another_product() -> None:
    third = corrected(corrected(lead(), 0, -21, 0), 30, 0, 0)
    assert [each.product for each in restated_terms(third)] == [third.registration]
    assert products_to_agree(third) == [third.registration.joined[0]]


def test_nothing_is_told_of_a_form_that_was_issued_once() -> None:
    assert (restated_terms(lead()), products_to_agree(lead())) == ([], [])


def test_clerk_sees_the_product_whose_licence_moved() -> None:
    """Guards against: a clerk accepts a form of several products, and sees only the first one's licence."""
    renewal = lead()
    later = renewal.registration.joined[1].term.basis_expires_on + timedelta(days=1)
    known = [licence_of(code) for code in CODES[:2]] + [licence_of(CODES[2], expires_on=later)]
    case = Case(
        stored=Stored("1", renewal),
        licences={each.subscription_id: each for each in known},
        odd=(),
        history=[],
        names={},
        others=[],
        claim=None,
    )
    assert case.moved == [(renewal.registration.joined[1], known[2])]
