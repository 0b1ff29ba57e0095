"""The rules for a list of subscriptions. Each has a stable name and a text that says what is wrong."""

from collections.abc import Mapping

from pydantic_core import PydanticCustomError

from shared.text import rules

TEXTS: dict[str, tuple[str, str]] = {
    "file_too_large": ("Tệp quá lớn", "The file is too large"),
    "not_utf8": (
        "Tệp không phải mã UTF-8 (có thể là Windows-1258 hoặc TCVN3); hãy gửi tệp .xlsx, hoặc trong Excel "
        "lưu dạng “CSV UTF-8”",
        "The file is not UTF-8 (perhaps Windows-1258 or TCVN3); send the .xlsx, or in Excel save it as "
        "“CSV UTF-8”",
    ),
    "not_csv": (
        "Không đọc được tệp dưới dạng CSV; hãy xem dấu ngoặc kép ở dòng này, hoặc gửi tệp .xlsx",
        "The file can't be read as CSV; look at the quotes of this row, or send the .xlsx",
    ),
    "not_a_table": (
        "Tệp không phải bảng tính, hoặc đã hỏng; hãy gửi tệp .xlsx hoặc “CSV UTF-8” của Excel",
        "The file is no spreadsheet, or damaged; send Excel's .xlsx or “CSV UTF-8”",
    ),
    "several_sheets": (
        "Nhiều trang tính có các cột này; hãy để danh sách trên một trang, xóa hoặc ẩn các trang khác",
        "Several sheets have these columns; keep the list on one, and delete or hide the others",
    ),
    "workbook_locked": (
        "Bảng tính đặt mật khẩu; hãy bỏ mật khẩu rồi gửi lại",
        "The workbook is locked by a password; remove it and send the file again",
    ),
    "workbook_too_complex": (
        "Bảng tính quá lớn hoặc quá phức tạp; hãy chép các dòng sang một tệp mới rồi gửi lại",
        "The workbook is too large or too complex; copy the rows into a new file and send that",
    ),
    "empty_file": ("Tệp không có nội dung", "The file is empty"),
    "too_many_rows": ("Tệp có quá nhiều dòng", "The file has too many rows"),
    "column_missing": (
        "Thiếu cột này; dòng tiêu đề phải có tên cột như trong hướng dẫn (office_ref, name, tax_code, …)",
        "This column is missing; the header has the names of the guide (office_ref, name, tax_code, …)",
    ),
    "column_repeated": (
        "Cột này xuất hiện nhiều lần; hãy để lại một cột",
        "This column comes more than once; keep one",
    ),
    "wrong_number_of_cells": (
        "Số ô khác số cột; ô có dấu phân cách phải đặt trong dấu ngoặc kép",
        "More or fewer cells than columns; a cell with a separator in it must be quoted",
    ),
    "repeated_in_file": (
        "Đơn vị và sản phẩm này có nhiều dòng trong tệp",
        "This office and product have more than one row in the file",
    ),
    "required": ("Chưa có thông tin", "Nothing is given"),
    "too_long": ("Dài quá {most} ký tự", "Longer than {most} characters"),
    "characters": (
        "Ký tự {code} không in được trên phiếu; hãy bỏ hoặc thay bằng chữ thường dùng",
        "Character {code} cannot be printed on the form; remove or replace it",
    ),
    "format": ("Chưa đúng dạng", "Not in the expected form"),
    "leading_zero": (
        "Thiếu số 0 ở đầu; hãy định dạng cột là văn bản trước khi lưu",
        "The leading zero is lost; format the column as text before saving",
    ),
    "scientific": (
        "Excel đã làm hỏng mã này (dạng 1.01E+09); hãy định dạng cột là văn bản rồi nhập lại mã",
        "Excel has spoiled this code (as 1.01E+09); format the column as text and enter the code again",
    ),
    "fraction": (
        "Bảng tính đã coi mã này là số (dạng 123.0); hãy định dạng cột là văn bản rồi nhập lại mã",
        "A spreadsheet took this code for a number (as 123.0); format the column as text, enter it again",
    ),
    "text_wanted": (
        "Ô này phải là chữ, không phải số hay kết quả của công thức",
        "This cell must hold text, not a number or a formula's result",
    ),
    "letters_lost": (
        "Chữ tiếng Việt đã hỏng (dạng Tru?ng, TrÆ°á»ng, hoặc phông TCVN3, VNI); hãy chuyển sang Unicode "
        "rồi gửi tệp .xlsx hoặc “CSV UTF-8”",
        "The Vietnamese letters are spoiled (as Tru?ng, TrÆ°á»ng, or TCVN3 or VNI fonts); convert them to "
        "Unicode and send the .xlsx or “CSV UTF-8”",
    ),
    "day_of_1904": (
        "Bảng tính đếm ngày từ năm 1904 nên số này không rõ là ngày nào; viết ngày/tháng/năm: 31/12/2026",
        "The workbook counts days from 1904, so the number is unclear; write day/month/year: 31/12/2026",
    ),
    "time_of_day": (
        "Ô này có cả giờ trong ngày (có thể bị ẩn); chỉ ghi ngày/tháng/năm: 31/12/2026",
        "The cell holds a time of day too (perhaps hidden); write only day/month/year: 31/12/2026",
    ),
    "made_a_day": (
        "Excel đã đổi mã này thành ngày; hãy định dạng cột là văn bản rồi nhập lại mã",
        "Excel has made this code a date; format the column as text and enter the code again",
    ),
    "spreadsheet_error": (
        "Ô báo lỗi của bảng tính (#N/A, ####); hãy sửa ô rồi lưu lại",
        "The cell holds a spreadsheet's error (#N/A, ####); mend it and save again",
    ),
    "number_cell": (
        "Mã đơn vị là ô kiểu số; nếu mã có số 0 ở đầu thì đã mất, hãy kiểm tra lại",
        "The office's code is a number cell; a leading zero would be lost, please check",
    ),
    "unknown_province": (
        "Không có tỉnh, thành phố mang mã này",
        "No province or city has this code",
    ),
    "province_merged": (
        "Mã tỉnh trước 01/7/2025; đã đọc thành {code} ({name})",
        "A province code of before 1 July 2025; read as {code} ({name})",
    ),
    "beyond_longest_term": (
        "Ngày này xa hơn thời hạn dài nhất đang bán ({most} năm); vẫn nhận, hãy kiểm tra lại năm",
        "Beyond the longest term on sale ({most} years); taken all the same, please check the year",
    ),
    "long_overdue": (
        "Đã hết hạn hơn một năm; vẫn nhận, hãy kiểm tra lại năm",
        "Expired more than a year ago; taken all the same, please check the year",
    ),
    "check_digit": (
        "Số kiểm tra của mã số thuế không khớp; vẫn nhận, hãy kiểm tra lại",
        "The tax code's check digit doesn't fit; taken all the same, please check",
    ),
    "one_code_needed": (
        "Cần mã số thuế hoặc mã đơn vị có quan hệ với ngân sách",
        "A tax code or a budget-relation code is needed",
    ),
    "unknown_zone": ("Không có múi giờ này", "There is no such time zone"),
    "unknown_policy": ("Không có chính sách này", "There is no such policy"),
    "not_a_number": (
        "Phải là số nguyên, không có dấu phân cách",
        "Must be a whole number without separators",
    ),
    "out_of_range": ("Ngoài khoảng cho phép", "Outside the allowed range"),
    "not_a_date": (
        "Không phải ngày; viết ngày/tháng/năm: 31/12/2026",
        "Not a date; write day/month/year: 31/12/2026",
    ),
    "damaged": (
        "Thông tin đang lưu của đơn vị này không đọc được; hãy báo bộ phận vận hành",
        "What is kept of this office can't be read; operations must look at it",
    ),
    "not_decided": (
        "Chưa xử lý được dòng này; hãy báo bộ phận vận hành",
        "This row could not be decided; operations must look at it",
    ),
}


_FORMS: dict[str, tuple[str, str]] = {
    "office_ref": (
        "Mã đơn vị gồm chữ không dấu, chữ số và . _ -, nhiều nhất 64 ký tự",
        "An office's code has unaccented letters, digits and . _ -, at most 64",
    ),
    "tax_code": rules.TEXTS["tax_code_format"],
    "budget_code": rules.TEXTS["budget_code_format"],
    "province_code": (
        "Mã tỉnh, thành phố gồm 2 chữ số (An Giang: 91)",
        "A province's code has 2 digits (An Giang: 91)",
    ),
    "contact_phone": rules.TEXTS["phone_format"],
    "contact_email": rules.TEXTS["email_format"],
    "product_code": (
        "Mã sản phẩm gồm chữ thường không dấu, chữ số và dấu - (qlts)",
        "A product's code has small unaccented letters, digits and - (qlts)",
    ),
}
"""The texts of the rule `format` by field."""


def rule_error(rule: str, **figures: str) -> PydanticCustomError:
    """The error that a validator raises. Its type is the rule's name, its context has the rule's figures."""
    return PydanticCustomError(rule, "{rule}", {"rule": rule, **figures})


def rule_text(rule: str, figures: Mapping[str, str], field: str = "") -> tuple[str, str]:
    """The rule's text for people: Vietnamese, English."""
    vietnamese, english = _FORMS.get(field, TEXTS[rule]) if rule == "format" else TEXTS[rule]
    return vietnamese.format(**figures), english.format(**figures)
