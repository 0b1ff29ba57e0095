"""Each service imports with the packages of its own lock and no other."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Hides every installed package that the service's lock doesn't name, then imports the service.
_ALONE = """
import importlib.metadata, re, sys
service, lock = sys.argv[1:]
def plain(name): return re.sub(r"[-_.]+", "-", name).lower()
allowed = {plain(line.split("==")[0]) for line in open(lock) if re.match(r"[A-Za-z0-9]", line)}
class Hidden:
    owners = importlib.metadata.packages_distributions()
    def find_spec(self, name, path=None, target=None):
        owners = self.owners.get(name.partition(".")[0])
        if owners and not any(plain(owner) in allowed for owner in owners):
            raise ModuleNotFoundError(f"{name} is not in the lock", name=name)
sys.meta_path.insert(0, Hidden())
__import__(f"services.{service}.main")
"""


@pytest.mark.parametrize("service", ["subscription", "renewal", "signing", "notifier"])
def test_service_imports_with_its_own_group_alone(service: str) -> None:
    lock = ROOT / "locks" / f"{service}.txt"
    alone = subprocess.run(
        [sys.executable, "-c", _ALONE, service, str(lock)], cwd=ROOT, capture_output=True, text=True
    )
    assert alone.returncode == 0, alone.stderr


def test_the_check_sees_a_package_of_another_group() -> None:
    lock = ROOT / "locks" / "subscription.txt"
    alone = subprocess.run(
        [sys.executable, "-c", _ALONE, "renewal", str(lock)], cwd=ROOT, capture_output=True, text=True
    )
    assert "is not in the lock" in alone.stderr
