"""What an adapter needs of an e-invoice system, and one that simulates it.

An adapter for a real provider implements `InvoiceProvider`; the rest of `einvoice.py` can stay as it is.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID
from xml.etree import ElementTree as ET

from pydantic import BaseModel, ConfigDict

from shared.events.invoice import InvoiceBuyer, InvoiceLine
from shared.ids import derived

_ASCII_NOTE = "MO PHONG - SIMULATED - KHONG PHAI HOA DON - NOT AN INVOICE"


class InvoiceOrder(BaseModel):
    """What is to be invoiced, of the newest revision of the request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    renewal_id: UUID
    registration_no: str
    revision: int
    buyer: InvoiceBuyer
    wanted_on: date | None
    lines: tuple[InvoiceLine, ...]
    total_vnd: int
    total_in_words: str


@dataclass(frozen=True, slots=True)
class ProviderInvoice:
    """What the e-invoice system issued. `files`: PDF and XML."""

    symbol: str
    number: str
    dated: date
    lookup_code: str
    files: tuple[bytes, ...]


class InvoiceProvider(Protocol):
    async def issue(self, order: InvoiceOrder, dated: date) -> ProviderInvoice:
        """Issue the invoice of that registration, once: a repeat gives the same invoice."""
        ...


class SimulatedProvider:
    """Issues nothing: its files say so, in words and in their names."""

    async def issue(self, order: InvoiceOrder, dated: date) -> ProviderInvoice:
        chance = derived("simulated-invoice", order.renewal_id)
        symbol, number = f"1C{dated:%y}TMP", str(chance.int % 99_999_999 + 1)
        code = f"SIM-{chance.hex[:10].upper()}"
        xml = _xml(order, symbol, number, dated, code)
        return ProviderInvoice(symbol, number, dated, code, (_pdf(order, symbol, number, dated, code), xml))


def _xml(order: InvoiceOrder, symbol: str, number: str, dated: date, code: str) -> bytes:
    """Not the tax authority's schema, so that nobody takes it for an invoice."""
    root = ET.Element("HoaDonMoPhong", {"simulated": "true"})
    root.append(ET.Comment(_ASCII_NOTE.replace("-", "·")))
    buyer = order.buyer
    facts = {
        "KyHieu": symbol,
        "SoHoaDon": number,
        "NgayLap": dated.isoformat(),
        "MaTraCuu": code,
        "SoDangKy": order.registration_no,
        "TenNguoiMua": buyer.name,
        "MaSoThue": buyer.tax_code or "",
        "MaDVQHNS": buyer.budget_code or "",
        "DiaChi": buyer.address,
        "TongCong": str(order.total_vnd),
        "BangChu": order.total_in_words,
    }
    for name, text in facts.items():
        ET.SubElement(root, name).text = text
    for line in order.lines:
        amounts = {"SoLuong": line.quantity, "DonGia": line.unit_price, "TienThue": line.vat_vnd}
        row = ET.SubElement(root, "Dong", {name: str(amount) for name, amount in amounts.items()})
        row.text = line.item
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _pdf(order: InvoiceOrder, symbol: str, number: str, dated: date, code: str) -> bytes:
    """One page in a font that every reader has, hence without Vietnamese letters."""
    lines = [
        _ASCII_NOTE,
        "",
        f"Symbol {symbol}   Number {number}   Date {dated:%d/%m/%Y}",
        f"Registration {order.registration_no}   Look-up code {code}",
        f"Total {order.total_vnd:,} VND".replace(",", "."),
    ]
    shown = "".join(f"({line}) Tj T* " for line in lines)
    return _one_page(f"BT /F1 11 Tf 60 760 Td 22 TL {shown}ET".encode("ascii"))


def _one_page(content: bytes) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = bytearray(b"%PDF-1.4\n"), []
    for n, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (n, each)
    xref = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, xref)
    return bytes(data)
