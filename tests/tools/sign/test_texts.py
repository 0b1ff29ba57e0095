"""The texts for people stand in both languages, and every failure has its words."""

from string import Formatter

import pytest

from tools.sign import texts
from tools.sign.failure import STATUS, FailureCode, ToolFailure


def _texts(catalogue: dict[str, dict[str, str]]) -> dict[str, str]:
    return {f"{part}.{name}": text for part, named in catalogue.items() for name, text in named.items()}


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    vi, en = _texts(texts._VI), _texts(texts._EN)
    assert vi.keys() == en.keys()
    assert {key for key in vi if _values(vi[key]) != _values(en[key])} == set()


@pytest.mark.parametrize("code", FailureCode)
def test_every_failure_has_its_status_and_words(code: FailureCode) -> None:
    assert 400 <= STATUS[code] <= 599
    assert all(ToolFailure(code).message)


def test_no_words_stand_for_a_failure_that_is_none() -> None:
    assert set(texts._VI["failure"]) == set(FailureCode)
