"""The shipped stage tables and an operator's own: read, or rejected with the file and the error."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.subscription.policies import load_policies, load_products
from shared.events.base import Capability, Stage
from shared.runtime.settings import BadSettings

STAGES_PAGE = Path(__file__).parents[3] / "docs" / "reference" / "stages.md"
OURS = Path(load_policies.__code__.co_filename).parent


def own_table(id: str, **changes: Any) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((OURS / "pre-r117.json").read_bytes())
    return {**table, "id": id, **changes}


def _without(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}


def _with_row(place: int, **changes: Any) -> dict[str, Any]:
    table = own_table("own")
    table["stages"][place] |= changes
    return table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "house.json", own_table("house"))
    return tmp_path


def put(folder: Path, name: str, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_bytes(text.encode(errors="surrogateescape"))


def test_an_operators_tables_stand_beside_ours(folder: Path) -> None:
    policies = load_policies(folder)
    assert set(policies) == {*load_policies(), "house"}
    assert load_products(policies, folder).policy_for("qlts", date(2026, 1, 1)) == "r117"


def test_an_operators_products_take_the_place_of_ours(folder: Path) -> None:
    put(folder, "products.json", [{"product": "*", "policy": "house", "from": None}])
    assert load_products(load_policies(folder), folder).policy_for("qlts", date(2026, 1, 1)) == "house"


def test_the_examples_of_the_manual_are_sound(tmp_path: Path) -> None:
    table, products = re.findall(r"```json\n(.*?)```", STAGES_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    put(tmp_path, "pre-r117-90-print.json", table)
    put(tmp_path, "products.json", products)
    policies = load_policies(tmp_path)
    own = policies["pre-r117-90-print"]
    assert own.first_days[0] == -90
    assert own.access(Stage.LOCKED) == (Capability.READ, Capability.PRINT)
    chosen = load_products(policies, tmp_path)
    assert chosen.policy_for("qlts", date(2027, 1, 1)) == own.id


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("own.json", "{", ["không đọc được JSON", "Invalid JSON"]),
        ("own.json", "\udcff", ["không đọc được JSON"]),
        ("own.json", own_table("r117"), ["id: khác tên tệp own", "differs from the file's name own"]),
        ("r117.json", own_table("r117"), ["id: bảng này đã có", "there is such a table already"]),
        ("own.json", _without(own_table("own"), "reminder_days"), ["reminder_days: thiếu trường này"]),
        ("own.json", own_table("own", color="red"), ["color: không có trường này"]),
        ("own.json", _with_row(2, access=["fly"]), ["stages.2.access.0: không nằm trong", "'read', 'write'"]),
        ("own.json", _with_row(2, stage="frozen"), ["stages.2.stage: không nằm trong"]),
        ("own.json", _with_row(2, first_day="1"), ["stages.2.first_day: phải là số nguyên"]),
        ("own.json", _with_row(2, first_day=True), ["stages.2.first_day: phải là số nguyên"]),
        ("own.json", _with_row(2, first_day=61), ["first_day tăng dần", "first days rise from row to row"]),
        ("products.json", [], ["sản phẩm * phải có", "the product * is needed"]),
        (
            "products.json",
            [{"product": "*", "policy": "r117", "from": None, "temporary_days": -1}],
            ["0.temporary_days: nhỏ hơn mức cho phép"],
        ),
        (
            "products.json",
            [{"product": "*", "policy": "r118", "from": None}],
            ["0.policy: không có chính sách này", "there is no such policy"],
        ),
    ],
)
def test_a_faulty_file_is_reported_in_both_languages(
    folder: Path, name: str, content: object, said: list[str]
) -> None:
    put(folder, name, content)
    with pytest.raises(BadSettings) as ended:
        load_products(load_policies(folder), folder)
    assert f"{folder / name}: " in str(ended.value)
    for words in said:
        assert words in str(ended.value)


def test_every_error_of_a_file_is_reported_at_once(folder: Path) -> None:
    put(folder, "own.json", own_table("own", reminder_days=["x"], deletion_hold_days=-1))
    with pytest.raises(BadSettings) as ended:
        load_policies(folder)
    assert str(ended.value).count("own.json") == 2


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"nowhere: không có thư mục này / there is no such folder"):
        load_policies(tmp_path / "nowhere")


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "own.json").mkdir()
    with pytest.raises(BadSettings, match=r"own\.json: không đọc được tệp"):
        load_policies(tmp_path)
