"""The search keys of a memo: a clerk finds it by what is printed, however it is typed."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.payment.memo import memo_keys, sought_memo_keys
from services.renewal.domain.payment.transfer import order_code
from tests.services.renewal.examples import registration

NUMBER = registration().number
WORDS = st.lists(st.text("ABCDEGHIKLMNOQRSTUXYaăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạế0123456789", max_size=12))


def finds(typed: str, printed: str) -> bool:
    keys, begun = memo_keys(printed), sought_memo_keys(typed)
    return bool(begun) and all(any(key.startswith(each) for key in keys) for each in begun)


@given(WORDS, st.data())
def test_every_beginning_of_every_word_finds_the_memo(words: list[str], data: st.DataObject) -> None:
    printed = " ".join(words)
    typed = " ".join(word[: data.draw(st.integers(0, len(word)))] for word in words)
    assert finds(typed, printed) or not sought_memo_keys(typed)


@given(WORDS)
def test_marks_case_and_order_dont_matter(words: list[str]) -> None:
    printed, typed = " ".join(words), " ".join(reversed(words)).upper()
    assert finds(typed, unicodedata.normalize("NFD", printed)) or not sought_memo_keys(typed)


def test_an_order_code_is_found_however_the_bank_wrote_it() -> None:
    code = order_code(NUMBER)
    middle = f"{code[:5]} {code[5:]}"
    for printed in (code, f"MBVCB.{code.lower()}.CT tu", f"REF99{code}DON VI", f"tt {middle} con lai"):
        for typed in (NUMBER, code, code.lower(), f"{NUMBER} "):
            assert finds(typed, printed), (typed, printed)


def test_other_words_dont_find_it() -> None:
    assert not finds("Kim Đồng", "TRUONG TIEU HOC KIM LIEN")
    assert not finds("đong", "TRUONG KIMDONG"), "the beginning of a word"
    assert sought_memo_keys(" .,- ") == ()


def test_a_long_memo_has_few_keys() -> None:
    assert len(memo_keys(" ".join(map(str, range(5000))))) == 100
