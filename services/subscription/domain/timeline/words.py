"""What the timeline says, Vietnamese and English."""

from datetime import date
from typing import Literal

from services.subscription.domain.stages.wording import Reason
from services.subscription.domain.timeline.forecast import Need
from shared.events.base import Stage

Kind = Literal[
    "adopted",
    "stage",
    "reminder",
    "warned_again",
    "corrected",
    "details",
    "table",
    "renewed",
    "disputed",
    "set_aside",
    "held",
    "hold_released",
    "hold_ended",
    "date_noticed",
    "noticed",
    "registered",
    "registration_closed",
    "extension",
    "extension_withdrawn",
    "exemption",
    "exemption_withdrawn",
    "temporary",
    "end_released",
    "release_lapsed",
    "end",
    "deletion_proposed",
    "deletion_requested",
    "deletion_cancelled",
    "deletion_due",
    "deleted",
    "recovery_asked",
    "recovery_answered",
]

_STAGES = {
    Stage.ACTIVE: Reason("Đang sử dụng", "In use"),
    Stage.EXPIRING: Reason("Sắp hết hạn", "Expiring"),
    Stage.LOCKED: Reason("Đã hết hạn", "Expired"),
    Stage.FINAL_NOTICE: Reason("Sắp chấm dứt", "About to end"),
    Stage.TERMINATED: Reason("Đã chấm dứt", "Ended"),
}
_NEEDS: dict[Need, Reason] = {
    "release": Reason("hai người cùng duyệt trước", "two people release it beforehand"),
    "notices": Reason("mọi thông báo đã được ghi nhận", "every notice is on record"),
    "registration": Reason("đăng ký gia hạn đang mở đã xử lý xong", "the open registration is closed"),
    "contract": Reason("hợp đồng đang kiểm tra đã có quyết định", "the contract under check is decided on"),
    "date": Reason("ngày hết hạn đang giữ lại đã được xác nhận", "the expiry date under check is confirmed"),
}
_OTHERS: dict[str, Reason] = {
    "date_too_new": Reason("ngày hết hạn mới nhận chưa đủ 7 ngày", "the expiry date is less than 7 days old"),
    "notice_missing": Reason("chưa ghi nhận thông báo cho đơn vị", "no notice to the office is on record"),
    "many_at_once": Reason("quá nhiều thay đổi cùng một lúc", "too many changes came at once"),
    "restored": Reason("đã khôi phục", "restored"),
    "partly": Reason("khôi phục được một phần", "restored in part"),
    "impossible": Reason("không khôi phục được", "can't be restored"),
}
_TEXTS: dict[Kind, Reason] = {
    "adopted": Reason(
        "Tiếp nhận ở giai đoạn “{stage}”, dùng được đến hết ngày {day}",
        "Taken over at the stage “{stage}”, in use through {day}",
    ),
    "stage": Reason("Từ “{old}” sang “{new}”", "From “{old}” to “{new}”"),
    "reminder": Reason("Nhắc gia hạn, còn {left} ngày", "Reminder to renew, {left} days left"),
    "warned_again": Reason("Nhắc lại thông báo cuối cùng", "The last warning is given once more"),
    "corrected": Reason(
        "Ngày sử dụng cuối cùng đổi từ {old} thành {new}", "Last day of use changed from {old} to {new}"
    ),
    "details": Reason("Sửa thông tin: {fields}", "Details changed: {fields}"),
    "table": Reason("Áp dụng bảng giai đoạn {table}", "Stage table {table} applies"),
    "renewed": Reason(
        "Gia hạn theo hợp đồng: từ {old} đến hết ngày {new}", "Renewed by contract: from {old} through {new}"
    ),
    "disputed": Reason(
        "Hợp đồng {number} tính từ ngày {day}, khác ngày hết hạn hiện tại; chờ nhà cung cấp quyết định",
        "Contract {number} was computed from {day}, which is not the expiry date now; the vendor decides",
    ),
    "set_aside": Reason("Không áp dụng hợp đồng {number}", "Contract {number} does not apply"),
    "held": Reason("Vẫn cho đăng nhập, chờ kiểm tra: {why}", "Access kept, under check: {why}"),
    "hold_released": Reason("Đã xác nhận ngày hết hạn {day}", "The expiry date {day} is confirmed"),
    "hold_ended": Reason("Hết thời gian giữ quyền truy cập", "Access is no longer kept"),
    "date_noticed": Reason(
        "Đơn vị đã được báo về ngày hết hạn {day}", "The office was told of the expiry date {day}"
    ),
    "noticed": Reason("Đã ghi nhận thông báo “{stage}”", "The notice “{stage}” is on record"),
    "registered": Reason("Đơn vị đăng ký gia hạn ({id})", "The office registered a renewal ({id})"),
    "registration_closed": Reason(
        "Đăng ký gia hạn không còn hiệu lực ({id})", "The registration was refused or cancelled ({id})"
    ),
    "extension": Reason("Cho dùng thêm đến hết ngày {day}", "Extension through {day}"),
    "extension_withdrawn": Reason("Rút lại thời gian dùng thêm", "The extension was taken back"),
    "exemption": Reason("Miễn khóa đến hết ngày {day}", "Exempt from the lock through {day}"),
    "exemption_withdrawn": Reason("Rút lại việc miễn khóa", "The exemption was taken back"),
    "temporary": Reason("Được dùng tạm đến hết ngày {day}", "Temporary access through {day}"),
    "end_released": Reason(
        "{first} và {second} duyệt chấm dứt từ ngày {day}, kế hoạch {plan}",
        "{first} and {second} released the end from {day}, plan {plan}",
    ),
    "release_lapsed": Reason(
        "Việc duyệt chấm dứt cho ngày {day} không còn hiệu lực", "The release of the end for {day} lapsed"
    ),
    "end": Reason("Có thể chấm dứt dịch vụ", "Service may end"),
    "deletion_proposed": Reason("Đề nghị xóa dữ liệu", "Deletion of the data was proposed"),
    "deletion_requested": Reason(
        "Người thứ hai duyệt; đã yêu cầu nền tảng xóa dữ liệu",
        "A second person approved; the platform was asked to delete the data",
    ),
    "deletion_cancelled": Reason("Hủy việc xóa dữ liệu", "Deletion of the data was cancelled"),
    "deletion_due": Reason(
        "Có thể xóa dữ liệu, nếu dịch vụ đã chấm dứt và hai người cùng duyệt",
        "Data may be deleted, if service has ended and two people decide it",
    ),
    "deleted": Reason("Nền tảng đã xóa dữ liệu, mã {proof}", "The platform deleted the data, proof {proof}"),
    "recovery_asked": Reason("Đề nghị khôi phục dữ liệu", "Recovery of the data was asked for"),
    "recovery_answered": Reason(
        "Trả lời đề nghị khôi phục: {answer}", "Answer to the recovery request: {answer}"
    ),
}


def said(kind: Kind, **figures: object) -> Reason:
    """The sentence of `kind`: dates dd/mm/yyyy in Vietnamese, ISO in English; stages and codes by name."""
    vietnamese, english = _TEXTS[kind]
    both = {name: _figure(value) for name, value in figures.items()}
    return Reason(
        vietnamese.format(**{name: figure.vi for name, figure in both.items()}),
        english.format(**{name: figure.en for name, figure in both.items()}),
    )


def only_if(text: Reason, needs: tuple[Need, ...]) -> Reason:
    """`text` with what it waits for."""
    if not needs:
        return text
    vietnamese = ", ".join(_NEEDS[need].vi for need in needs)
    english = ", ".join(_NEEDS[need].en for need in needs)
    return Reason(f"{text.vi}, chỉ khi: {vietnamese}", f"{text.en}, only if: {english}")


def _figure(value: object) -> Reason:
    if isinstance(value, date):
        return Reason(f"{value:%d/%m/%Y}", value.isoformat())
    if isinstance(value, Stage):
        return _STAGES[value]
    text = str(value)
    return _OTHERS.get(text, Reason(text, text))
