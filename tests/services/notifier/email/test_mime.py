"""Vietnamese text survives the mail: subjects, names and texts decode to what was written."""

import email.header
import unicodedata
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.email.mime import (
    Attachment,
    Letter,
    SmtpEnvelope,
    build_message,
    encode_header,
    one_line,
)

ENVELOPE = SmtpEnvelope(
    sender="khong-tra-loi@giahanso.example",
    sender_name="Công ty Cổ phần Gia Hạn Số",
    reply_to="giahan@giahanso.example",
    recipient="ke.toan@tanthanh.example",
    message_id="<id@giahanso.example>",
    date=datetime(2026, 12, 1, 5, tzinfo=UTC),
)
TEXT = """Phần mềm Quản lý tài sản sắp hết hạn còn ngày Ủy ban nhân dân xã Tân Thạnh tỉnh Tây Ninh Trường
Tiểu học Nguyễn Đình Chiểu Sở Kế hoạch Đầu tư đặc khu Lý Sơn QLTS 2026 R117 - – (UBND)
=?utf-8?B? DK-2026-000123 a; nghiêng khuỷu ngoằn ngoèo"""
WORDS = TEXT.split()
SUBJECTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)
LETTERS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)


def sent(letter: Letter) -> EmailMessage:
    return message_from_bytes(build_message(letter, ENVELOPE), policy=policy.default)


def subject_as_read(subject: str, parser_policy: policy.Policy) -> str:
    raw = f"Subject: {encode_header(one_line(subject))}\r\n\r\n".encode("ascii")
    value = BytesHeaderParser(policy=parser_policy).parsebytes(raw)["Subject"]
    if parser_policy is policy.compat32:
        return str(email.header.make_header(email.header.decode_header(value)))
    return str(value)


@settings(max_examples=250)
@given(st.randoms(use_true_random=True))
def test_subject_comes_back_letter_by_letter(random: Random) -> None:
    """Twenty subjects an example, 5,000 in all: enough to show what EmailMessage loses."""
    for _ in range(20):
        subject = " ".join(random.choices(WORDS, k=random.randint(1, 30)))
        assert subject_as_read(subject, policy.compat32) == subject


@settings(max_examples=100)
@given(SUBJECTS)
def test_subject_comes_back_from_the_newer_parser_too(subject: str) -> None:
    assert subject_as_read(subject, policy.default) == subject


@settings(max_examples=500)
@given(st.text(max_size=200))
def test_whatever_the_subject_it_is_one_line_and_comes_back(subject: str) -> None:
    line = one_line(subject)
    assert subject_as_read(subject, policy.compat32) == line
    assert one_line(line) == line
    folded = encode_header(line).split("\r\n ")
    assert all(len(word) <= 75 and word.isascii() and word.isprintable() for word in folded)


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        ("Sắp hết hạn\n", "Sắp hết hạn"),
        ("Sắp hết hạn\r\nBcc: x@example.com", "Sắp hết hạn Bcc: x@example.com"),
        ("Sắp\u2028hết \t hạn\x00", "Sắp hết hạn"),
        ("  UBND xã  Tân Thạnh ", "UBND xã Tân Thạnh"),
        (unicodedata.normalize("NFD", "Ủy ban xã Tân Thạnh"), "Ủy ban xã Tân Thạnh"),
    ],
)
def test_line_breaks_and_leftovers_are_cleaned(subject: str, read: str) -> None:
    assert sent(Letter(subject, "x", "<p>x</p>"))["Subject"] == read


def test_headers() -> None:
    read = sent(Letter("Sắp hết hạn", "x", "<p>x</p>"))
    assert read["From"].addresses[0].display_name == ENVELOPE.sender_name
    assert read["From"].addresses[0].addr_spec == ENVELOPE.sender
    assert [a.addr_spec for a in read["To"].addresses] == [ENVELOPE.recipient]
    assert (read["Message-ID"], read["Auto-Submitted"]) == (ENVELOPE.message_id, "auto-generated")
    assert read["Date"].datetime == ENVELOPE.date


@settings(max_examples=100)
@given(LETTERS, SUBJECTS)
def test_texts_come_back_and_the_message_is_seven_bit(text: str, subject: str) -> None:
    raw = build_message(Letter(subject, f"{text}\n.\n{subject}\n", f"<p>{subject}</p>\n"), ENVELOPE)
    raw.decode("ascii")
    read = message_from_bytes(raw, policy=policy.default)
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content() == f"{text}\r\n.\r\n{subject}\r\n"
    assert html.get_content() == f"<p>{subject}</p>\r\n"
    assert max(len(line) for line in raw.split(b"\r\n")) < 998


def test_attachment_comes_back_byte_by_byte() -> None:
    data = bytes(range(256)) * 400
    letter = Letter(
        "Hợp đồng", "x", "<p>x</p>", (Attachment("hop-dong-12-2026.pdf", "application/pdf", data),)
    )
    (part,) = sent(letter).iter_attachments()
    assert part.get_filename() == "hop-dong-12-2026.pdf"
    assert part.get_content_type() == "application/pdf"
    assert part.get_content() == data
