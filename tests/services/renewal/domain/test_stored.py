"""Data that earlier releases stored can still be read: newer fields have their defaults."""

from typing import Any

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.registration import form
from services.renewal.domain.registration.draft import begin
from services.renewal.domain.registration.term import TermRule
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.renewal import FormKind
from shared.storage import mongo
from tests.services.renewal.examples import NOW, licence, product, registration
from tests.services.renewal.messages import document

LATER_OF_REGISTRATIONS = ("kind", "line", "term_rule", "registered_by", "on_behalf")
LATER_OF_RENEWALS = ("cancelled", "replaced_by", "replacement", "name_words")
OF_THE_FIRST_LICENCES = (
    "subscription_id", "office_ref", "product_code", "name", "tax_code", "budget_code", "province_code",
    "zone", "expires_on", "stage",
)  # fmt: skip


def stored() -> dict[str, Any]:
    plain: dict[str, Any] = mongo.plain(
        form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state
    )
    return plain


def test_todays_renewal_reads_back() -> None:
    assert mongo.plain(Renewal.model_validate(stored())) == stored()


def test_renewal_of_before_kinds_ways_and_storage() -> None:
    old = stored()
    for name in LATER_OF_RENEWALS:
        del old[name]
    for name in LATER_OF_REGISTRATIONS:
        del old["registration"][name]
    del old["registration"]["order"]["storage_gb"]
    read = Renewal.model_validate(old)
    assert read.status is RegistrationStatus.AWAITING_SIGNATURE
    assert (read.cancelled, read.replaced_by, read.replacement) == (None, None, None)
    made = read.registration
    assert (made.kind, made.line, made.term_rule) == (FormKind.RENEWAL, "hcsn", TermRule.CONTRACT_DATE)
    assert (made.registered_by, made.on_behalf, made.order.storage_gb) == (None, False, None)


def test_registration_of_before_the_contacts_position_is_read_and_saved_as_it_was() -> None:
    old = stored()
    del old["registration"]["office"]["contact_position"]
    read = Renewal.model_validate(old)
    assert read.registration.office.contact_position is None
    assert mongo.plain(read)["registration"]["office"] == old["registration"]["office"] | {
        "contact_position": None
    }


def test_licence_of_before_forms_were_prefilled_begins_a_draft_that_is_less_filled() -> None:
    plain = mongo.plain(licence())
    old = LicenceCopy.model_validate({name: plain[name] for name in OF_THE_FIRST_LICENCES})
    fields = begin(old, product(), "renewer-1", NOW).state.fields
    assert fields["office.name"] == "Trường Tiểu học Kim Đồng"
    assert fields["office.address"] == ""
    assert fields["order.package"] == product().packages[0].code


def test_licence_holds_what_the_store_adds() -> None:
    kept = mongo.plain(licence()) | {"_id": "x", "seen": {"subscription/x": 3}}
    assert LicenceCopy.model_validate(kept) == licence()
