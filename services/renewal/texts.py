"""What people read, Vietnamese and English beside each other (rules of fields: `domain.rules`)."""

from services.renewal.domain.flow import OPEN, Status, Step
from services.renewal.domain.renewal import DeskReason, Renewal
from shared.events.base import SendBy
from shared.events.renewal import ReturnReason
from shared.problems import Text
from shared.situation import Turn

STATUSES: dict[Status, Text] = {
    Status.AWAITING_SIGNATURE: ("Chưa gửi, chờ ký số", "Not sent, awaiting signature"),
    Status.AWAITING_PAPER: ("Đã gửi, chờ phiếu đóng dấu", "Sent, awaiting stamped form"),
    Status.PAPER_RECEIVED: ("Đã nhận phiếu, đang kiểm tra", "Form received, being checked"),
    Status.PAPER_RETURNED: ("Phiếu bị trả lại, chờ phiếu khác", "Form sent back, awaiting another"),
    Status.AWAITING_CONFIRMATION: ("Đang chờ nhà cung cấp xác nhận", "Awaiting the vendor"),
    Status.ACCEPTED: ("Đã được chấp nhận", "Accepted"),
    Status.AWAITING_ASSENT: (
        "Đã chấp nhận, chờ đơn vị ký hợp đồng",
        "Accepted, the office signs the contract",
    ),
    Status.ASSENT_RECEIVED: (
        "Đã nhận hợp đồng giấy, đang kiểm tra",
        "Paper contract received, being checked",
    ),
    Status.CONTRACT_ISSUED: ("Đã phát hành hợp đồng", "Contract issued"),
    Status.REFUSED: ("Không được chấp nhận", "Refused"),
    Status.CANCELLED: ("Đã hủy", "Cancelled"),
}

SENDING: dict[str, Text] = {
    SendBy.ELECTRONIC: ("Ký số", "Digital signature"),
    SendBy.PAPER: ("Phiếu giấy đóng dấu", "Stamped paper form"),
}

STEPS: dict[Step, Text] = {
    Step.ACCEPT_PAPER: ("Chấp nhận phiếu giấy", "Accept the paper form"),
    Step.RETURN_PAPER: ("Gửi trả phiếu giấy", "Send the paper form back"),
    Step.REFUSE_COPY: ("Không chấp nhận ảnh phiếu", "Refuse the picture of the form"),
    Step.ACCEPT: ("Chấp nhận đăng ký", "Accept the registration"),
    Step.REFUSE: ("Không chấp nhận đăng ký", "Refuse the registration"),
    Step.VOID_CONTRACT: ("Hủy hợp đồng chưa đóng dấu", "Void the contract without a seal"),
}
CONTRACT_STEPS: dict[Step, Text] = {
    Step.ACCEPT_PAPER: ("Chấp nhận hợp đồng giấy", "Accept the paper contract"),
    Step.RETURN_PAPER: ("Gửi trả hợp đồng giấy", "Send the paper contract back"),
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

NEXT: dict[Status, Text] = {
    Status.AWAITING_SIGNATURE: ("Đơn vị ký số vào phiếu", "The office signs the form"),
    Status.AWAITING_PAPER: ("Đơn vị gửi phiếu đóng dấu", "The office posts the stamped form"),
    Status.PAPER_RECEIVED: ("Nhà cung cấp kiểm tra phiếu", "The vendor checks the form"),
    Status.PAPER_RETURNED: (
        "Đơn vị in lại, đóng dấu và gửi phiếu khác",
        "The office prints, stamps and posts another form",
    ),
    Status.AWAITING_CONFIRMATION: (
        "Nhà cung cấp xem xét và trả lời",
        "The vendor looks at it and answers",
    ),
    Status.ACCEPTED: ("Nhà cung cấp ký số hợp đồng", "The vendor signs the contract"),
    Status.AWAITING_ASSENT: (
        "Đơn vị ký hợp đồng trước, nhà cung cấp ký sau",
        "The office signs the contract, then the vendor does",
    ),
    Status.ASSENT_RECEIVED: (
        "Nhà cung cấp kiểm tra hợp đồng giấy",
        "The vendor checks the paper contract",
    ),
    Status.CONTRACT_ISSUED: ("Đơn vị thanh toán theo hợp đồng", "The office pays as the contract says"),
    Status.REFUSED: ("Đơn vị có thể đăng ký lại", "The office may register again"),
    Status.CANCELLED: ("Không còn bước nào", "Nothing more to do"),
}

_TO_CONFIRM: Text = ("Chờ đơn vị xác nhận thời hạn mới", "Awaiting the office's word on the new term")
_CONFIRMS: Text = (
    "Đơn vị xác nhận thời hạn mới, hoặc ký lại phiếu",
    "The office agrees to the new term, or signs anew",
)


def status_text(renewal: Renewal) -> Text:
    return _TO_CONFIRM if _is_to_confirm(renewal) else STATUSES[renewal.status]


def next_text(renewal: Renewal) -> Text:
    if renewal.status is Status.AWAITING_ASSENT and (day := renewal.sign_by):
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
        "Chưa đóng dấu được hợp đồng; chờ bộ phận vận hành, hoặc hủy để lập hợp đồng số khác",
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

REFUSALS: dict[str, tuple[int, Text]] = {
    "registration-invalid": (
        422,
        ("Thông tin đăng ký chưa đúng", "The registration is not right"),
    ),
    "conditions-changed": (
        409,
        (
            "Điều khoản chung vừa có bản mới, vui lòng đọc rồi xác nhận lại",
            "There is a new edition of the general conditions; please read it and confirm again",
        ),
    ),
    "registration-open": (
        409,
        (
            "Đơn vị đang có một đăng ký chưa hoàn tất cho sản phẩm này",
            "There is an open registration for this product",
        ),
    ),
    "term-renewed-already": (
        409,
        ("Thời hạn này đã có hợp đồng gia hạn", "This term has been renewed already"),
    ),
    "licence-unknown": (
        404,
        ("Không tìm thấy giấy phép của đơn vị cho sản phẩm này", "The office has no such licence"),
    ),
    "registration-unknown": (404, ("Không tìm thấy đăng ký này", "There is no such registration")),
    "not-awaiting": (
        409,
        (
            "Đăng ký này đã được chấp nhận hoặc đã hủy nên không thay đổi được nữa",
            "This registration is accepted or cancelled and can no longer be changed",
        ),
    ),
    "draft-moved": (
        409,
        (
            "Người khác của đơn vị vừa lưu bản khai này, vui lòng xem lại trước khi lưu đè",
            "Somebody of the office has saved this draft since; please look before saving over it",
        ),
    ),
    "not-ended": (
        409,
        ("Dịch vụ chưa chấm dứt nên chưa cần khôi phục dữ liệu", "The service has not ended"),
    ),
    "claimed-by-another": (
        409,
        ("Nhân viên khác đang xử lý đăng ký này", "Another clerk is at this registration"),
    ),
    "list-too-long": (
        422,
        (
            "Danh sách quá dài để tải về, vui lòng lọc bớt",
            "The list is too long for a file; please filter it",
        ),
    ),
    "registration-moved": (
        409,
        (
            "Đăng ký này vừa thay đổi, vui lòng xem lại trước khi quyết định",
            "This registration has just changed; please look again before deciding",
        ),
    ),
    "cancelled-meanwhile": (
        409,
        (
            "Đăng ký này đã bị hủy hoặc được thay trước khi quyết định được ghi nhận; quyết định không có "
            "hiệu lực",
            "This registration was cancelled or replaced before the decision was recorded; it has no effect",
        ),
    ),
    "paper-not-awaited": (
        409,
        ("Đăng ký này không chờ phiếu giấy", "No paper form is awaited for this registration"),
    ),
    "paper-of-earlier-revision": (
        409,
        (
            "Phiếu này là bản trước, đã được thay bằng bản mới",
            "This is an earlier revision of the form, which a newer one replaced",
        ),
    ),
    "contract-not-awaited": (
        409,
        (
            "Bản hợp đồng này không, hoặc không còn, chờ đơn vị ký",
            "This contract is not, or no longer, for the office to sign",
        ),
    ),
    "revision-unknown": (
        409,
        ("Đăng ký này chưa có bản phiếu như vậy", "The form was never issued in that revision"),
    ),
    "form-restated": (
        409,
        (
            "Ngày hết hạn đã thay đổi nên phiếu vừa được lập lại; vui lòng xem thời hạn mới rồi quyết định",
            "The expiry has changed and the form was just restated; please look at the new term and decide",
        ),
    ),
    "paper-of-another": (
        409,
        ("Đây là phiếu của đăng ký khác", "This is the form of another registration"),
    ),
    "paper-code-unread": (
        422,
        (
            "Không đọc được mã vuông trên phiếu, vui lòng chụp lại cho thấy rõ cả trang",
            "The square code on the form cannot be read; please show the whole page in the picture",
        ),
    ),
    "paper-as-printed": (
        422,
        (
            "Đây là phiếu như khi in ra, chưa phải bản đã đóng dấu",
            "This is the form as printed, not a stamped copy",
        ),
    ),
    "paper-signed-digitally": (
        422,
        (
            "Tệp này đã ký số, vui lòng gửi theo cách ký số",
            "This file is signed digitally; please send it the electronic way",
        ),
    ),
    "post-untrue": (422, ("Ngày nhận hoặc dấu bưu điện chưa đúng", "The dates of the post are not right")),
    "upload-bad": (422, ("Tệp này không dùng được", "This file is no good")),
    "no-copy-to-judge": (
        409,
        ("Đăng ký này không có ảnh phiếu để kiểm tra", "There is no picture of the form to check"),
    ),
    "no-paper-to-judge": (
        409,
        ("Đăng ký này chưa có phiếu giấy để kiểm tra", "There is no paper form to check"),
    ),
    "not-awaiting-confirmation": (
        409,
        ("Đăng ký này không chờ xác nhận", "This registration does not await confirmation"),
    ),
    "seal-not-ready": (
        409,
        (
            "Chứng thư số của nhà cung cấp chưa ký được hợp đồng nên chưa cấp số; báo bộ phận vận hành",
            "The vendor's certificate can't seal contracts, so no number is given; tell operations",
        ),
    ),
    "no-contract-to-void": (
        409,
        (
            "Đăng ký này không có hợp đồng nào đang chờ đóng dấu",
            "This registration has no contract that waits for its seal",
        ),
    ),
    "form-untrue": (
        409,
        (
            "Ngày hết hạn đã thay đổi, thời hạn trên phiếu không còn đúng nên không thể chấp nhận",
            "The expiry has changed: the form's term is untrue and cannot be accepted",
        ),
    ),
    "batch-unknown": (404, ("Không tìm thấy lô phiếu này", "There is no such batch")),
    "batch-closed": (
        409,
        ("Lô phiếu này đã đóng nên không thay đổi được nữa", "This batch is closed and can't be changed"),
    ),
    "batch-unfinished": (
        409,
        (
            "Lô phiếu chưa xong: còn phiếu chưa có bản quét, tệp đang đọc hoặc trang chưa xem",
            "The batch is unfinished: forms without a scan, files being read or pages nobody looked at",
        ),
    ),
    "entry-unknown": (404, ("Không tìm thấy phiếu này trong lô", "There is no such form in the batch")),
    "entry-scanned": (
        409,
        (
            "Phiếu này đã có bản quét, hãy để các trang đó sang một bên trước",
            "This form has its scan; set those pages aside first",
        ),
    ),
    "sheet-unknown": (404, ("Không tìm thấy trang này trong lô", "There is no such page in the batch")),
    "sheet-without-picture": (
        409,
        (
            "Trang này không vẽ lại được nên không thể thuộc phiếu nào",
            "This page could not be drawn, so it can't be of a form",
        ),
    ),
    "sheet-without-previous": (
        409,
        ("Trước trang này chưa có trang của phiếu nào", "No page of a form comes before this one"),
    ),
    "code-unknown": (
        422,
        (
            "Mã này chưa đúng: cần 16 chữ số hoặc số đăng ký GH-XXXX-XXXX",
            "This code is not right: 16 digits, or a number GH-XXXX-XXXX, are wanted",
        ),
    ),
    "scan-missing": (409, ("Phiếu không có bản quét", "The form has no scan")),
    "item-unknown": (404, ("Không tìm thấy việc này", "There is no such item")),
    "item-done": (409, ("Việc này đã xong", "This item is done already")),
    "item-not-held": (
        409,
        (
            "Việc này không có ngày hết hạn nào đang được giữ lại",
            "No expiry date is held in this item",
        ),
    ),
    "item-moved": (
        409,
        (
            "Việc này vừa thay đổi, vui lòng xem lại trước khi ghi là đã xong",
            "This item has just changed; please look again before saying that it is done",
        ),
    ),
    "office-unknown": (404, ("Không tìm thấy đơn vị này", "There is no such office")),
    "appointment-moved": (
        409,
        (
            "Người gia hạn được chỉ định vừa thay đổi, vui lòng xem lại",
            "The renewer named for this office has just changed; please look again",
        ),
    ),
    "nobody-named": (409, ("Chưa chỉ định ai cho đơn vị này", "Nobody is named for this office")),
}
