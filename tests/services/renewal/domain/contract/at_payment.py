"""A registration whose contract gives full use at the payment, and its prepared contract."""

from services.renewal.domain.contract import contract
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.registration import form
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.order import FullGrant
from shared.events.renewal import ContractPrepared, RenewalRegistered
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import document, form_signed

MADE = registration().model_copy(update={"full_grant": FullGrant.AT_PAYMENT})
NUMBER = ContractNumber(year=2026, n=7)


def prepared(made: Registration = MADE) -> Renewal:
    begun = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW)
    (event,) = begun.events
    assert isinstance(event, RenewalRegistered)
    assert event.full_grant is made.full_grant
    signed = contract.record_signed_form(begun.state, form_signed(), licence(), judged(), NOW).state
    ready = contract.prepare_contract(signed, NUMBER, TODAY, document("contract"), NOW)
    (told,) = ready.events
    assert isinstance(told, ContractPrepared)
    assert (told.full_grant, told.pay_by) == (made.full_grant, made.pay_by if made.pay_by else None)
    return ready.state
