"""A full example of a JSON schema, every field filled, the same each time."""

from typing import Any

from tests.contracts.golden import Json

_BY_NAME: dict[str, Any] = {
    "office_ref": "DV-01-000123",
    "product_code": "qlts",
    "name": "Trường Tiểu học Nguyễn Trãi",
    "tax_code": "0101243150",
    "budget_code": "1047665",
    "address": "Số 5, phố Đội Cấn, phường Ngọc Hà, thành phố Hà Nội",
    "province_code": "01",
    "zone": "Asia/Ho_Chi_Minh",
    "representative": "Đỗ Thị Ánh Nguyệt",
    "title": "Hiệu trưởng",
    "contact_name": "Lê Quang Hưởng",
    "contact_position": "Kế toán trưởng",
    "contact_phone": "0912345678",
    "contact_email": "ketoan@truong.example",
    "package": "standard",
    "policy": "r117",
    "users": 10,
    "years": 1,
    "days_left": 30,
    "days_overdue": 1,
    "total_vnd": 3_500_000,
    "registration_no": "GH-2026-000045",
    "contract_number": "0045/2026/HĐ-GH",
    "form_revision": 1,
    "media_type": "application/pdf",
    "size": 48_213,
    "edition": "general/2025-07-01",
    "superior": "Ủy ban nhân dân phường Ngọc Hà",
    "authority": "KT. Hiệu trưởng",
    "smtp_code": 550,
    "symbol": "1C26TAA",
    "number": "45",
    "lookup_url": "https://tracuu.example",
}
_BY_FORMAT = {
    "uuid": "6b0f9a52-94b5-5d6f-8a5e-0f6f4b7f0c11",
    "date": "2026-11-25",
    "date-time": "2026-11-25T03:00:00.123000Z",
}
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def specimen(schema: Json) -> dict[str, Any]:
    """An example body; values that mean something come from the field's name."""
    return dict(_value("", schema, schema.get("$defs", {})))


def _value(name: str, schema: Json, shapes: Json, within: tuple[str, ...] = ()) -> Any:
    """`within` are the shapes around the value. A list of one of them has an item once, not for ever; an
    optional one is there once."""
    if "$ref" in schema:
        shape = schema["$ref"].removeprefix("#/$defs/")
        return _value(name, shapes[shape], shapes, (*within, shape))
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        again = choices[0].get("$ref", "").removeprefix("#/$defs/")
        if within.count(again) > 1 and {"type": "null"} in choices:
            return None
        return _value(name, choices[0], shapes, within)
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema["type"] == "object" and "properties" not in schema:
        key = _plain(name, {"type": "string", **schema.get("propertyNames", {})})
        return {key: _value(name, schema["additionalProperties"], shapes, within)}
    if schema["type"] == "object":
        return {field: _value(field, shape, shapes, within) for field, shape in schema["properties"].items()}
    if schema["type"] == "array":
        items = schema.get("prefixItems") or [schema["items"]]
        again = [item.get("$ref", "").removeprefix("#/$defs/") for item in items]
        if any(within.count(shape) > 1 for shape in again):
            return []
        return [_value(name, item, shapes, within) for item in items]
    return _BY_NAME.get(name, _plain(name, schema))


def _plain(name: str, schema: Json) -> Any:
    if schema["type"] == "string":
        return _HASH if "pattern" in schema else _BY_FORMAT.get(schema.get("format", ""), name)
    return {"integer": 1, "number": 1.5, "boolean": True}[schema["type"]]
