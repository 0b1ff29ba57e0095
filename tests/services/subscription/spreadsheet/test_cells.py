"""Letters that were read as another alphabet's, whatever the text is."""

from hypothesis import assume, given
from hypothesis import strategies as st

from services.subscription.spreadsheet.cells import broken_rule


@given(st.text("aàáạảđĐơưếệỷỸ ", min_size=1))
def test_utf8_that_was_read_as_windows_1252_is_always_reported(name: str) -> None:
    assume(not name.isascii())
    try:
        misread = name.encode().decode("cp1252")
    except UnicodeDecodeError:
        assume(False)
    assert broken_rule("name", misread) == "letters_lost"


@given(st.text("aeiouyàáạảđĐơưếệỷỸ –’", min_size=1))
def test_a_name_in_vietnamese_is_never_taken_for_another_alphabet(name: str) -> None:
    assert broken_rule("name", name) is None
