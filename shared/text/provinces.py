"""The 34 provinces and cities since 1 July 2025, by official code, and the mergers of the former 63.

Codes: Quyết định 19/2025/QĐ-TTg. Each merged province keeps one of the old codes.
"""

NAMES = {
    "01": "Hà Nội", "04": "Cao Bằng", "08": "Tuyên Quang", "11": "Điện Biên", "12": "Lai Châu",
    "14": "Sơn La", "15": "Lào Cai", "19": "Thái Nguyên", "20": "Lạng Sơn", "22": "Quảng Ninh",
    "24": "Bắc Ninh", "25": "Phú Thọ", "31": "Hải Phòng", "33": "Hưng Yên", "37": "Ninh Bình",
    "38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh", "44": "Quảng Trị", "46": "Huế",
    "48": "Đà Nẵng", "51": "Quảng Ngãi", "52": "Gia Lai", "56": "Khánh Hòa", "66": "Đắk Lắk",
    "68": "Lâm Đồng", "75": "Đồng Nai", "79": "Thành phố Hồ Chí Minh", "80": "Tây Ninh",
    "82": "Đồng Tháp", "86": "Vĩnh Long", "91": "An Giang", "92": "Cần Thơ", "96": "Cà Mau",
}  # fmt: skip

_MERGED_INTO = {
    "02": "08", "06": "19", "10": "15", "17": "25", "26": "25", "27": "24", "30": "31", "34": "33",
    "35": "37", "36": "37", "45": "44", "49": "48", "54": "66", "58": "56", "60": "68", "62": "51",
    "64": "52", "67": "68", "70": "75", "72": "80", "74": "79", "77": "79", "83": "86", "84": "86",
    "87": "82", "89": "91", "93": "92", "94": "92", "95": "96",
}  # fmt: skip
"""From a code that a merger ended to the code of the province to which its area now belongs."""


def current(code: str) -> str | None:
    """The present code of the province that `code` is, or was merged into; None for an unknown code."""
    return code if code in NAMES else _MERGED_INTO.get(code)


def place(code: str) -> str | None:
    """The name to write before a date; None for an unknown code."""
    now = current(code)
    return NAMES[now] if now else None
