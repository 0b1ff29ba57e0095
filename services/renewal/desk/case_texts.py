"""The words of a case: what happened to the registration, and what a rule found about its form."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import JsonValue

from services.renewal.domain.registration.registration import Registration
from services.renewal.texts import ACTIONS, FOUND, LOOKS, RETURN_REASONS, STATUSES
from shared.audit.entries import AuditEntry
from shared.events.signing import ContractIssued, ContractSigned, FormSigned
from shared.text.amounts import digits
from shared.text.i18n import Text, TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parent / "texts")
EVENTS, MEASURES = _TEXTS.part("event"), _TEXTS.part("measure")
_HISTORY = _TEXTS.part("history")
_UNMET: Final = re.compile(r"(?P<measure>\w+) <= (?P<most>\d+) \((?P<value>\d+)\)")
_EVENT, _PERSON = "event:", "person:"
_SIGNED_BY_OFFICE: Final = (FormSigned.TYPE, ContractSigned.TYPE)
_NO_MATCH: Final = "certificate matched by review"


class HistoryLine(NamedTuple):
    """One change. `who` is a person, who signed, or the words for the system. `reason` may be empty."""

    at: datetime
    who: Text
    what: Text
    status: Text | None
    reason: Text


def history_line(entry: AuditEntry, registration: Registration, names: Mapping[str, str]) -> HistoryLine:
    """`names`: the names of persons, as far as they are known, by their user ids."""
    action = entry.action.replace(str(registration.renewal_id), "").strip()
    status = entry.after.get("status")
    return HistoryLine(
        at=entry.at,
        who=_who(entry.actor, registration, names),
        what=_what(entry.actor, action, entry.after),
        status=STATUSES.get(status) if isinstance(status, str) else None,
        reason=_reason(action, entry.reason),
    )


def note_texts(note: str) -> list[Text]:
    """The parts of a registration's note for the desk.

    A form with something to look at has the match `review` whatever its certificate says, so the note
    then says nothing about the certificate.
    """
    parts = note.split("; ")
    looked = not LOOKS.keys().isdisjoint(parts)
    return [_found(part) for part in parts if not (looked and part == _NO_MATCH)]


def _who(actor: str, registration: Registration, names: Mapping[str, str]) -> Text:
    if actor.removeprefix(_EVENT) in _SIGNED_BY_OFFICE:
        return _as_typed(registration.office.name)
    if actor == f"{_EVENT}{ContractIssued.TYPE}":
        return _HISTORY["vendor"]
    account = actor.removeprefix(_PERSON)
    if account == actor:
        return _HISTORY["service"]
    if name := names.get(account):
        return _HISTORY["named"].fill(name=name, account=account)
    own = account == registration.registered_by and not registration.on_behalf
    return _HISTORY["renewer"].fill(account=account) if own else _as_typed(account)


def _what(actor: str, action: str, after: Mapping[str, JsonValue]) -> Text:
    """A change of a kind that this release doesn't know is told as another change."""
    if told := EVENTS.get(actor.removeprefix(_EVENT)):
        return told
    if action == "chase" and "voiding" in after:  # the reminders' loop also lets contracts lapse
        return _HISTORY["lapsed"]
    return ACTIONS.get(action, _HISTORY["other"])


def _reason(action: str, reason: str) -> Text:
    if action == "receive paper":  # the digest of the scan
        return Text("", "")
    code, _, note = reason.partition(": ")
    if action == "return paper" and (known := RETURN_REASONS.get(code)):
        return Text(*(f"{text}. {note}" if note else text for text in known))
    return _as_typed(reason)


def _found(part: str) -> Text:
    if unmet := _UNMET.fullmatch(part):
        value, most = (digits(int(unmet[name])) for name in ("value", "most"))
        if known := MEASURES.get(unmet["measure"]):
            return known.fill(value=value, most=most)
    return FOUND.get(part) or LOOKS.get(part) or _as_typed(part)


def _as_typed(words: str) -> Text:
    return Text(words, words)
