"""Which documents of a dossier still count."""

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.registration import form
from services.renewal.domain.registration.registration import restate
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Stage
from tests.services.renewal.examples import NOW, TODAY, judged, registration
from tests.services.renewal.messages import document


def test_form_counts_until_it_is_reissued_or_cancelled() -> None:
    issued = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state
    assert not issued.is_void(issued.dossier[0])

    untrue = issued.registration
    restated = restate(untrue, untrue.term.basis_expires_on, Stage.TERMINATED, TODAY)
    reissued = form.reissue(issued, restated, document("form 2"), "terminated", judged(), NOW).state
    assert [reissued.is_void(paper) for paper in reissued.dossier] == [True, False]

    taken_back = reissued.with_changes(status=RegistrationStatus.CANCELLED)
    assert all(taken_back.is_void(paper) for paper in taken_back.dossier)
