"""Java programs that Maven fetches, as a pom pins them. What arrives must have the SHA-256 on record."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

_HOME = Path(__file__).parents[2] / ".run"


class WrongJars(Exception):
    """Maven could not fetch the jars, or others arrived than those on record."""


def jars(name: str, pom: Path) -> Path:
    """The folder `.run/NAME` with the jars of `pom`, fetched at first use. `NAME-jars.sha256` beside the pom
    lists them as `sha256sum` does. Raises WrongJars."""
    home, listed = _HOME / name, _listed(pom.with_name(f"{name}-jars.sha256"))
    _HOME.mkdir(exist_ok=True)
    with (_HOME / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _present(home) != listed:
            _fetch(pom, home)
            if _present(home) != listed:
                raise WrongJars(f"{home} has other files than {name}-jars.sha256 lists")
    return home


def version(home: Path, artifact: str) -> str:
    [jar] = home.glob(f"{artifact}-[0-9]*.jar")
    return jar.stem.removeprefix(f"{artifact}-")


def _listed(file: Path) -> dict[str, str]:
    return {name: digest for digest, name in map(str.split, file.read_text().splitlines())}


def _present(home: Path) -> dict[str, str]:
    """SHA-256 of each jar, by file name."""
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in home.glob("*.jar")}


def _fetch(pom: Path, home: Path) -> None:
    new = home.with_suffix(".new")
    for old in (home, new):
        shutil.rmtree(old, ignore_errors=True)
    command = ["mvn", "-B", "-ntp", "-q", "-f", str(pom), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={new}"]
    fetched = subprocess.run(command, capture_output=True, text=True, timeout=200)
    if fetched.returncode:
        raise WrongJars(fetched.stdout[-800:])
    new.rename(home)
