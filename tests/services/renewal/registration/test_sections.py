"""Which sections of the declaration are folded: those that are as the licence says, and lack nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.refusal import InvalidField
from services.renewal.domain.registration.draft import begin
from services.renewal.domain.registration.form_fields import NAMES, pointer
from services.renewal.registration.form_view import FormView
from services.renewal.registration.pages.sections import form_sections
from tests.services.renewal.examples import NOW, licence, product

PREFILLED = dict(begin(licence(package="standard", users=12), product(), "renewer-1", NOW).state.fields)
SECTIONS = {"office": "office.", "invoice": "invoice.", "order": "order.", "payment": "payment."}


def folded(form: FormView, *errors: InvalidField) -> set[str]:
    sections = form_sections(form, PREFILLED, errors, as_in_use=True)
    return {name for name, each in sections.items() if each.is_folded}


def test_what_is_as_licensed_is_folded_except_the_payment() -> None:
    assert folded(FormView(PREFILLED)) == {"office", "invoice", "order"}


def test_an_order_that_is_not_what_is_in_use_stands_open() -> None:
    sections = form_sections(FormView(PREFILLED), PREFILLED, (), as_in_use=False)
    assert {name for name, each in sections.items() if each.is_folded} == {"office", "invoice"}


def section_of(name: str) -> str:
    return "order" if name == "kind" else name.partition(".")[0]


@given(st.sampled_from(NAMES), st.sampled_from(("typed", "wrong", "theirs", "lacking")))
def test_any_input_that_has_to_be_looked_at_opens_its_section(name: str, why: str) -> None:
    form = FormView(
        PREFILLED | ({name: PREFILLED[name] + "x"} if why == "typed" else {}),
        wrong={name: "sai"} if why == "wrong" else {},
        theirs={name: "khác"} if why == "theirs" else {},
    )
    errors = [InvalidField(pointer(name), "empty")] if why == "lacking" else []
    assert folded(form, *errors) == {"office", "invoice", "order"} - {section_of(name)}


@pytest.mark.parametrize("name", ["office.contact_position", "order.users"])
def test_a_draft_of_an_earlier_release_lacks_inputs(name: str) -> None:
    """A missing input counts as empty."""
    typed = {key: value for key, value in PREFILLED.items() if key != name}
    opened = {section_of(name)} if PREFILLED[name] else set()
    assert folded(FormView(typed)) == {"office", "invoice", "order"} - opened
