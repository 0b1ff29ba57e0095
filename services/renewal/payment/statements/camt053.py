"""Reads an ISO 20022 camt.053 statement, of whatever version."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NoReturn, TypeVar

from lxml import etree
from pydantic import ValidationError
from pydantic_xml.errors import ParsingError

from services.renewal.domain.money import LIMIT
from services.renewal.domain.payment.statement import LineDirection, Statement, StatementEntry
from services.renewal.payment.statements.amounts import is_account, whole_dong
from services.renewal.payment.statements.camt_models import (
    CamtAmount,
    CamtEntry,
    CamtHead,
    CamtModel,
    CamtTransaction,
)
from services.renewal.payment.statements.cells import CellError
from services.renewal.payment.statements.limits import MOST_BALANCE, MOST_LINES
from services.renewal.payment.statements.refusal import refuse
from shared.text.characters import harmless

_ROOT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d\d\}Document")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NOT_PROVIDED = {"NOTPROVIDED", ""}
_Model = TypeVar("_Model", bound=CamtModel)


def read_camt053(data: bytes, bank_bin: str, account: str) -> tuple[Statement, ...]:
    """The statements of `account`. Entries that aren't booked yet are left out. Raises StatementRefused."""
    root = _document(data)
    statements = root.findall("BkToCstmrStmt/Stmt")
    if not statements:
        refuse("not_camt053")
    if sum(len(each.findall("Ntry")) for each in statements) > MOST_LINES:
        refuse("too_many_rows", most=MOST_LINES)
    return tuple(_statement(each, bank_bin, account) for each in statements)


def _document(data: bytes) -> etree._Element:
    """The root element, without namespaces. Nothing outside the file is read, and no entity is expanded."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        refuse("not_xml", getattr(error, "lineno", None))
    if root.getroottree().docinfo.doctype:
        refuse("xml_doctype")
    if not _ROOT.fullmatch(str(root.tag)):
        refuse("not_camt053")
    for each in root.iter(etree.Element):
        each.tag = etree.QName(each).localname
    return root


def _statement(node: etree._Element, bank_bin: str, account: str) -> Statement:
    nodes = node.findall("Ntry")
    for each in nodes:
        node.remove(each)
    head = _read(CamtHead, node)
    if not is_account(head.account.number, account):
        refuse("account_other", node.sourceline, "Acct", account=harmless(head.account.number)[:40])
    opening, closing = (_balance(head, codes, node) for codes in (_OPENING, _CLOSING))
    entries = [entry for each in nodes for entry in _entries(_read(CamtEntry, each), each)]
    days = [entry.booked_on for entry in entries]
    days += [day for day in (head.begins, head.ends) if day]
    days += [balance.on.printed for balance in head.balances if balance.on.printed]
    if not days:
        refuse("no_lines")
    return Statement.of(
        bank_bin, account, entries, opening=opening, closing=closing, period=(min(days), max(days))
    )


def _read(model: type[_Model], node: etree._Element) -> _Model:
    try:
        return model.from_xml_tree(node)
    except ParsingError:
        refuse("camt053_field", node.sourceline, str(node.tag))
    except ValidationError as error:
        _refuse_field(model, node, error)


def _refuse_field(model: type[CamtModel], node: etree._Element, error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False, include_input=False)[0]
    field = model.model_fields.get(str(first["loc"][0])) if first["loc"] else None
    paths = (getattr(each, "path", None) for each in (field.metadata if field else ()))
    name = next(filter(None, paths), "")
    refuse("camt053_field", first.get("ctx", {}).get("sourceline") or node.sourceline, f"{node.tag}/{name}")


def _balance(head: CamtHead, codes: Sequence[str], node: etree._Element) -> int | None:
    for code in codes:
        for balance in head.balances:
            if balance.code == code:
                amount = _dong(balance.amount, node, MOST_BALANCE)
                return amount if balance.side == "CRDT" else -amount
    return None


def _dong(amount: CamtAmount, node: etree._Element, most: int = LIMIT) -> int:
    try:
        return whole_dong(amount.value, amount.currency, most)
    except CellError as error:
        refuse(error.rule, node.sourceline, f"{node.tag}/Amt")


def _entries(entry: CamtEntry, node: etree._Element) -> Iterator[StatementEntry]:
    """The booked entry, or its transactions if it is a batch whose parts make its sum."""
    if not entry.status.is_booked:
        return
    booked_on = entry.booked.printed
    amount = _dong(entry.amount, node)
    if booked_on is None or amount < 1:
        refuse("required" if booked_on is None else "amount_zero", node.sourceline, node.tag)
    parts = _parts(entry, node)
    if len(parts) > 1 and sum(each for each, _ in parts) == amount:
        for each, transaction in parts:
            yield _line(entry, node, booked_on, each, [transaction])
    else:
        yield _line(entry, node, booked_on, amount, entry.transactions)


def _parts(entry: CamtEntry, node: etree._Element) -> list[tuple[int, CamtTransaction]]:
    """The transactions with their amounts; none unless all have one, on the side of the entry."""
    parts = []
    for transaction in entry.transactions:
        amount = transaction.amount or transaction.amount_before
        if amount is None or amount.value < 1 or transaction.side not in (None, entry.side):
            return []
        parts.append((_dong(amount, node), transaction))
    return parts


def _line(
    entry: CamtEntry, node: etree._Element, booked_on: date, amount: int, parts: Sequence[CamtTransaction]
) -> StatementEntry:
    texts = [text for part in parts if part.remittance for text in part.remittance.memo]
    texts += [part.more for part in parts if part.more] + [entry.more or ""]
    one = parts[0] if len(parts) == 1 else None
    own = (one.reference, one.end_to_end) if one else ()
    references = (*own[:1], entry.reference, entry.entry_reference, *own[1:])
    debtor = one.parties.debtor if one and one.parties else None
    payer_account = one.parties.debtor_account if one and one.parties else None
    return StatementEntry(
        row=node.sourceline or 1,
        booked_on=booked_on,
        direction=LineDirection.CREDIT if entry.side == "CRDT" else LineDirection.DEBIT,
        amount=amount,
        memo=harmless(" ".join(texts)),
        reference=harmless(next((each for each in references if each and each not in _NOT_PROVIDED), "")),
        payer=harmless((debtor and (debtor.name or debtor.deeper)) or ""),
        payer_account=harmless(payer_account.number if payer_account else ""),
        reversal=entry.reversal,
    )
