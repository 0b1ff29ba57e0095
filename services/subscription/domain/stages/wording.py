"""What the gate says of a situation: for the office's people, Vietnamese and English."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.situation import Kind, Situation, Turn


class Reason(NamedTuple):
    vi: str
    en: str


_LAST_DAY = "Ngày sử dụng cuối cùng là {last_day}. ", "The last day of use was {last_day}. "
_DELETION = Reason("Dữ liệu dự kiến xóa ngày {ends_on}. ", "Data is due for deletion on {ends_on}. ")
_DELETED = Reason("Dữ liệu đã được xóa ngày {deleted_on}. ", "The data was deleted on {deleted_on}. ")

_FACTS: Mapping[Kind, Reason] = {
    Kind.ACTIVE: Reason("Đang sử dụng.", "In use."),
    Kind.EXPIRING: Reason("Dùng được đến hết ngày {usable_until}.", "In use through {usable_until}."),
    Kind.LAST_DAY: Reason("Hôm nay là ngày sử dụng cuối cùng.", "Today is the last day of use."),
    Kind.TEMPORARY: Reason(
        _LAST_DAY[0] + "Đơn vị được dùng tạm đến hết ngày {temporary_until}.",
        _LAST_DAY[1] + "There is temporary access through {temporary_until}.",
    ),
    Kind.OVERDUE: Reason(
        _LAST_DAY[0] + "Đơn vị vẫn đăng nhập được trong lúc chờ kiểm tra.",
        _LAST_DAY[1] + "Sign-in stays open while this is being checked.",
    ),
    Kind.HELD: Reason(
        "Nhà cung cấp đang kiểm tra ngày hết hạn; đơn vị vẫn sử dụng bình thường.",
        "The vendor is checking the expiry date; use goes on as before.",
    ),
    Kind.AT_THE_DESK: Reason(
        "Nhà cung cấp đang kiểm tra hợp đồng gia hạn; đơn vị vẫn sử dụng bình thường.",
        "The vendor is checking the renewal contract; use goes on as before.",
    ),
    Kind.RENEWED: Reason(
        "Hợp đồng gia hạn đã có hiệu lực, thời hạn mới đang được ghi nhận.",
        "The renewal contract is in force; its term is being recorded.",
    ),
    Kind.READ_ONLY: Reason(
        _LAST_DAY[0] + "Đơn vị chỉ xem được dữ liệu và báo cáo.",
        _LAST_DAY[1] + "Data and reports can be viewed only.",
    ),
    Kind.LIMITED: Reason(
        _LAST_DAY[0] + "Một số chức năng đang tạm ngừng.",
        _LAST_DAY[1] + "Some functions are suspended.",
    ),
    Kind.LOCKED: Reason(_LAST_DAY[0] + "Dữ liệu vẫn được giữ nguyên.", _LAST_DAY[1] + "Your data is kept."),
    Kind.FINAL_NOTICE: Reason(
        _LAST_DAY[0] + "Dữ liệu vẫn được giữ nguyên.", _LAST_DAY[1] + "Your data is kept."
    ),
    Kind.TERMINATED: Reason("Dịch vụ đã chấm dứt.", "Service ended."),
}
_ASKS: Mapping[Kind, Reason] = {
    Kind.EXPIRING: Reason("", ""),
    Kind.LAST_DAY: Reason("", ""),
    Kind.TEMPORARY: Reason(
        "Đăng ký gia hạn để sau ngày đó vẫn đăng nhập được.",
        "Register a renewal to keep signing in after that day.",
    ),
    Kind.OVERDUE: Reason(
        "Đăng ký gia hạn ngay để không bị tạm ngừng đăng nhập.",
        "Register a renewal now to avoid suspension.",
    ),
    Kind.READ_ONLY: Reason(
        "Đăng ký gia hạn để nhập liệu trở lại.", "Register a renewal to enter data again."
    ),
    Kind.LIMITED: Reason(
        "Đăng ký gia hạn để dùng lại đầy đủ.", "Register a renewal to have all functions again."
    ),
    Kind.LOCKED: Reason("Đăng ký gia hạn để đăng nhập trở lại.", "Register a renewal to sign in again."),
    Kind.FINAL_NOTICE: Reason(
        "Nếu chưa đăng ký gia hạn trước ngày {ends_on}, dịch vụ sẽ chấm dứt và dữ liệu sẽ được lên lịch xóa.",
        "Without a registration before {ends_on}, service ends and data is scheduled for deletion.",
    ),
    Kind.TERMINATED: Reason(
        "Đơn vị vẫn có thể đăng ký gia hạn; khôi phục dữ liệu cần đề nghị riêng.",
        "You can still register a renewal; data recovery is a separate request.",
    ),
}
_RECEIVED = Reason(
    "Nhà cung cấp đã nhận đăng ký gia hạn. Bước tiếp theo: {next}.",
    "The vendor has received your renewal. Next: {next}.",
)
_NEXT: Mapping[Turn, Reason] = {
    Turn.SIGN: Reason("đơn vị ký số phiếu đăng ký", "the office signs the form"),
    Turn.SEND_PAPER: Reason(
        "đơn vị gửi phiếu đăng ký đã đóng dấu cho nhà cung cấp",
        "the office posts the stamped form to the vendor",
    ),
    Turn.CONFIRM: Reason(
        "đơn vị xác nhận thời hạn mới trên trang gia hạn",
        "the office agrees to the new term on the renewal page",
    ),
    Turn.ASSENT: Reason(
        "đơn vị ký hợp đồng, ký số hoặc gửi bản giấy đóng dấu qua bưu điện, chậm nhất ngày {sign_by}",
        "the office signs the contract, digitally or on stamped paper by post, by {sign_by} at the latest",
    ),
    Turn.VENDOR: Reason(
        "nhà cung cấp xem xét và phát hành hợp đồng", "the vendor reviews it and issues the contract"
    ),
}
_UNSIGNED = Reason(
    "Nếu phiếu chưa được ký số trước ngày {ends_on}, dịch vụ sẽ chấm dứt.",
    "Unless the form is signed before {ends_on}, service ends.",
)


def reason(told: Situation) -> Reason:
    """What holds, and what comes next; dates are dd/mm/yyyy in Vietnamese, ISO in English."""
    names = ("last_day", "usable_until", "temporary_until", "ends_on", "deleted_on", "sign_by")
    days = {name: day for name in names if (day := getattr(told, name))}
    vietnamese = {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
    parts = tuple(_parts(told))
    step = _NEXT.get(told.turn, Reason("", ""))
    vi, en = step.vi.format(**vietnamese), step.en.format(**days)
    return Reason(
        " ".join(part.vi.format(**vietnamese, next=vi).strip() for part in parts if part.vi),
        " ".join(part.en.format(**days, next=en).strip() for part in parts if part.en),
    )


def _parts(told: Situation) -> list[Reason]:
    parts = [_FACTS[told.kind]]
    if told.kind is Kind.TERMINATED and told.deleted_on:
        parts.append(_DELETED)
    elif told.kind is Kind.TERMINATED and told.ends_on:
        parts.append(_DELETION)
    if told.registered:
        parts.append(_RECEIVED)
        if told.turn is Turn.SIGN and told.ends_on and told.kind is not Kind.TERMINATED:
            parts.append(_UNSIGNED)
    elif told.asks_to_register:
        parts.append(_ASKS.get(told.kind, Reason("", "")))
    return parts
