"""Asks on the terminal that the tool was started from."""

import getpass
import os
import signal
import sys
import unicodedata
from types import FrameType
from typing import TextIO

from tools.sign.confirmation.question import QUESTION, PairingQuestion, Question, Reply, SignatureQuestion
from tools.sign.texts import Wording, words

_INPUT, _OUTPUT = ("CONIN$", "CONOUT$") if os.name == "nt" else ("/dev/tty", "/dev/tty")


def ask(request: bytes) -> bytes:
    """The reply to a question, both as JSON: the work of a child process."""
    signal.signal(signal.SIGTERM, _leave)
    question = QUESTION.validate_json(request)
    try:
        with open(_INPUT, encoding="utf-8") as answers, open(_OUTPUT, "w", encoding="utf-8") as screen:
            reply = _ask(question, answers, screen)
    except OSError:
        reply = Reply(outcome="unavailable")
    return reply.model_dump_json().encode()


def _leave(number: int, frame: FrameType | None) -> None:
    """End by an exception, so that getpass turns the terminal's echo on again."""
    sys.exit(1)


def _ask(question: Question, answers: TextIO, screen: TextIO) -> Reply:
    if isinstance(question, PairingQuestion):
        _show(
            screen,
            words("window", "pairing").line,
            f"    {question.origin}",
            *words("window", "pairing_meaning"),
        )
        return _confirm("allow", answers, screen)
    _show(screen, words("window", "signature").line, *_rows(question))
    if question.token.pin_pad:
        _show(screen, *words("window", "pin_pad"))
        return _confirm("sign", answers, screen)
    try:
        pin = getpass.getpass(f"{words('console', 'pin').line}: ")
    except EOFError:
        pin = ""
    return Reply.model_validate({"outcome": "confirmed", "pin": pin}) if pin else Reply(outcome="refused")


def _rows(question: SignatureQuestion) -> list[str]:
    rows = [(words("window", "site"), question.origin), *question.rows]
    lines = [f"    {label.line}: {value}" for label, value in rows]
    return [*lines, *(question.warning or ())]


def _show(screen: TextIO, *lines: str) -> None:
    screen.write("\n" + "\n".join(lines) + "\n")
    screen.flush()


def _confirm(prompt: str, answers: TextIO, screen: TextIO) -> Reply:
    screen.write(f"{words('console', prompt).line}: ")
    screen.flush()
    typed = unicodedata.normalize("NFC", answers.readline().strip().lower())
    return Reply(outcome="confirmed" if typed in _accepted(words("console", "yes")) else "refused")


def _accepted(yes: Wording) -> set[str]:
    """Each word, or its first letter."""
    return {*yes, yes.vi[0], yes.en[0]}
