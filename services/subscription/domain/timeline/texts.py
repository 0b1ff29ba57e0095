"""The timeline's sentences in Vietnamese and English."""

from datetime import date
from typing import Literal

from services.subscription.domain.stages.wording import AccessReason
from services.subscription.domain.timeline.forecast import Need
from shared.events.base import Stage

ItemKind = Literal[
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
    Stage.ACTIVE: AccessReason("Đang sử dụng", "In use"),
    Stage.EXPIRING: AccessReason("Sắp hết hạn", "Expiring"),
    Stage.LOCKED: AccessReason("Đã hết hạn", "Expired"),
    Stage.FINAL_NOTICE: AccessReason("Sắp chấm dứt", "About to end"),
    Stage.TERMINATED: AccessReason("Đã chấm dứt", "Ended"),
}
_NEEDS: dict[Need, AccessReason] = {
    "release": AccessReason("hai người cùng duyệt trước", "two people release it beforehand"),
    "notices": AccessReason("mọi thông báo đã được ghi nhận", "every notice is on record"),
    "registration": AccessReason("đăng ký gia hạn đang mở đã xử lý xong", "the open registration is closed"),
    "contract": AccessReason(
        "hợp đồng đang kiểm tra đã có quyết định", "the contract under check is decided on"
    ),
    "date": AccessReason(
        "ngày hết hạn đang giữ lại đã được xác nhận", "the expiry date under check is confirmed"
    ),
}
_OTHERS: dict[str, AccessReason] = {
    "date_too_new": AccessReason(
        "ngày hết hạn mới nhận chưa đủ 7 ngày", "the expiry date is less than 7 days old"
    ),
    "notice_missing": AccessReason(
        "chưa ghi nhận thông báo cho đơn vị", "no notice to the office is on record"
    ),
    "many_at_once": AccessReason("quá nhiều thay đổi cùng một lúc", "too many changes came at once"),
    "restored": AccessReason("đã khôi phục", "restored"),
    "partly": AccessReason("khôi phục được một phần", "restored in part"),
    "impossible": AccessReason("không khôi phục được", "can't be restored"),
}
_TEXTS: dict[ItemKind, AccessReason] = {
    "adopted": AccessReason(
        "Tiếp nhận ở giai đoạn “{stage}”, dùng được đến hết ngày {day}",
        "Taken over at the stage “{stage}”, in use through {day}",
    ),
    "stage": AccessReason("Từ “{old}” sang “{new}”", "From “{old}” to “{new}”"),
    "reminder": AccessReason("Nhắc gia hạn, còn {left} ngày", "Reminder to renew, {left} days left"),
    "warned_again": AccessReason("Nhắc lại thông báo cuối cùng", "The last warning is given once more"),
    "corrected": AccessReason(
        "Ngày sử dụng cuối cùng đổi từ {old} thành {new}", "Last day of use changed from {old} to {new}"
    ),
    "details": AccessReason("Sửa thông tin: {fields}", "Details changed: {fields}"),
    "table": AccessReason("Áp dụng bảng giai đoạn {table}", "Stage table {table} applies"),
    "renewed": AccessReason(
        "Gia hạn theo hợp đồng: từ {old} đến hết ngày {new}", "Renewed by contract: from {old} through {new}"
    ),
    "disputed": AccessReason(
        "Hợp đồng {number} tính từ ngày {day}, khác ngày hết hạn hiện tại; chờ nhà cung cấp quyết định",
        "Contract {number} was computed from {day}, which is not the expiry date now; the vendor decides",
    ),
    "set_aside": AccessReason("Không áp dụng hợp đồng {number}", "Contract {number} does not apply"),
    "held": AccessReason("Vẫn cho đăng nhập, chờ kiểm tra: {why}", "Access kept, under check: {why}"),
    "hold_released": AccessReason("Đã xác nhận ngày hết hạn {day}", "The expiry date {day} is confirmed"),
    "hold_ended": AccessReason("Hết thời gian giữ quyền truy cập", "Access is no longer kept"),
    "date_noticed": AccessReason(
        "Đơn vị đã được báo về ngày hết hạn {day}", "The office was told of the expiry date {day}"
    ),
    "noticed": AccessReason("Đã ghi nhận thông báo “{stage}”", "The notice “{stage}” is on record"),
    "registered": AccessReason("Đơn vị đăng ký gia hạn ({id})", "The office registered a renewal ({id})"),
    "registration_closed": AccessReason(
        "Đăng ký gia hạn không còn hiệu lực ({id})", "The registration was refused or cancelled ({id})"
    ),
    "extension": AccessReason("Cho dùng thêm đến hết ngày {day}", "Extension through {day}"),
    "extension_withdrawn": AccessReason("Rút lại thời gian dùng thêm", "The extension was taken back"),
    "exemption": AccessReason("Miễn khóa đến hết ngày {day}", "Exempt from the lock through {day}"),
    "exemption_withdrawn": AccessReason("Rút lại việc miễn khóa", "The exemption was taken back"),
    "temporary": AccessReason("Được dùng tạm đến hết ngày {day}", "Temporary access through {day}"),
    "end_released": AccessReason(
        "{first} và {second} duyệt chấm dứt từ ngày {day}, kế hoạch {plan}",
        "{first} and {second} released the end from {day}, plan {plan}",
    ),
    "release_lapsed": AccessReason(
        "Việc duyệt chấm dứt cho ngày {day} không còn hiệu lực", "The release of the end for {day} lapsed"
    ),
    "end": AccessReason("Có thể chấm dứt dịch vụ", "Service may end"),
    "deletion_proposed": AccessReason("Đề nghị xóa dữ liệu", "Deletion of the data was proposed"),
    "deletion_requested": AccessReason(
        "Người thứ hai duyệt; đã yêu cầu nền tảng xóa dữ liệu",
        "A second person approved; the platform was asked to delete the data",
    ),
    "deletion_cancelled": AccessReason("Hủy việc xóa dữ liệu", "Deletion of the data was cancelled"),
    "deletion_due": AccessReason(
        "Có thể xóa dữ liệu, nếu dịch vụ đã chấm dứt và hai người cùng duyệt",
        "Data may be deleted, if service has ended and two people decide it",
    ),
    "deleted": AccessReason(
        "Nền tảng đã xóa dữ liệu, mã {proof}", "The platform deleted the data, proof {proof}"
    ),
    "recovery_asked": AccessReason("Đề nghị khôi phục dữ liệu", "Recovery of the data was asked for"),
    "recovery_answered": AccessReason(
        "Trả lời đề nghị khôi phục: {answer}", "Answer to the recovery request: {answer}"
    ),
}


def sentence(kind: ItemKind, **figures: object) -> AccessReason:
    """The sentence of `kind`. Dates are dd/mm/yyyy in Vietnamese, ISO in English; stages have their names."""
    vietnamese, english = _TEXTS[kind]
    both = {name: _figure(value) for name, value in figures.items()}
    return AccessReason(
        vietnamese.format(**{name: figure.vi for name, figure in both.items()}),
        english.format(**{name: figure.en for name, figure in both.items()}),
    )


def with_needs(text: AccessReason, needs: tuple[Need, ...]) -> AccessReason:
    """`text` followed by what it waits for."""
    if not needs:
        return text
    vietnamese = ", ".join(_NEEDS[need].vi for need in needs)
    english = ", ".join(_NEEDS[need].en for need in needs)
    return AccessReason(f"{text.vi}, chỉ khi: {vietnamese}", f"{text.en}, only if: {english}")


def _figure(value: object) -> AccessReason:
    if isinstance(value, date):
        return AccessReason(f"{value:%d/%m/%Y}", value.isoformat())
    if isinstance(value, Stage):
        return _STAGES[value]
    text = str(value)
    return _OTHERS.get(text, AccessReason(text, text))
