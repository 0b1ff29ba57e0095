"""The mail server stores letters unchanged, and refuses those that it is told to refuse."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from deploy.local.host.ports import HOST, free_port
from deploy.local.mail.server import MailServer, Rule

SUBJECT = "Phần mềm Quản lý tài sản: còn 30 ngày"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path / "mail", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: MailServer) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(HOST, server.port, timeout=10) as client:
        yield client


def letter() -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = SUBJECT
    message["From"] = "giahan@example.vn"
    message["To"] = "ketoan@example.vn"
    message["Message-ID"] = "<notice-1@giahan>"
    message.set_content("Kính gửi đơn vị\n")
    message.add_alternative("<p>Kính gửi <b>đơn vị</b></p>\n", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Hợp đồng.pdf")
    return message


def test_a_letter_is_kept_and_decoded(server: MailServer, client: smtplib.SMTP) -> None:
    client.send_message(letter())
    (kept,) = server.mailbox.letters()
    assert (kept.subject, kept.message_id) == (SUBJECT, "<notice-1@giahan>")
    assert (kept.sender, kept.recipients) == ("giahan@example.vn", ("ketoan@example.vn",))
    assert kept.text.strip() == "Kính gửi đơn vị"
    assert "<b>đơn vị</b>" in kept.html
    file, data = server.mailbox.attachment(kept.id, 0)
    assert (file.name, file.media_type, data) == ("Hợp đồng.pdf", "application/pdf", b"%PDF-1.7")


def test_letters_are_told_apart_by_recipient_in_order(server: MailServer, client: smtplib.SMTP) -> None:
    for to in ("a@example.vn", "b@example.vn", "a@example.vn"):
        client.send_message(letter(), to_addrs=[to])
    assert [kept.recipients[0][0] for kept in server.mailbox.letters()] == ["a", "b", "a"]
    assert len(server.mailbox.letters("a@example.vn")) == 2


def test_one_refused_recipient_leaves_the_other(server: MailServer, client: smtplib.SMTP) -> None:
    server.rules.append(Rule("bad@*", "550 5.1.1 No such user"))
    refused = client.send_message(letter(), to_addrs=["bad@example.vn", "good@example.vn"])
    assert refused == {"bad@example.vn": (550, b"5.1.1 No such user")}
    assert [kept.recipients for kept in server.mailbox.letters()] == [("good@example.vn",)]


def test_a_rule_ends_after_its_times(server: MailServer, client: smtplib.SMTP) -> None:
    server.rules.append(Rule("*", "451 4.3.0 Later", at="DATA", times=1))
    with pytest.raises(smtplib.SMTPDataError):
        client.send_message(letter())
    client.send_message(letter())
    assert len(server.mailbox.letters()) == 1


def test_silence_after_the_letter_was_taken(server: MailServer, client: smtplib.SMTP) -> None:
    server.rules.append(Rule("*", None, at="DATA", times=1))
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(letter())
    assert len(server.mailbox.letters()) == 1


@pytest.mark.parametrize("id", ["nothing", "../../etc/passwd", "..", ""])
def test_an_id_that_is_not_ours_finds_nothing(server: MailServer, id: str) -> None:
    with pytest.raises(LookupError):
        server.mailbox.letter(id)
