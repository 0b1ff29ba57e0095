"""An earlier release with its own locked dependencies, to run together with this one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack.component import ROOT, Component

OLD = "e1a55bc17243645e157885764d37e8f18c00ee32"
"""The first release that keeps unknown fields (ADR 0012). Update it with each release."""


@dataclass(frozen=True, slots=True)
class Release:
    """The code of `commit` under .run/releases, with its own environment."""

    commit: str

    @property
    def folder(self) -> Path:
        return ROOT / ".run" / "releases" / self.commit[:12]

    def prepare(self) -> None:
        """Check the release out and install its locked dependencies; quick if that is done. The repository
        must have the commit. Raises CalledProcessError."""
        if not self.folder.exists():
            _run(["git", "worktree", "prune"], ROOT)
            _run(["git", "worktree", "add", "--force", "--detach", str(self.folder), self.commit], ROOT)
        _run(["deploy/local/bootstrap"], self.folder, {"GIAHAN_KAFKA": "theirs", "GIAHAN_MONGO": "theirs"})

    def start(self, component: Component) -> None:
        """Start this release's service in place of the running one, and wait until it is ready."""
        component.process.kill()
        name = component.module.removesuffix(".main")
        python = self.folder / ".venv" / "bin" / "python"
        command = ["env", "-C", str(self.folder), str(python), "-m", name]
        component.process.start(command, component.env, tied=component.tied)
        component.wait_ready()


def _run(command: list[str], folder: Path, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=folder, env={**os.environ, **(env or {})}, check=True, stdout=sys.stderr)
