"""The rules that one reading holds every text to: their stable names, and what people are told.

Vietnamese, then English; `{most}` and the like are filled with the rule's figures.
"""

from collections.abc import Mapping

from pydantic_core import PydanticCustomError

TEXTS: dict[str, tuple[str, str]] = {
    "unprintable": (
        "Ký tự {code} không in được trên phiếu, vui lòng bỏ hoặc thay bằng chữ thường dùng",
        "Character {code} cannot be printed on the form; please remove or replace it",
    ),
    "empty": ("Chưa khai báo", "Not filled in"),
    "too_long": ("Dài quá {most} ký tự", "Longer than {most} characters"),
    "tax_code_format": (
        "Mã số thuế gồm 10 chữ số, 10 chữ số và mã chi nhánh (0123456789-001), hoặc 12 chữ số",
        "A tax code has 10 digits, 10 digits and a branch (0123456789-001), or 12 digits",
    ),
    "budget_code_format": (
        "Mã đơn vị có quan hệ với ngân sách gồm 7 chữ số",
        "A budget-relation code has 7 digits",
    ),
    "phone_format": (
        "Số điện thoại chưa đúng; ghi một số, ví dụ 0912 345 678, 024 3825 1234, 1900 6134, "
        "số nước ngoài bắt đầu bằng +",
        "Not a valid phone number; give one, such as 0912 345 678, 024 3825 1234, 1900 6134, "
        "a foreign one beginning with +",
    ),
    "email_format": (
        "Địa chỉ thư điện tử chưa đúng; ghi một địa chỉ, chữ không dấu, ví dụ ketoan@donvi.edu.vn",
        "Not a valid e-mail address; give one, in unaccented letters, such as ketoan@donvi.edu.vn",
    ),
}


def broken_rule(texts: Mapping[str, tuple[str, str]], rule: str, **figures: str) -> PydanticCustomError:
    """The error for a validator to raise; `vi` in its context is the Vietnamese text."""
    vietnamese, english = (text.format(**figures) for text in texts[rule])
    return PydanticCustomError(rule, "{en}", {"en": english, "vi": vietnamese, **figures})
