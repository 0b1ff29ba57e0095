"""Each service, and the signing tool, imports with the packages of its own lock and no other."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Hides every installed package that the lock doesn't name, then imports the module.
_ALONE = """
import importlib.metadata, re, sys
module, lock = sys.argv[1:]
def plain(name): return re.sub(r"[-_.]+", "-", name).lower()
allowed = {plain(line.split("==")[0]) for line in open(lock) if re.match(r"[A-Za-z0-9]", line)}
class Hidden:
    owners = importlib.metadata.packages_distributions()
    def find_spec(self, name, path=None, target=None):
        owners = self.owners.get(name.partition(".")[0])
        if owners and not any(plain(owner) in allowed for owner in owners):
            raise ModuleNotFoundError(f"{name} is not in the lock", name=name)
sys.meta_path.insert(0, Hidden())
__import__(module)
"""


def _import_alone(module: str, group: str) -> subprocess.CompletedProcess[str]:
    """Import the module as if only the packages of the group's lock were installed."""
    lock = ROOT / "locks" / f"{group}.txt"
    command = [sys.executable, "-c", _ALONE, module, str(lock)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("service", ["subscription", "renewal", "signing", "notifier"])
def test_service_imports_with_its_own_group_alone(service: str) -> None:
    alone = _import_alone(f"services.{service}.main", service)
    assert alone.returncode == 0, alone.stderr


def test_the_signing_tool_imports_with_its_own_group_alone() -> None:
    alone = _import_alone("tools.sign.main", "sign-tool")
    assert alone.returncode == 0, alone.stderr


def test_the_check_sees_a_package_of_another_group() -> None:
    alone = _import_alone("services.renewal.main", "subscription")
    assert "is not in the lock" in alone.stderr
