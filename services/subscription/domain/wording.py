"""What the gate says of a stage: for the office's people, Vietnamese and English."""

from datetime import date
from typing import NamedTuple

from services.subscription.domain.policy import Notice


class Reason(NamedTuple):
    vi: str
    en: str


class Dates(NamedTuple):
    """The last day of use, the day from which service is ended, the day from which data may go."""

    last_day: date
    ends_on: date
    deletion_due_on: date


_WORDS: dict[Notice, Reason] = {
    "none": Reason("Đang sử dụng.", "In use."),
    "expiring": Reason("Dùng được đến hết ngày {last_day}.", "In use through {last_day}."),
    "overdue": Reason(
        "Ngày sử dụng cuối cùng là {last_day}. Đơn vị chỉ xem được dữ liệu và báo cáo; "
        "đăng ký gia hạn để nhập liệu trở lại.",
        "The last day of use was {last_day}. Data and reports can be viewed only; register a renewal to "
        "enter data again.",
    ),
    "locked": Reason(
        "Ngày sử dụng cuối cùng là {last_day}. Dữ liệu vẫn được giữ nguyên; đăng ký gia hạn để đăng nhập "
        "trở lại.",
        "The last day of use was {last_day}. Your data is kept; register a renewal to sign in again.",
    ),
    "final_notice": Reason(
        "Ngày sử dụng cuối cùng là {last_day}. Nếu chưa đăng ký gia hạn trước ngày {ends_on}, dịch vụ sẽ "
        "chấm dứt và dữ liệu sẽ được lên lịch xóa.",
        "The last day of use was {last_day}. Without a registration before {ends_on}, service ends and data "
        "is scheduled for deletion.",
    ),
    "terminated": Reason(
        "Dịch vụ đã chấm dứt. Dữ liệu dự kiến xóa ngày {deletion_due_on}. Đơn vị vẫn có thể đăng ký gia hạn; "
        "khôi phục dữ liệu cần đề nghị riêng.",
        "Service ended. Data is due for deletion on {deletion_due_on}. You can still register a renewal; "
        "data recovery is a separate request.",
    ),
}
LAST_DAY = Reason("Hôm nay là ngày sử dụng cuối cùng.", "Today is the last day of use.")
AT_THE_DESK = Reason(
    "Nhà cung cấp đang kiểm tra hợp đồng gia hạn; đơn vị vẫn sử dụng bình thường.",
    "The vendor is checking the renewal contract; use goes on as before.",
)
HELD = Reason(
    "Nhà cung cấp đang kiểm tra ngày hết hạn; đơn vị vẫn sử dụng bình thường.",
    "The vendor is checking the expiry date; use goes on as before.",
)
_DELETED = Reason(
    "Dịch vụ đã chấm dứt và dữ liệu đã được xóa ngày {day}. Đơn vị vẫn có thể đăng ký gia hạn; khôi phục dữ "
    "liệu cần đề nghị riêng.",
    "Service ended and the data was deleted on {day}. You can still register a renewal; data recovery is a "
    "separate request.",
)
_REGISTERED = Reason(
    "Nhà cung cấp đã nhận đăng ký gia hạn và đang xử lý; đơn vị vẫn sử dụng bình thường.",
    "The vendor has received your renewal and is working on it; use goes on as before.",
)
_REGISTERED_LOCKED = Reason(
    "Nhà cung cấp đã nhận đăng ký gia hạn và đang xử lý. Dữ liệu vẫn được giữ nguyên.",
    "The vendor has received your renewal and is working on it. Your data is kept.",
)


def registered(notice: Notice) -> Reason:
    """While a registration is open, nobody is told to register."""
    return _REGISTERED if notice in ("none", "expiring") else _REGISTERED_LOCKED


def deleted(day: date) -> Reason:
    return Reason(_DELETED.vi.format(day=f"{day:%d/%m/%Y}"), _DELETED.en.format(day=day))


def reason(notice: Notice, dates: Dates) -> Reason:
    """The sentence of `notice` with its dates: dd/mm/yyyy in Vietnamese, ISO in English."""
    words = _WORDS[notice]
    vietnamese = {name: f"{day:%d/%m/%Y}" for name, day in dates._asdict().items()}
    return Reason(words.vi.format(**vietnamese), words.en.format(**dates._asdict()))
