"""Whose page a request comes from: scheme, host and port, and nothing that can't be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.web.pages.origins import Origins, parse


def _asked(origin: str | list[str] | None, *, host: str = "giahan.vn", scheme: str = "http") -> Request:
    told = [origin] if isinstance(origin, str) else origin or []
    headers = [(b"host", host.encode()), *((b"origin", each.encode("latin-1", "replace")) for each in told)]
    return Request({"type": "http", "scheme": scheme, "path": "/", "headers": headers})


OURS = Origins.read("https://platform.vn, https://two.platform.vn:8443/", secure=True)
LOCAL = Origins.read("", secure=False)


@pytest.mark.parametrize(
    ("origins", "asked"),
    [
        (OURS, _asked(None)),
        (OURS, _asked("https://giahan.vn")),
        (OURS, _asked("https://giahan.vn:443")),
        (OURS, _asked("https://giahan.vn", host="GiaHan.vn:443")),
        (OURS, _asked("https://giahan.vn:8443", host="giahan.vn:8443")),
        (LOCAL, _asked("http://127.0.0.1:8102", host="127.0.0.1:8102")),
        (LOCAL, _asked("http://[::1]:8102", host="[::1]:8102")),
        (LOCAL, _asked("https://giahan.vn", scheme="https")),
    ],
)
def test_own_pages(origins: Origins, asked: Request) -> None:
    assert origins.is_ours(asked)


@pytest.mark.parametrize(
    ("origins", "asked"),
    [
        (OURS, _asked("http://giahan.vn")),
        (OURS, _asked("http://giahan.vn:443")),
        (LOCAL, _asked("https://giahan.vn")),
        (LOCAL, _asked("ftp://giahan.vn")),
        (LOCAL, _asked("http://giahan.vn:81")),
        (LOCAL, _asked("http://giahan.vn.evil.vn")),
        (LOCAL, _asked("http://giahan.vn@evil.vn")),
        (LOCAL, _asked("http://evil@giahan.vn")),
        (LOCAL, _asked("http://giahan.vn/path")),
        (LOCAL, _asked("http://giahan.vn?x")),
        (LOCAL, _asked(["http://giahan.vn", "http://evil.vn"])),
        (LOCAL, _asked("//giahan.vn")),
        *(
            (LOCAL, _asked(text))
            for text in (
                "http://[",
                "http://[::1",
                "http://giahan.vn:x",
                "http://giahan.vn:99999",
                "null",
                "",
                " ",
            )
        ),
        (LOCAL, _asked("http://", host="")),
    ],
)
def test_other_pages_and_what_is_no_origin(origins: Origins, asked: Request) -> None:
    assert not origins.is_ours(asked)


@pytest.mark.parametrize("origin", ["https://platform.vn", "https://two.platform.vn:8443"])
def test_platforms_pages(origin: str) -> None:
    assert OURS.is_platforms(_asked(origin))


@pytest.mark.parametrize("origin", ["http://platform.vn", "https://two.platform.vn", "https://[", "null"])
def test_pages_that_only_look_like_the_platforms(origin: str) -> None:
    assert not OURS.is_platforms(_asked(origin))


@given(st.text() | st.builds("http://{}".format, st.text()))
def test_any_text_is_read_or_none(text: str) -> None:
    assert (origin := parse(text)) is None or origin[0] in ("http", "https")


@pytest.mark.parametrize("named", ["platform.vn", "https://[", "https://platform.vn/sign-in", "javascript:x"])
def test_setting_that_is_no_origin_is_refused(named: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        Origins.read(named, secure=True)
