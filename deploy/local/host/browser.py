"""Debian's Chromium, which playwright drives."""

import shutil

from deploy.local.host.problem import StackProblem
from deploy.local.texts import both

CHROMIUM_ARGUMENTS = ("--no-sandbox",)  # root, as in most containers, cannot start it with a sandbox


def chromium_path() -> str:
    """Raises StackProblem without Chromium."""
    if not (path := shutil.which("chromium")):
        raise StackProblem(*both("browser.missing"))
    return path
