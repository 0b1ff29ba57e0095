"""Why a step is refused, by the rule's name: the HTTP status, and what people read of it."""

from shared.web.problems import Text

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
            "Đăng ký này không có hợp đồng nào đang chờ nhà cung cấp ký số",
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
