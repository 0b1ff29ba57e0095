"""Makes the tool's package for the system that it runs on: a folder with the program `giahan-sign`.

`python -m tools.sign.package [--settings FILE] [--windowed] [--to FOLDER]`, with the packages of
locks/sign-package.txt. PyInstaller cannot make a package for another system than its own.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tools.sign.settings import PRESET, SignToolSettings

ROOT = Path(__file__).parents[2]
NAME = "giahan-sign"


def main() -> int:
    """The exit code of PyInstaller."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--settings", type=Path, help="TOML file that the package has as its preset")
    parser.add_argument("--windowed", action="store_true", help="without a console window (Windows, macOS)")
    parser.add_argument("--to", type=Path, default=ROOT / "out", help="folder for the package (default: out)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        preset = _prepare_preset(options.settings, Path(folder)) if options.settings else None
        command = _command(Path(folder), options.to, preset, windowed=options.windowed)
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def _prepare_preset(settings: Path, folder: Path) -> Path:
    """A copy under the name that the tool looks for. Raises ValueError if the tool could not use it."""
    SignToolSettings(**tomllib.loads(settings.read_text(encoding="utf-8")))
    return Path(shutil.copy(settings, folder / PRESET.name))


def _command(folder: Path, to: Path, preset: Path | None, *, windowed: bool) -> list[str]:
    """One folder, not one file: a file unpacks itself anew for each window and each look at a token."""
    return [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--onedir", "--name", NAME,
        "--distpath", str(to.resolve()), "--workpath", str(folder / "work"), "--specpath", str(folder),
        "--paths", str(ROOT), "--collect-all", "pkcs11", "--collect-data", "tools.sign",
        *(["--add-data", f"{preset}:tools/sign"] if preset else []),
        "--windowed" if windowed else "--console",
        str(ROOT / "tools" / "sign" / "__main__.py"),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
