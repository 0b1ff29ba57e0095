"""What an office is told, Vietnamese first."""

from services.signing.domain.attempts import Caution
from services.signing.domain.refusal import RefusalReason
from services.signing.pades.rejection import InvalidityReason
from shared.web.problems import Text

REASONS: dict[InvalidityReason, Text] = {
    InvalidityReason.CERTIFICATE_UNREADABLE: ("Không đọc được chứng thư số", "The certificate can't be read"),
    InvalidityReason.CERTIFICATE_UNTRUSTED: (
        "Chứng thư số không do tổ chức chứng thực được công nhận cấp",
        "The certificate was not issued under an authority that is recognised",
    ),
    InvalidityReason.CERTIFICATE_EXPIRED: ("Chứng thư số đã hết hạn", "The certificate has expired"),
    InvalidityReason.CERTIFICATE_NOT_YET_VALID: (
        "Chứng thư số chưa đến ngày có hiệu lực",
        "The certificate is not valid yet",
    ),
    InvalidityReason.CERTIFICATE_REVOKED: ("Chứng thư số đã bị thu hồi", "The certificate was revoked"),
    InvalidityReason.CERTIFICATE_UNCHECKED: (
        "Chưa kiểm tra được chứng thư số có bị thu hồi hay không, vui lòng thử lại sau",
        "Whether the certificate was revoked can't be checked now; please try again later",
    ),
    InvalidityReason.CERTIFICATE_USAGE: (
        "Chứng thư số này không dùng để ký văn bản",
        "This certificate is not meant for signing documents",
    ),
    InvalidityReason.CERTIFICATE_WEAK: (
        "Thuật toán hoặc độ dài khóa của chứng thư số không được chấp nhận",
        "The certificate's algorithm or key length is not accepted",
    ),
    InvalidityReason.SIGNATURE_MISMATCH: (
        "Chữ ký số không khớp với văn bản và chứng thư số đã chọn",
        "The signature does not belong to this document and the chosen certificate",
    ),
    InvalidityReason.SIGNATURE_OLD_PADDING: (
        "Thiết bị ký theo chuẩn cũ (PKCS#1 v1.5) không còn được chấp nhận",
        "The token signed in an old way (PKCS#1 v1.5) that is no longer accepted",
    ),
    InvalidityReason.SIGNATURE_INVALID: ("Chữ ký số không hợp lệ", "The signature is not valid"),
    InvalidityReason.FILE_UNREADABLE: ("Không đọc được tệp PDF", "The PDF file can't be read"),
    InvalidityReason.FILE_ENCRYPTED: ("Tệp PDF bị đặt mật khẩu", "The PDF file is encrypted"),
    InvalidityReason.FILE_PREFIXED: (
        "Tệp PDF bị chương trình khác chèn thêm dữ liệu ở đầu; vui lòng tải lại tệp gốc và ký lại",
        "Another program put data before the PDF; please download the form again and sign that",
    ),
    InvalidityReason.FILE_TOO_LARGE: ("Tệp lớn hơn mức cho phép", "The file is larger than allowed"),
    InvalidityReason.FILE_TOO_COMPLEX: (
        "Tệp quá phức tạp, không xử lý được",
        "The file is too complex to process",
    ),
    InvalidityReason.FILE_NOT_ISSUED: (
        "Tệp này không phải phiếu do hệ thống phát hành",
        "This file is not the form that was issued",
    ),
    InvalidityReason.FILE_CHANGED: (
        "Nội dung phiếu đã bị thay đổi ngoài chữ ký số",
        "The form was changed beside being signed",
    ),
    InvalidityReason.FIELDS_CHANGED: (
        "Các ô chữ ký trên phiếu đã bị thêm, bớt, di chuyển hoặc điền",
        "Fields of the form were added, removed, moved or filled",
    ),
    InvalidityReason.SIGNATURE_COUNT: (
        "Phiếu chưa được ký đúng ô chữ ký của đơn vị",
        "The form is not signed in the field that is the office's",
    ),
    InvalidityReason.SIGNATURE_COVERAGE: (
        "Chữ ký số không bao trùm toàn bộ tệp",
        "The signature does not cover the whole file",
    ),
    InvalidityReason.SIGNATURE_PADDING: (
        "Vùng chữ ký số chứa dữ liệu lạ",
        "The place of the signature holds foreign data",
    ),
}

REFUSALS: dict[RefusalReason, Text] = {
    RefusalReason.NOT_AWAITING: (
        "Phiếu này đã ký xong, đang gửi bằng giấy hoặc không còn hiệu lực để ký",
        "This form is already signed, sent on paper, or no longer to be signed",
    ),
    RefusalReason.CONTRACT_NOT_AWAITING: (
        "Hợp đồng này đã ký xong, đã quá hạn ký hoặc không chờ đơn vị ký",
        "This contract is already signed, past its time, or not for the office to sign",
    ),
    RefusalReason.CERTIFICATE_OF_ANOTHER: (
        "Chứng thư số không mang mã của đơn vị; vui lòng ký bằng chứng thư số của đơn vị"
        " hoặc chứng thư số đã ký phiếu",
        "The certificate isn't the office's: use one with its number, or the one that signed the form",
    ),
    RefusalReason.FORM_CHANGED: (
        "Phiếu vừa được lập lại, vui lòng xem lại trước khi ký",
        "The form was just issued anew; please look at it again before signing",
    ),
    RefusalReason.NO_SUCH_ATTEMPT: ("Không có lần ký này", "There is no such signing attempt"),
    RefusalReason.ATTEMPT_CLOSED: (
        "Lần ký này đã được thay bằng lần ký mới hơn",
        "This signing attempt was replaced by a newer one",
    ),
    RefusalReason.ATTEMPT_EXPIRED: (
        "Lần ký này đã quá thời gian, vui lòng ký lại",
        "This signing attempt has run out of time; please sign again",
    ),
}

CAUTIONS: dict[Caution, Text] = {
    Caution.REVOCATION_UNKNOWN: (
        "Chưa kiểm tra được chứng thư số có bị thu hồi hay không",
        "Whether the certificate was revoked could not be checked",
    ),
    Caution.NEEDS_REVIEW: (
        "Mã số trên chứng thư số khác mã số của đơn vị trên phiếu, nhà cung cấp sẽ kiểm tra lại",
        "The certificate's number differs from the office's on the form, so the vendor will check it",
    ),
    Caution.OLD_PADDING: (
        "Thiết bị ký theo chuẩn cũ (PKCS#1 v1.5); đơn vị nên đổi thiết bị",
        "The token signed in an old way (PKCS#1 v1.5); it should be replaced",
    ),
}
