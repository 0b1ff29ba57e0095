"""Random names of institutions, streets and people. All people are invented."""

from functools import cache
from pathlib import Path
from random import Random

from pydantic import BaseModel


class _Gender(BaseModel):
    middles: list[str]
    givens: list[str]


class _Institution(BaseModel):
    weight: int
    name: str
    head: str


class _Names(BaseModel):
    families: list[str]
    genders: list[_Gender]
    streets: list[str]
    institutions: list[_Institution]


@cache
def _names() -> _Names:
    return _Names.model_validate_json(Path(__file__).with_suffix(".json").read_bytes())


def institution(draw: Random, kind: str, commune: str, province: str) -> tuple[str, str]:
    """An institution's name and the title of its head."""
    choices = _names().institutions
    drawn = draw.choices(choices, [choice.weight for choice in choices])[0]
    named = drawn.name.format(kind=kind.lower(), commune=commune, province=in_sentence(province))
    return named, drawn.head


def in_sentence(province: str) -> str:
    """`tỉnh Cao Bằng`: the kind of unit is written in lower case, except in Thành phố Hồ Chí Minh (NĐ
    30/2020)."""
    if province == "Thành phố Hồ Chí Minh":
        return province
    return province[0].lower() + province[1:]


def person(draw: Random) -> str:
    gender = draw.choice(_names().genders)
    return " ".join(draw.choice(part) for part in (_names().families, gender.middles, gender.givens))


def street(draw: Random) -> str:
    return f"Số {draw.randint(1, 300)}, đường {draw.choice(_names().streets)}"
