"""The lock files contain what pyproject.toml requires, pinned by hash, and name no registry."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SHIPPED = ("subscription", "renewal", "signing", "notifier", "sign-tool")
GROUPS = (*SHIPPED, "sign-package", "judges", "dev")
_DIRECT = re.compile(r"# +(?:via )?giahan \(pyproject\.toml:")


def wanted(group: str) -> dict[str, Requirement]:
    """The group's requirements by name, with those of the groups it includes."""
    groups: dict[str, list[Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    found: dict[str, Requirement] = {}
    for entry in groups[group]:
        if isinstance(entry, dict):
            found |= wanted(entry["include-group"])
        else:
            requirement = Requirement(entry)
            found[canonicalize_name(requirement.name)] = requirement
    return found


def entries(group: str) -> dict[str, tuple[str, str]]:
    """Locked version and the entry's text, by name."""
    text = (ROOT / "locks" / f"{group}.txt").read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    matches = [
        (re.match(r"([\w.-]+)(?:\[[^]]*])?==([^ ;\\\n]+)", block), block) for block in blocks if block.strip()
    ]
    assert all(match for match, _ in matches), "every line starts an exact pin"
    return {canonicalize_name(m[1]): (m[2], block) for m, block in matches if m}


@pytest.mark.parametrize("group", GROUPS)
def test_every_requirement_is_pinned_to_a_version_it_allows(group: str) -> None:
    locked = entries(group)
    for name, requirement in wanted(group).items():
        assert name in locked, f"{name} is not in locks/{group}.txt: run `make lock`"
        assert requirement.specifier.contains(locked[name][0]), f"{name} {locked[name][0]}: run `make lock`"


@pytest.mark.parametrize("group", GROUPS)
def test_what_the_lock_says_is_asked_for_is_still_asked_for(group: str) -> None:
    direct = {name for name, (_, block) in entries(group).items() if _DIRECT.search(block)}
    assert direct == set(wanted(group)), "run `make lock`"


@pytest.mark.parametrize("group", GROUPS)
def test_every_pin_has_hashes_and_none_names_a_place(group: str) -> None:
    for name, (_, block) in entries(group).items():
        assert "--hash=sha256:" in block, name
        assert "://" not in block, name
        assert not re.search(r"@ |--(extra-)?index|--find-links", block), name


@pytest.mark.parametrize("group", SHIPPED)
def test_a_lock_ships_the_versions_that_are_tested(group: str) -> None:
    tested = {name: version for name, (version, _) in entries("dev").items()}
    shipped = {name: version for name, (version, _) in entries(group).items()}
    assert shipped.items() <= tested.items()
