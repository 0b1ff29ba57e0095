"""Invented contents for authors of templates, including the extreme ones that a template must print."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.renewal.domain import money
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.transfer import declared_transfer
from services.renewal.domain.payment.treasury_paper import ContractBasis, TreasuryPaper
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.declaration import OFFICE_PART, Payment
from services.renewal.domain.registration.order import Order, PricedLine
from services.renewal.domain.registration.registration import Invoice, Purchaser, Registration
from services.renewal.render.conditions import ConditionsArchive
from services.renewal.render.content import (
    JOINT_CONTRACT,
    Content,
    ContractContent,
    ContractTerm,
    FormContent,
    Restated,
    TreasuryContent,
    contract_kind,
)
from services.renewal.render.renderer import TEMPLATES
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import SendBy, Stage
from shared.events.order import FullGrant
from shared.events.renewal import FormKind, Party, Term

DAY = date(2026, 1, 5)
_NOW = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
_ID = UUID("5e8c7a52-0000-5000-8000-000000000000")

OFFICE = Party.model_validate(
    {field.name: field.input.example for field in OFFICE_PART.fields if not field.input.late}
)
_ARCHIVE = ConditionsArchive(TEMPLATES, "https://giahan.example/dk")
_IN_FORCE = _ARCHIVE.in_force("hcsn", DAY)
_CONDITIONS = _IN_FORCE.reference if _IN_FORCE else None
_BUYER = Purchaser(
    name="Phòng Giáo dục và Đào tạo “Ba Đình” – <Kế toán> & 'Tài vụ'",
    tax_code="0199900025-001",
    budget_code=None,
    address="Số 2 phố Trúc Bạch, phường Ba Đình, thành phố Hà Nội",
)
_LONGEST = {
    "name": ("Trung tâm Ứng dụng Nghiên cứu và Chuyển giao Khoa học Kỹ thuật Nghiệp vụ " * 6)[:399] + "n",
    "address": "Nghĩa" * 80,
    "representative": "Nguyễn Hoàng Phương Thảo Trang " * 3 + "Nghiêm",
    "title": "Phó Chủ tịch phụ trách " * 4,
    "contact_name": "W" * 100,
}
_SIGNER = {field.name: field.input.example for field in OFFICE_PART.fields if field.input.late} | {
    "title": "Phó Hiệu trưởng"
}
_TERM = Term(
    basis_expires_on=date(2025, 12, 31),
    basis_stage=Stage.LOCKED,
    term_from=date(2026, 1, 1),
    term_to=date(2026, 12, 31),
    years=1,
)
_ANEW = Term(
    basis_expires_on=date(2025, 10, 31),
    basis_stage=Stage.TERMINATED,
    term_from=DAY,
    term_to=date(2027, 1, 5),
    years=1,
)


def _line(item: str, quantity: int, price: int, vat: int | None = None) -> PricedLine:
    return PricedLine(item=item, unit="người dùng/năm", quantity=quantity, unit_price=price, vat_percent=vat)


_ORDER = Order(
    package="standard",
    package_name="Gói Tiêu chuẩn",
    years=1,
    users=12,
    storage_gb=50,
    lines=(
        _line("Gói Tiêu chuẩn", 1, 4_800_000).model_copy(update={"unit": "năm"}),
        _line("Người dùng mua thêm (2 × 1 năm)", 2, 250_000, 8),
    ),
)
_SIXTY = tuple(
    _line(f"Người dùng thêm, đợt {n}" + ", theo phụ lục của đơn vị" * (n % 4), n, 999_000 + n, 8)
    for n in range(1, 61)
)
_SHORT = Registration(
    renewal_id=_ID,
    number="GH-VSWE-60Y3",
    subscription_id=_ID,
    office_ref="HN-0001",
    product_code="qlts",
    product_name="Phần mềm Quản lý tài sản",
    zone="Asia/Ho_Chi_Minh",
    place="Hà Nội",
    office=OFFICE,
    conditions=_CONDITIONS,
    invoice=Invoice(buyer=None, wanted_on=date(2026, 1, 20)),
    order=_ORDER,
    payment=Payment(kind="promised", on=date(2026, 3, 31), committed=True),
    term=_TERM,
    send_by=SendBy.ELECTRONIC,
    prepare=ContractPreparation.AUTOMATIC,
    registered_at=_NOW,
    registered_on=DAY,
)


def _changed(**change: Any) -> Registration:
    return _SHORT.model_copy(update=change)


SAMPLES: dict[str, Registration] = {
    "short": _SHORT,
    "long": _changed(
        office=OFFICE.model_copy(update=_LONGEST),
        invoice=Invoice(
            buyer=_BUYER.model_copy(update={"name": "W" * 400, "address": "Ặ" * 400}), wanted_on=None
        ),
    ),
    "lines": _changed(order=_ORDER.model_copy(update={"lines": _SIXTY})),
    "terminated": _changed(term=_ANEW),
    "paid": _changed(payment=Payment(kind="paid", on=date(2026, 1, 2))),
    "buyer": _changed(invoice=Invoice(buyer=_BUYER, wanted_on=None), place=None),
    "update": _changed(kind=FormKind.UPDATE),
    "before": _changed(conditions=None, order=_ORDER.model_copy(update={"storage_gb": None})),
    "signer": _changed(office=OFFICE.model_copy(update=_SIGNER)),
    "assent": _changed(assent_days=10),
    "at_payment": _changed(full_grant=FullGrant.AT_PAYMENT),
}
"""`short`: most offices' case. `long`: the longest fields. `lines`: 60 order lines. `terminated`: a second
revision whose term runs from the contract. `paid`: already paid. `buyer`: the invoice is for another
organisation. `update`: the form is called cập nhật. `before`: registered before forms named conditions and
before storage was sold. `signer`: a deputy signs, and the office has a superior body. `assent`: the office
signs the contract too. `at_payment`: full use begins with the payment."""


def form(name: str, line: str, day: date = DAY) -> FormContent:
    registered = _of(name, line)
    return FormContent(
        vendor=EXAMPLE_VENDOR,
        registration=registered,
        revision=2 if name == "terminated" else 1,
        issued_at=_in_the_morning(day),
        conditions_url=_ARCHIVE.url(registered.conditions),
        total_in_words=money.in_words(registered.order.total),
    )


def joint(name: str, line: str, day: date = DAY) -> FormContent:
    """The sample's registration with two more products on its form, the last of which had ended."""
    content = form(name, line, day)
    registered = _with_joined(content.registration)
    words = money.in_words(registered.total)
    return content.model_copy(update={"registration": registered, "total_in_words": words})


def joint_contract(name: str, line: str, day: date = DAY) -> ContractContent:
    """One contract over the products of `joint`, the second of which was restated."""
    content = contract(name, line, day)
    registered = _with_joined(content.registration)
    second, last = (each.term for each in registered.joined)
    stated = second.model_copy(update={"term_to": date(2026, 11, 30)})
    notice = f"{registered.number}/2"
    restated = Restated(revision=1, stated=stated, notice=notice, told_at=_NOW, confirmed=True)
    terms = (ContractTerm(term=second, restated=restated), ContractTerm(term=last))
    words = money.in_words(registered.total)
    return content.model_copy(update={"registration": registered, "joined": terms, "total_in_words": words})


def _with_joined(registered: Registration) -> Registration:
    others = (("ktns", "Phần mềm Kế toán hành chính sự nghiệp", _TERM), ("cbcc", "Phần mềm Cán bộ", _ANEW))
    joined = tuple(
        registered.model_copy(
            update={"product_code": code, "product_name": product, "number": "GH-0000-0025", "term": term}
        )
        for code, product, term in others
    )
    return registered.model_copy(update={"joined": joined})


def contract(name: str, line: str, day: date = DAY) -> ContractContent:
    registered = _of(name, line)
    return ContractContent(
        vendor=EXAMPLE_VENDOR,
        registration=registered,
        number=ContractNumber(year=day.year, n=123),
        dated=day,
        numbered_at=_in_the_morning(day),
        term=registered.term,
        total_in_words=money.in_words(registered.order.total),
        form_number=registered.number,
        signed_form=sha256(b"form").hexdigest(),
        form_signed_at=_NOW,
        pay_by=registered.payment_day if registered.full_grant is FullGrant.AT_PAYMENT else None,
    )


def contract_at_payment(name: str, line: str, day: date = DAY) -> ContractContent:
    """The sample's contract of a product that gives full use from the payment."""
    content = contract(name, line, day)
    registered = content.registration.model_copy(update={"full_grant": FullGrant.AT_PAYMENT})
    return content.model_copy(update={"registration": registered, "pay_by": registered.payment_day})


def treasury_paper(paper: TreasuryPaper, name: str, line: str, day: date = DAY) -> TreasuryContent:
    registered = _of(name, line)
    unpaid = registered.model_copy(update={"payment": _SHORT.payment})
    basis = ContractBasis(number=ContractNumber(year=day.year, n=123), dated=day, term=registered.term)
    total = registered.order.total
    return TreasuryContent(
        paper=paper,
        vendor=EXAMPLE_VENDOR,
        registration=registered,
        drawn_on=day,
        contract=basis if paper is TreasuryPaper.ACCEPTANCE or name != "before" else None,
        transfer=declared_transfer(unpaid, EXAMPLE_VENDOR),
        paid=0,
        amount_in_words=money.in_words(total),
        total_in_words=money.in_words(total),
    )


def _in_the_morning(day: date) -> datetime:
    return datetime.combine(day, time(2, 30), tzinfo=UTC)


def _of(name: str, line: str) -> Registration:
    return SAMPLES[name].model_copy(update={"line": line})


CONTENTS: dict[str, Callable[[str, str, date], Content]] = {
    "form": form,
    "joint": joint,
    "contract": contract,
    contract_kind(FullGrant.AT_PAYMENT): contract_at_payment,
    JOINT_CONTRACT: joint_contract,
    **{paper.value: partial(treasury_paper, paper) for paper in TreasuryPaper},
}
