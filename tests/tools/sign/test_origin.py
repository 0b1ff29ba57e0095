"""Which origins and hosts count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.sign.origin import is_origin, is_own_host


@pytest.mark.parametrize(
    "text",
    [
        "https://giahan.example.vn",
        "https://giahan.example.vn:8443",
        "https://localhost",
        "https://xn--gihn-5na8g.example.vn",
        "http://127.0.0.1:8103",
        "http://localhost",
    ],
)
def test_what_a_browser_writes_for_a_page_that_may_ask_is_an_origin(text: str) -> None:
    assert is_origin(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "http://giahan.example.vn",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.2",
        "https://giahan.example.vn/",
        "https://giahan.example.vn:0",
        "https://giahan.example.vn:65536",
        "https://user@giahan.example.vn",
        "https://Giahan.example.vn",
        "https://gíahan.example.vn",
        "https://giahan..vn",
        "https://giahan.example.vn\n",
        "https://giahan.example.vn https://evil.example",
        "https://" + "a." * 200 + "vn",
        "file://",
        "chrome-extension://abcdefgh",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_origin(text)


@given(st.text())
def test_no_text_but_an_ascii_one_without_spaces_is_an_origin(text: str) -> None:
    if is_origin(text):
        assert text.isascii()
        assert not any(letter.isspace() for letter in text)


@pytest.mark.parametrize("host", ["127.0.0.1:14742", "localhost:14742"])
def test_the_computers_own_names_are_its_hosts(host: str) -> None:
    assert is_own_host(host, 14742)


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1", "127.0.0.1:14743", "evil.example:14742", "[::1]:14742", "localhost:14742.evil"]
)
def test_another_host_is_not(host: str) -> None:
    assert not is_own_host(host, 14742)
