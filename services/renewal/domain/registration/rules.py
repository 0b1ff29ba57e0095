"""The rules that a declaration or an upload can break: their stable names and their texts for people.

Each text is in Vietnamese, then in English. `{most}` and the like are filled with the rule's figures.
"""

from pydantic_core import PydanticCustomError

from shared.text import rules

TEXTS: dict[str, tuple[str, str]] = {
    **rules.TEXTS,
    "not_a_number": ("Phải là số nguyên", "Must be a whole number"),
    "not_a_day": ("Ngày viết dạng 31/12/2026", "Write a day as 31/12/2026"),
    "not_a_choice": ("Không nằm trong các lựa chọn", "Not one of the choices"),
    "not_right": ("Thông tin chưa đúng", "Not right"),
    "field_unknown": ("Không có trường này", "There is no such field"),
    "term_over": (
        "Thời hạn mới kết thúc trước hôm nay, vui lòng chọn nhiều năm hơn",
        "The new term would end before today; please choose more years",
    ),
    "too_few": ("Ít nhất là {least}", "At least {least}"),
    "tax_code_check_digit": (
        "Mã số thuế có chữ số kiểm tra khác thường, vui lòng xem lại",
        "The tax code's check digit is unusual; please look again",
    ),
    "buyer_code_missing": (
        "Cần mã số thuế hoặc mã đơn vị có quan hệ với ngân sách",
        "A tax code or a budget-relation code is needed",
    ),
    "name_differs": (
        "Tên đơn vị khác với tên trên giấy phép đang dùng",
        "The name differs from the one on the licence",
    ),
    "product_unknown": ("Sản phẩm này hiện không bán", "This product is not sold"),
    "package_unknown": ("Sản phẩm không có gói này", "The product has no such package"),
    "too_many": ("Nhiều nhất là {most}", "At most {most}"),
    "in_the_past": ("Ngày này đã qua", "This day has passed"),
    "long_ago": (
        "Đã hơn hai năm trước, vui lòng xem lại năm",
        "More than two years ago; please check the year",
    ),
    "after_received": (
        "Dấu bưu điện không thể sau ngày nhận",
        "The postmark can't be later than the day of receipt",
    ),
    "in_the_future": ("Ngày này chưa đến", "This day has not come"),
    "after_latest": ("Chậm nhất là ngày {latest}", "{latest} at the latest"),
    "upload_kind": (
        "Tệp phải là PDF, JPEG hoặc PNG (ảnh HEIC của điện thoại cần lưu lại thành JPEG)",
        "The file must be PDF, JPEG or PNG (save a phone's HEIC picture as JPEG)",
    ),
    "upload_too_large": ("Tệp lớn hơn {most} MB", "The file is larger than {most} MB"),
    "upload_too_many_pages": ("Tệp có nhiều hơn {most} trang", "The file has more than {most} pages"),
    "upload_too_many_pixels": (
        "Ảnh lớn hơn {most} triệu điểm ảnh, vui lòng quét hoặc chụp ở độ phân giải thấp hơn",
        "The picture has more than {most} megapixels; please scan or photograph at a lower resolution",
    ),
    "upload_too_long": (
        "Ảnh có cạnh dài hơn {most} điểm ảnh, vui lòng quét hoặc chụp ở độ phân giải thấp hơn",
        "A side of the picture has more than {most} pixels; please scan or photograph at a lower resolution",
    ),
    "upload_too_narrow": (
        "Ảnh có cạnh dài gấp hơn {most} lần cạnh ngắn, không phải ảnh của một trang giấy",
        "One side of the picture is more than {most} times the other: it is no picture of a page",
    ),
    "upload_encrypted": (
        "Tệp PDF đặt mật khẩu, vui lòng bỏ mật khẩu rồi gửi lại",
        "The PDF is locked by a password; please remove it and send the file again",
    ),
    "upload_damaged": (
        "Tệp hỏng hoặc tải lên chưa đủ, vui lòng quét hoặc tải lên lại",
        "The file is damaged or incomplete; please scan or upload it again",
    ),
    "upload_too_slow": (
        "Tệp quá phức tạp nên không đọc được, vui lòng quét lại",
        "The file is too complex to be read; please scan it again",
    ),
    "upload_as_printed": (
        "Đây là phiếu như khi in ra, chưa phải bản đã đóng dấu. Vui lòng in phiếu, ký và đóng dấu,"
        " rồi chụp ảnh hoặc quét phiếu đó",
        "This is the form as printed, not a stamped copy. Please print it, sign and stamp it,"
        " then photograph or scan that",
    ),
    "upload_signed": (
        "Tệp PDF này đã ký số, không phải ảnh chụp hoặc bản quét phiếu giấy. Phiếu ký số gửi theo cách"
        " “Ký số”: ở trang đăng ký, chọn “Chuyển sang ký số” rồi ký",
        "This PDF is signed digitally; it is no photo or scan of a paper form. A form is signed the"
        " electronic way: on the registration's page choose “Switch to digital signature”, then sign",
    ),
    "commitment_missing": (
        "Vui lòng đánh dấu cam kết thanh toán",
        "Please tick the commitment to pay",
    ),
}


def broken(rule: str, **figures: str) -> PydanticCustomError:
    """The error that a validator raises. Its context holds the Vietnamese text as `vi`."""
    return rules.broken_rule(TEXTS, rule, **figures)
