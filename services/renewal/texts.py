"""Texts for people, in Vietnamese and English (those of field rules are in `registration.rules`)."""

from services.renewal.domain.flow import OPEN, FlowStep, RegistrationStatus
from services.renewal.domain.renewal import DeskReason, Renewal
from shared.events.base import SendBy
from shared.events.paper_form import ReturnReason
from shared.situation import Turn
from shared.web.problems import Text

STATUSES: dict[RegistrationStatus, Text] = {
    RegistrationStatus.AWAITING_SIGNATURE: ("Chưa gửi, chờ ký số", "Not sent, awaiting signature"),
    RegistrationStatus.AWAITING_PAPER: (
        "Đã đăng ký, chờ phiếu đóng dấu",
        "Registered, awaiting stamped form",
    ),
    RegistrationStatus.PAPER_RECEIVED: ("Đã nhận phiếu, đang kiểm tra", "Form received, being checked"),
    RegistrationStatus.PAPER_RETURNED: (
        "Phiếu bị trả lại, chờ phiếu khác",
        "Form sent back, awaiting another",
    ),
    RegistrationStatus.AWAITING_CONFIRMATION: ("Đang chờ nhà cung cấp xác nhận", "Awaiting the vendor"),
    RegistrationStatus.ACCEPTED: ("Đã được chấp nhận", "Accepted"),
    RegistrationStatus.AWAITING_ASSENT: (
        "Đã chấp nhận, chờ đơn vị ký hợp đồng",
        "Accepted, the office signs the contract",
    ),
    RegistrationStatus.ASSENT_RECEIVED: (
        "Đã nhận hợp đồng giấy, đang kiểm tra",
        "Paper contract received, being checked",
    ),
    RegistrationStatus.CONTRACT_ISSUED: ("Đã phát hành hợp đồng", "Contract issued"),
    RegistrationStatus.REFUSED: ("Không được chấp nhận", "Refused"),
    RegistrationStatus.CANCELLED: ("Đã hủy", "Cancelled"),
}

SENDING: dict[str, Text] = {
    SendBy.ELECTRONIC: ("Ký số", "Digital signature"),
    SendBy.PAPER: ("Phiếu giấy đóng dấu", "Stamped paper form"),
}

STEPS: dict[FlowStep, Text] = {
    FlowStep.ACCEPT_PAPER: ("Chấp nhận phiếu giấy", "Accept the paper form"),
    FlowStep.RETURN_PAPER: ("Gửi trả phiếu giấy", "Send the paper form back"),
    FlowStep.REFUSE_COPY: ("Không chấp nhận ảnh phiếu", "Refuse the picture of the form"),
    FlowStep.ACCEPT: ("Chấp nhận đăng ký", "Accept the registration"),
    FlowStep.REFUSE: ("Không chấp nhận đăng ký", "Refuse the registration"),
    FlowStep.VOID_CONTRACT: ("Hủy hợp đồng chưa ký số", "Void the contract without a seal"),
}
CONTRACT_STEPS: dict[FlowStep, Text] = {
    FlowStep.ACCEPT_PAPER: ("Chấp nhận hợp đồng giấy", "Accept the paper contract"),
    FlowStep.RETURN_PAPER: ("Gửi trả hợp đồng giấy", "Send the paper contract back"),
}
"""The same steps where the paper that is here is the contract."""

ACTIONS: dict[str, Text] = {
    "register": ("Đăng ký", "Registered"),
    "sending": ("Đổi cách gửi", "Changed the way of sending"),
    "cancel": ("Hủy", "Cancelled"),
    "replace": ("Thay bằng đăng ký khác", "Replaced"),
    "show paper": ("Gửi ảnh phiếu", "Showed the form"),
    "refuse copy": ("Không chấp nhận ảnh phiếu", "Refused the picture of the form"),
    "receive paper": ("Nhận phiếu giấy", "Received the paper form"),
    "accept paper": ("Chấp nhận phiếu giấy", "Accepted the paper form"),
    "return paper": ("Gửi trả phiếu giấy", "Sent the paper form back"),
    "accept": ("Chấp nhận", "Accepted"),
    "refuse": ("Không chấp nhận", "Refused"),
    "confirm term": ("Xác nhận thời hạn mới", "Agreed to the new term"),
    "restate": ("Lập lại phiếu", "Restated the form"),
    "chase": ("Nhắc đơn vị", "Reminded the office"),
    "handle": ("Ghi nhận tin từ dịch vụ khác", "Took in what another service told"),
}
"""What the audit of a renewal names, without the id behind it."""

NEXT: dict[RegistrationStatus, Text] = {
    RegistrationStatus.AWAITING_SIGNATURE: ("Đơn vị ký số vào phiếu", "The office signs the form"),
    RegistrationStatus.AWAITING_PAPER: ("Đơn vị gửi phiếu đóng dấu", "The office posts the stamped form"),
    RegistrationStatus.PAPER_RECEIVED: ("Nhà cung cấp kiểm tra phiếu", "The vendor checks the form"),
    RegistrationStatus.PAPER_RETURNED: (
        "Đơn vị in lại, đóng dấu và gửi phiếu khác",
        "The office prints, stamps and posts another form",
    ),
    RegistrationStatus.AWAITING_CONFIRMATION: (
        "Nhà cung cấp xem xét và trả lời",
        "The vendor looks at it and answers",
    ),
    RegistrationStatus.ACCEPTED: ("Nhà cung cấp ký số hợp đồng", "The vendor signs the contract"),
    RegistrationStatus.AWAITING_ASSENT: (
        "Đơn vị ký hợp đồng trước, nhà cung cấp ký sau",
        "The office signs the contract, then the vendor does",
    ),
    RegistrationStatus.ASSENT_RECEIVED: (
        "Nhà cung cấp kiểm tra hợp đồng giấy",
        "The vendor checks the paper contract",
    ),
    RegistrationStatus.CONTRACT_ISSUED: (
        "Đơn vị thanh toán theo hợp đồng",
        "The office pays as the contract says",
    ),
    RegistrationStatus.REFUSED: ("Đơn vị có thể đăng ký lại", "The office may register again"),
    RegistrationStatus.CANCELLED: ("Không còn bước nào", "Nothing more to do"),
}

_TO_CONFIRM: Text = ("Chờ đơn vị xác nhận thời hạn mới", "Awaiting the office's word on the new term")
_CONFIRMS: Text = (
    "Đơn vị xác nhận thời hạn mới, hoặc ký lại phiếu",
    "The office agrees to the new term, or signs anew",
)


def status_text(renewal: Renewal) -> Text:
    return _TO_CONFIRM if _is_to_confirm(renewal) else STATUSES[renewal.status]


def next_text(renewal: Renewal) -> Text:
    if renewal.status is RegistrationStatus.AWAITING_ASSENT and (day := renewal.sign_by):
        vi, en = NEXT[renewal.status]
        return f"{vi}, chậm nhất ngày {day:%d/%m/%Y}", f"{en}, by {day} at the latest"
    return _CONFIRMS if _is_to_confirm(renewal) else NEXT[renewal.status]


def _is_to_confirm(renewal: Renewal) -> bool:
    return renewal.status in OPEN and renewal.turn is Turn.CONFIRM


DESK_REASONS: dict[DeskReason, Text] = {
    DeskReason.PRODUCT_SETTING: (
        "Sản phẩm này cần nhân viên xác nhận",
        "This product is confirmed by a person",
    ),
    DeskReason.CERTIFICATE_REVIEW: (
        "Chứng thư số chưa khớp với mã của đơn vị",
        "The certificate does not match the office's codes",
    ),
    DeskReason.EXPIRY_MOVED: (
        "Ngày hết hạn đã thay đổi sau khi đăng ký, thời hạn trên phiếu không còn đúng",
        "The expiry has changed since registration; the form's term is no longer true",
    ),
    DeskReason.OTHER_REVISION_SIGNED: (
        "Đơn vị đã ký bản phiếu không còn hiệu lực",
        "A void revision of the form was signed",
    ),
    DeskReason.NOT_IN_GOOD_STANDING: (
        "Chưa đủ điều kiện để chấp nhận tự động",
        "The conditions for accepting by rule do not hold",
    ),
    DeskReason.SEAL_NOT_READY: (
        "Chứng thư số của nhà cung cấp chưa ký được hợp đồng; bộ phận vận hành thay rồi chấp nhận",
        "The vendor's certificate can't seal contracts; have operations replace it, then accept",
    ),
    DeskReason.SEAL_FAILED: (
        "Nhà cung cấp chưa ký số được hợp đồng; chờ bộ phận vận hành, hoặc hủy để lập hợp đồng số khác",
        "The contract could not be sealed; wait for operations, or void it to make another",
    ),
    DeskReason.CONTRACT_VOIDED: (
        "Hợp đồng đã hủy, số giữ nguyên; chấp nhận lại để lập hợp đồng số mới",
        "The contract is void, its number too; accept again for a contract with a new number",
    ),
}

RETURN_REASONS: dict[ReturnReason, Text] = {
    ReturnReason.ILLEGIBLE: ("Phiếu không đọc được", "The form cannot be read"),
    ReturnReason.UNSTAMPED: ("Phiếu thiếu chữ ký hoặc con dấu", "The signature or stamp is missing"),
    ReturnReason.WRONG_FORM: ("Không phải phiếu của đăng ký này", "Not the form of this registration"),
    ReturnReason.ALTERED: ("Nội dung phiếu đã bị sửa", "The form's content was altered"),
}
