"""A forged or foreign form, a token that isn't kept, a visitor sent elsewhere, a stuck key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from shared.web.pages.next_url import own_path
from shared.web.pages.session import Visitor, check_length, csrf_of, delete_cookie, set_cookie
from shared.web.people import Person, Role
from shared.web.problems import Problem


def visitor(*roles: Role, office_ref: str | None = "A") -> Visitor:
    return Visitor(Person(sub="x", office_ref=office_ref, roles=frozenset(roles)), csrf_of("token"))


def test_csrf_is_valid_in_its_own_session_only() -> None:
    assert visitor(Role.RENEWER).has_valid_csrf(csrf_of("token"))
    assert not visitor(Role.RENEWER).has_valid_csrf(csrf_of("another token"))
    assert not visitor(Role.RENEWER).has_valid_csrf("")
    assert not visitor(Role.RENEWER).has_valid_csrf("đ")


def test_the_pages_token_does_not_give_the_session_away() -> None:
    assert "token" not in csrf_of("token")


@pytest.mark.parametrize(
    ("roles", "office_ref", "sees", "registers"),
    [
        ({Role.RENEWER}, "A", True, True),
        ({Role.MEMBER}, "A", True, False),
        ({Role.RENEWER}, "B", False, False),
        ({Role.MEMBER}, "B", False, False),
        ({Role.DESK}, None, True, True),
        ({Role.OPS}, None, True, False),
        (set(), "A", False, False),
    ],
)
def test_who_sees_and_who_registers(
    roles: set[Role], office_ref: str | None, sees: bool, registers: bool
) -> None:
    who = visitor(*roles, office_ref=office_ref).person
    assert (who.may_see("A"), who.may_register("A")) == (sees, registers)


def test_a_token_that_no_browser_would_keep_is_refused() -> None:
    assert check_length("x" * 3000)
    with pytest.raises(Problem):
        check_length("x" * 5000)


def cookies(response: Response) -> list[tuple[str, str]]:
    """The cookies that the response sets: value and path."""
    fields = [value.split("; ") for name, value in response.headers.items() if name == "set-cookie"]
    return [
        (first.partition("=")[2].strip('"'), next(field[5:] for field in more if field.startswith("Path=")))
        for first, *more in fields
    ]


def test_one_cookie_serves_all_pages_and_that_of_an_earlier_release_goes() -> None:
    """Guards against: the cookie that an earlier release set at /renewal keeps its session there, after
    somebody signed in or out on another service's page."""
    signed_in, signed_out = Response(), Response()
    set_cookie(signed_in, "token", secure=True)
    delete_cookie(signed_out, secure=True)
    assert cookies(signed_in) == [("", "/renewal"), ("token", "/")]
    assert cookies(signed_out) == [("", "/renewal"), ("", "/")]


@pytest.mark.parametrize(
    "asked",
    [
        "/renewal",
        "/renewal/",
        "/renewal/o/dv-00001/qlts/notice",
        "/renewal?product=qlts",
        "/renewal/o/A?lang=en&x=1",
        "/renewal/desk/find?q=so+tai+chinh",
        "/renewal/desk/find?q=S%E1%BB%9F%20T%C3%A0i%20ch%C3%ADnh",
        "/renewal/desk?after=2026-11-28T10:00:00%2B07:00~1&status=a,b",
        "/renewal/desk/find?q=100%25",
        "/renewal/o/h%C3%A0/qlts/declare?saved=yes#section-order",
    ],
)
def test_own_paths_are_followed(asked: str) -> None:
    assert own_path(asked, "/renewal") == asked


@pytest.mark.parametrize(
    ("asked", "followed"),
    [
        ("/renewal/desk/find?q=Sở tài chính", "/renewal/desk/find?q=S%E1%BB%9F%20t%C3%A0i%20ch%C3%ADnh"),
        ("/renewal/desk/find?q=a b&status=x", "/renewal/desk/find?q=a%20b&status=x"),
        ('/renewal/desk/find?q=[5]|"6"', "/renewal/desk/find?q=%5B5%5D%7C%226%22"),
        ("/renewal/desk/find?q=\ud800", "/renewal/desk/find?q=?"),
        ("/renewal?q=a\r\nb", "/renewal?q=a%0D%0Ab"),
    ],
)
def test_a_query_that_was_decoded_on_the_way_is_followed(asked: str, followed: str) -> None:
    assert own_path(asked, "/renewal") == followed


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "https://evil.example/renewal",
        "//evil.example/renewal",
        "/\\evil.example",
        "/renewal/..//evil.example",
        "/renewal/../admin",
        "/renewal/..",
        "/renewal/%2e%2e/admin",
        "/renewal/.%2E/admin",
        "/renewal/%2E/x",
        "/renewal/%5cevil.example",
        "/renewal/%2f%2fevil.example",
        "/renewal/%0d%0aset-cookie:a",
        "/renewal/%zz",
        "/renewal?q=%",
        "/renewal//evil.example",
        "/renewal?a\\b",
        "/renewal/" + "a" * 3000,
        "/renewal/\\evil.example",
        "/renewal/\tx",
        "/renewal\n",
        "/renewal/x\r\nset-cookie: a=b",
        "/renewals",
        "/renewal@evil.example",
        "javascript:alert(1)",
        "/renewal/o/đ",
    ],
)
def test_other_addresses_are_not_followed(asked: str) -> None:
    assert own_path(asked, "/renewal") == "/renewal"


@given(st.text())
def test_whatever_is_asked_the_visitor_stays_here(asked: str) -> None:
    path = own_path(asked, "/renewal")
    assert path == "/renewal" or path.startswith(("/renewal/", "/renewal?", "/renewal#"))
    assert not set(path) & set("\\\r\n\t")
