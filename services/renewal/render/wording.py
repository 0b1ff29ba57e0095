"""The filters with which templates write dates, amounts, rates and codes."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.renewal.render.qr import qr, transfer_qr
from shared.events.renewal import FormKind
from shared.text import amounts


def day(value: date) -> str:
    """`05/03/2026`."""
    return value.strftime("%d/%m/%Y")


def long_day(value: date) -> str:
    """`ngày 05 tháng 3 năm 2026`: of the months, only 1 and 2 get a leading zero (NĐ 30/2020)."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"ngày {value.day:02d} tháng {month} năm {value.year}"


def moment(value: datetime, zone: str) -> str:
    """`09:30:00 ngày 05/03/2026 (+07:00)`, in the office's local time."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M:%S} ngày {local:%d/%m/%Y} ({local.isoformat()[-6:]})"


def instant(value: datetime, zone: str) -> str:
    """`2026-03-05T09:30:00+07:00`: a document's time for its metadata, in whole seconds."""
    return value.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def vat(percent: int | None) -> str:
    return "Không chịu thuế" if percent is None else f"{percent}%"


def form_kind(kind: FormKind) -> str:
    return {FormKind.RENEWAL: "gia hạn", FormKind.UPDATE: "cập nhật"}[kind]


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "long_day": long_day,
    "moment": moment,
    "instant": instant,
    "vat": vat,
    "form_kind": form_kind,
    "digits": amounts.digits,
    "vnd": amounts.vnd,
    "qr": qr,
    "transfer_qr": transfer_qr,
}
