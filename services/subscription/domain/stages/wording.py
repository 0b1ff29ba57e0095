"""The gate's sentences about a situation, for the office's people, in Vietnamese and English."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.situation import Situation, SituationKind, Turn


class AccessReason(NamedTuple):
    vi: str
    en: str


_LAST_DAY = "Ngày sử dụng cuối cùng là {last_day}. ", "The last day of use was {last_day}. "
_DELETION = AccessReason("Dữ liệu dự kiến xóa ngày {ends_on}. ", "Data is due for deletion on {ends_on}. ")
_DELETED = AccessReason("Dữ liệu đã được xóa ngày {deleted_on}. ", "The data was deleted on {deleted_on}. ")

_FACTS: Mapping[SituationKind, AccessReason] = {
    SituationKind.ACTIVE: AccessReason("Đang sử dụng.", "In use."),
    SituationKind.EXPIRING: AccessReason(
        "Dùng được đến hết ngày {usable_until}.", "In use through {usable_until}."
    ),
    SituationKind.LAST_DAY: AccessReason(
        "Hôm nay là ngày sử dụng cuối cùng.", "Today is the last day of use."
    ),
    SituationKind.TEMPORARY: AccessReason(
        _LAST_DAY[0] + "Đơn vị được dùng tạm đến hết ngày {temporary_until}.",
        _LAST_DAY[1] + "There is temporary access through {temporary_until}.",
    ),
    SituationKind.OVERDUE: AccessReason(
        _LAST_DAY[0] + "Đơn vị vẫn đăng nhập được trong lúc chờ kiểm tra.",
        _LAST_DAY[1] + "Sign-in stays open while this is being checked.",
    ),
    SituationKind.HELD: AccessReason(
        "Nhà cung cấp đang kiểm tra ngày hết hạn; đơn vị vẫn sử dụng bình thường.",
        "The vendor is checking the expiry date; use goes on as before.",
    ),
    SituationKind.AT_THE_DESK: AccessReason(
        "Nhà cung cấp đang kiểm tra hợp đồng gia hạn; đơn vị vẫn sử dụng bình thường.",
        "The vendor is checking the renewal contract; use goes on as before.",
    ),
    SituationKind.RENEWED: AccessReason(
        "Hợp đồng gia hạn đã có hiệu lực, thời hạn mới đang được ghi nhận.",
        "The renewal contract is in force; its term is being recorded.",
    ),
    SituationKind.READ_ONLY: AccessReason(
        _LAST_DAY[0] + "Đơn vị chỉ xem được dữ liệu và báo cáo.",
        _LAST_DAY[1] + "Data and reports can be viewed only.",
    ),
    SituationKind.LIMITED: AccessReason(
        _LAST_DAY[0] + "Một số chức năng đang tạm ngừng.",
        _LAST_DAY[1] + "Some functions are suspended.",
    ),
    SituationKind.LOCKED: AccessReason(
        _LAST_DAY[0] + "Dữ liệu vẫn được giữ nguyên.", _LAST_DAY[1] + "Your data is kept."
    ),
    SituationKind.FINAL_NOTICE: AccessReason(
        _LAST_DAY[0] + "Dữ liệu vẫn được giữ nguyên.", _LAST_DAY[1] + "Your data is kept."
    ),
    SituationKind.TERMINATED: AccessReason("Dịch vụ đã chấm dứt.", "Service ended."),
}
_ASKS: Mapping[SituationKind, AccessReason] = {
    SituationKind.EXPIRING: AccessReason("", ""),
    SituationKind.LAST_DAY: AccessReason("", ""),
    SituationKind.TEMPORARY: AccessReason(
        "Đăng ký gia hạn để sau ngày đó vẫn đăng nhập được.",
        "Register a renewal to keep signing in after that day.",
    ),
    SituationKind.OVERDUE: AccessReason(
        "Đăng ký gia hạn ngay để không bị tạm ngừng đăng nhập.",
        "Register a renewal now to avoid suspension.",
    ),
    SituationKind.READ_ONLY: AccessReason(
        "Đăng ký gia hạn để nhập liệu trở lại.", "Register a renewal to enter data again."
    ),
    SituationKind.LIMITED: AccessReason(
        "Đăng ký gia hạn để dùng lại đầy đủ.", "Register a renewal to have all functions again."
    ),
    SituationKind.LOCKED: AccessReason(
        "Đăng ký gia hạn để đăng nhập trở lại.", "Register a renewal to sign in again."
    ),
    SituationKind.FINAL_NOTICE: AccessReason(
        "Nếu chưa đăng ký gia hạn trước ngày {ends_on}, dịch vụ sẽ chấm dứt và dữ liệu sẽ được lên lịch xóa.",
        "Without a registration before {ends_on}, service ends and data is scheduled for deletion.",
    ),
    SituationKind.TERMINATED: AccessReason(
        "Đơn vị vẫn có thể đăng ký gia hạn; khôi phục dữ liệu cần đề nghị riêng.",
        "You can still register a renewal; data recovery is a separate request.",
    ),
}
_RECEIVED = AccessReason(
    "Nhà cung cấp đã nhận đăng ký gia hạn. Bước tiếp theo: {next}.",
    "The vendor has received your renewal. Next: {next}.",
)
_NEXT: Mapping[Turn, AccessReason] = {
    Turn.SIGN: AccessReason("đơn vị ký số phiếu đăng ký", "the office signs the form"),
    Turn.SEND_PAPER: AccessReason(
        "đơn vị gửi phiếu đăng ký đã đóng dấu cho nhà cung cấp",
        "the office posts the stamped form to the vendor",
    ),
    Turn.CONFIRM: AccessReason(
        "đơn vị xác nhận thời hạn mới trên trang gia hạn",
        "the office agrees to the new term on the renewal page",
    ),
    Turn.ASSENT: AccessReason(
        "đơn vị ký hợp đồng, ký số hoặc gửi bản giấy đóng dấu qua bưu điện, chậm nhất ngày {sign_by}",
        "the office signs the contract, digitally or on stamped paper by post, by {sign_by} at the latest",
    ),
    Turn.VENDOR: AccessReason(
        "nhà cung cấp xem xét và phát hành hợp đồng", "the vendor reviews it and issues the contract"
    ),
}
_UNSIGNED = AccessReason(
    "Nếu phiếu chưa được ký số trước ngày {ends_on}, dịch vụ sẽ chấm dứt.",
    "Unless the form is signed before {ends_on}, service ends.",
)


def reason(situation: Situation) -> AccessReason:
    """What is true now and what comes next. Dates are dd/mm/yyyy in Vietnamese, ISO in English."""
    names = ("last_day", "usable_until", "temporary_until", "ends_on", "deleted_on", "sign_by")
    days = {name: day for name in names if (day := getattr(situation, name))}
    vietnamese = {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
    parts = tuple(_parts(situation))
    step = _NEXT.get(situation.turn, AccessReason("", ""))
    vi, en = step.vi.format(**vietnamese), step.en.format(**days)
    return AccessReason(
        " ".join(part.vi.format(**vietnamese, next=vi).strip() for part in parts if part.vi),
        " ".join(part.en.format(**days, next=en).strip() for part in parts if part.en),
    )


def _parts(situation: Situation) -> list[AccessReason]:
    parts = [_FACTS[situation.kind]]
    if situation.kind is SituationKind.TERMINATED and situation.deleted_on:
        parts.append(_DELETED)
    elif situation.kind is SituationKind.TERMINATED and situation.ends_on:
        parts.append(_DELETION)
    if situation.registered:
        parts.append(_RECEIVED)
        if (
            situation.turn is Turn.SIGN
            and situation.ends_on
            and situation.kind is not SituationKind.TERMINATED
        ):
            parts.append(_UNSIGNED)
    elif situation.asks_to_register:
        parts.append(_ASKS.get(situation.kind, AccessReason("", "")))
    return parts
