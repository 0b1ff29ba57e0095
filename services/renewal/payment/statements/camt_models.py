"""What is read of an ISO 20022 camt.053, versions 1 to 14, as models. All other elements are ignored.

The names of the elements are those of the schema, without its namespace.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic_xml import BaseXmlModel, attr, element, wrapped


def _read_day(text: str) -> date:
    return date.fromisoformat(text.strip()[:10])


IsoDay = Annotated[date, BeforeValidator(_read_day)]
"""The day of an ISO date, or of a date with time: the day that the bank prints, in its own zone."""


class CamtModel(BaseXmlModel, search_mode="unordered"):
    """The base of the models."""


class CamtAmount(CamtModel):
    value: Decimal
    currency: str = attr(name="Ccy")


class CamtDay(CamtModel):
    """A day, or a day with the time."""

    day: IsoDay | None = element("Dt", default=None)
    moment: IsoDay | None = element("DtTm", default=None)

    @property
    def printed(self) -> date | None:
        return self.day or self.moment


class CamtStatus(CamtModel):
    """A code: the text up to version 2, an element since."""

    text: str | None = None
    code: str | None = element("Cd", default=None)

    @property
    def is_booked(self) -> bool:
        return (self.code or self.text or "").strip() == "BOOK"


class CamtAccount(CamtModel):
    iban: str | None = wrapped("Id", element("IBAN", default=None))
    other: str | None = wrapped("Id/Othr", element("Id", default=None))

    @property
    def number(self) -> str:
        return self.iban or self.other or ""


class CamtParty(CamtModel):
    """The name stands one element deeper since version 8."""

    name: str | None = element("Nm", default=None)
    deeper: str | None = wrapped("Pty", element("Nm", default=None))


class CamtParties(CamtModel):
    debtor: CamtParty | None = element("Dbtr", default=None)
    debtor_account: CamtAccount | None = element("DbtrAcct", default=None)


class CamtCreditorReference(CamtModel):
    reference: str | None = wrapped("CdtrRefInf", element("Ref", default=None))


class CamtRemittance(CamtModel):
    texts: list[str] = element("Ustrd", default=[])
    structured: list[CamtCreditorReference] = element("Strd", default=[])

    @property
    def memo(self) -> Iterator[str]:
        yield from self.texts
        yield from (each.reference for each in self.structured if each.reference)


class CamtTransaction(CamtModel):
    """`amount` is there since version 3; before, `amount_before` may be."""

    reference: str | None = wrapped("Refs", element("AcctSvcrRef", default=None))
    end_to_end: str | None = wrapped("Refs", element("EndToEndId", default=None))
    amount: CamtAmount | None = element("Amt", default=None)
    amount_before: CamtAmount | None = wrapped("AmtDtls/TxAmt", element("Amt", default=None))
    side: Literal["CRDT", "DBIT"] | None = element("CdtDbtInd", default=None)
    parties: CamtParties | None = element("RltdPties", default=None)
    remittance: CamtRemittance | None = element("RmtInf", default=None)
    more: str | None = element("AddtlTxInf", default=None)


class CamtDetails(CamtModel):
    transactions: list[CamtTransaction] = element("TxDtls", default=[])


class CamtEntry(CamtModel, tag="Ntry"):
    """One line of the account: one transaction, or a batch of them."""

    amount: CamtAmount = element("Amt")
    side: Literal["CRDT", "DBIT"] = element("CdtDbtInd")
    reversal: bool = element("RvslInd", default=False)
    status: CamtStatus = element("Sts")
    booked: CamtDay = element("BookgDt")
    reference: str | None = element("AcctSvcrRef", default=None)
    entry_reference: str | None = element("NtryRef", default=None)
    details: list[CamtDetails] = element("NtryDtls", default=[])
    more: str | None = element("AddtlNtryInf", default=None)

    @property
    def transactions(self) -> list[CamtTransaction]:
        return [each for details in self.details for each in details.transactions]


class CamtBalance(CamtModel):
    code: str | None = wrapped("Tp/CdOrPrtry", element("Cd", default=None))
    amount: CamtAmount = element("Amt")
    side: Literal["CRDT", "DBIT"] = element("CdtDbtInd")
    on: CamtDay = element("Dt")


class CamtHead(CamtModel, tag="Stmt"):
    """A statement without its entries."""

    account: CamtAccount = element("Acct")
    balances: list[CamtBalance] = element("Bal", default=[])
    begins: IsoDay | None = wrapped("FrToDt", element("FrDtTm", default=None))
    ends: IsoDay | None = wrapped("FrToDt", element("ToDtTm", default=None))
