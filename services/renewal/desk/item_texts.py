"""Texts of the desk's items, in Vietnamese and English."""

from services.renewal.domain.desk.desk_item import FailedNotice, HeldAccess, ItemKind, WithheldContractItem
from shared.events.base import Stage
from shared.web.problems import Text

KINDS: dict[ItemKind, Text] = {
    ItemKind.NOTICE_FAILED: ("Thư không đến được đơn vị", "A notice that did not arrive"),
    ItemKind.ACCESS_HELD: ("Thay đổi quyền truy cập đang được giữ lại", "A change of access that is held"),
    ItemKind.CONTRACT_WITHHELD: (
        "Hợp đồng không khớp đăng ký",
        "A contract without a registration that fits",
    ),
    ItemKind.REGISTRATION: ("Đăng ký cần người xem", "A registration that a person must look at"),
}

_NOTICES: dict[str, Text] = {
    "expiring": ("Sắp hết hạn sử dụng, cần đăng ký gia hạn", "The term runs out; register the renewal"),
    "locked": ("Đã hết hạn, tạm ngừng đăng nhập", "Expired; sign-in is suspended"),
    "final_notice": ("Sắp chấm dứt dịch vụ", "The service is about to end"),
    "terminated": ("Dịch vụ đã chấm dứt", "The service has ended"),
    "registered": ("Đã nhận đăng ký gia hạn", "The registration was received"),
    "signature_awaited": ("Phiếu đăng ký còn chờ ký số", "The form awaits its signature"),
    "paper_awaited": ("Còn chờ phiếu đóng dấu gửi bưu điện", "The stamped form is awaited by post"),
    "paper_received": ("Đã nhận phiếu giấy", "The paper form was received"),
    "paper_returned": ("Phiếu giấy bị gửi trả", "The paper form was sent back"),
    "copy_refused": ("Ảnh phiếu không được chấp nhận", "The picture of the form was not accepted"),
    "form_restated": ("Thời hạn trên phiếu được điều chỉnh", "The form's term was corrected"),
    "refused": ("Đăng ký không được chấp nhận", "The registration was refused"),
    "cancelled": ("Đăng ký đã bị hủy", "The registration was cancelled"),
    "contract_to_sign": ("Hợp đồng chờ đơn vị ký", "The contract is for the office to sign"),
    "contract_received": ("Đã nhận hợp đồng giấy", "The paper contract was received"),
    "contract_returned": ("Hợp đồng giấy bị gửi trả", "The paper contract was sent back"),
    "contract_lapsed": (
        "Hợp đồng hủy vì đơn vị chưa ký",
        "The contract is void without the office's signature",
    ),
    "contract": ("Hợp đồng đã phát hành", "The contract was issued"),
}

_HELD: dict[str, Text] = {
    "date_too_new": ("Ngày hết hạn mới được thay đổi", "The expiry date was changed only lately"),
    "notice_missing": (
        "Chưa ghi nhận đơn vị đã được báo ngày hết hạn",
        "It is not on record that the office was told the date",
    ),
    "many_at_once": (
        "Ngày hết hạn thay đổi cùng lúc với nhiều đơn vị khác",
        "The date came together with many others",
    ),
}

_WITHHELD: dict[str, Text] = {
    "registration_unknown": ("Không có đăng ký này", "There is no such registration"),
    "registration_closed": ("Đăng ký đã đóng", "The registration is closed"),
    "another_subscription": ("Là đăng ký của đơn vị khác", "It is another office's registration"),
    "form_not_signed": (
        "Phiếu chưa được ký, hoặc hợp đồng dẫn phiếu khác",
        "The form is not signed, or the contract names another",
    ),
    "term_differs": ("Thời hạn khác với đăng ký", "Its term is not the registration's"),
    "order_differs": ("Đơn hàng khác với đăng ký", "Its order is not the registration's"),
    "another_document": ("Là văn bản của đăng ký khác", "It is another registration's document"),
    "not_assented": (
        "Đơn vị chưa ký hợp đồng này",
        "The office has not signed this contract",
    ),
    "sealed_already": ("Đăng ký đã có hợp đồng khác", "The registration has another contract"),
}

STAGES: dict[Stage, Text] = {
    Stage.ACTIVE: ("Đang sử dụng", "In use"),
    Stage.EXPIRING: ("Sắp hết hạn", "Running out"),
    Stage.LOCKED: ("Tạm ngừng đăng nhập", "Sign-in suspended"),
    Stage.FINAL_NOTICE: ("Tạm ngừng, sắp chấm dứt", "Suspended, about to end"),
    Stage.TERMINATED: ("Đã chấm dứt", "Service ended"),
}


def notice(about: FailedNotice) -> Text:
    """What the office should have been told."""
    return _NOTICES.get(about.reason, (about.reason, about.reason))


def why_held(about: HeldAccess) -> Text:
    return _HELD[about.reason]


def why_withheld(about: WithheldContractItem) -> Text:
    return _WITHHELD.get(about.reason, (about.reason, about.reason))
