"""Why a person's request can't be done."""

TEXTS: dict[str, tuple[str, str]] = {
    "already-there": (
        "Đơn vị này đã có sản phẩm này",
        "This office has this product already",
    ),
    "not-held": (
        "Đơn vị này không có thay đổi nào đang được giữ lại",
        "Nothing is held for this office",
    ),
    "date-past": ("Ngày này đã qua", "This date has passed"),
    "date-too-far": ("Ngày này xa quá 366 ngày", "This date is more than 366 days away"),
    "no-such-contract": (
        "Không có hợp đồng này đang chờ xử lý",
        "There is no such contract waiting for a decision",
    ),
    "not-ended": ("Dịch vụ chưa chấm dứt", "The service has not ended"),
    "hold-runs": (
        "Chưa hết thời gian giữ dữ liệu, đến ngày {day}",
        "The data is kept until {day}",
    ),
    "registration-open": (
        "Đang có đăng ký gia hạn chưa xử lý xong",
        "A registration is open; the desk closes it first",
    ),
    "deletion-proposed": ("Đã có đề nghị xóa dữ liệu", "A deletion is proposed already"),
    "no-deletion": ("Không có đề nghị xóa nào đang chờ", "No proposed deletion waits"),
    "same-person": (
        "Cần người thứ hai; người đề nghị không tự duyệt được",
        "A second person is needed: nobody approves their own proposal",
    ),
    "already-released": (
        "Danh sách này đã được hai người cho chấm dứt",
        "Two people have released this list already",
    ),
    "day-begun": (
        "Chỉ cho chấm dứt trước ngày đó; những đơn vị còn lại chuyển sang kế hoạch ngày sau",
        "Ends are released before their day; who is left goes on to the next day's plan",
    ),
    "day-too-far": ("Ngày này xa quá 30 ngày", "This day is more than 30 days away"),
    "list-changed": (
        "Danh sách đã thay đổi; hãy xem lại danh sách hiện tại",
        "The list has changed; look at the present one",
    ),
    "nothing-ends": ("Ngày này không có đơn vị nào chờ chấm dứt", "No end waits for this day"),
    "recovery-open": ("Đã có đề nghị khôi phục đang chờ trả lời", "A recovery request waits for its answer"),
    "never-ended": (
        "Dữ liệu chưa từng bị lên lịch xóa nên không cần khôi phục",
        "The data was never due for deletion, so there is nothing to recover",
    ),
    "import-not-read": (
        "Tệp này chưa đọc xong; hãy gửi lại tệp",
        "This file was not read to its end; send it again",
    ),
    "import-dropped": (
        "Không ai xác nhận trong 30 ngày nên bản nhập này đã bỏ; hãy gửi lại tệp",
        "Nobody confirmed this import within 30 days, so it was dropped; send the file again",
    ),
}


class SubscriptionError(Exception):
    """The request breaks the rule `rule`, a key of TEXTS. `figures` fill its text."""

    def __init__(self, rule: str, **figures: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.figures = figures

    @property
    def message(self) -> tuple[str, str]:
        """Vietnamese, English."""
        vietnamese, english = TEXTS[self.rule]
        return vietnamese.format(**self.figures), english.format(**self.figures)
