"""The signing tool of an office's computer, with a token in software, and the person who answers it."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.host.conditions import require
from deploy.local.host.problem import StackProblem
from deploy.local.host.terminal import Terminal, open_terminal
from deploy.local.people import soft_token
from deploy.local.people.pki import Credential
from deploy.local.stack.component import ROOT
from deploy.local.texts import both
from tools.sign.texts import words

_LABEL = "GIA HAN DEMO"


@dataclass(frozen=True, slots=True)
class ToolTerminal:
    """The terminal on which the running tool asks."""

    terminal: Terminal
    pin: str = field(repr=False)

    def allow_site(self, origin: str) -> None:
        """Answer that the site may use the token. Raises StackProblem if the tool asks about another one."""
        asked = self.terminal.wait_for(_prompt("allow"))
        require(f" {origin}\r\n" in asked, *both("token.asks_for", site=origin))
        self.terminal.type(words("console", "yes").vi)

    def enter_pin(self) -> str:
        """Have the tool sign what it asks about. Returns the algorithm of the signature."""
        self.terminal.wait_for(_prompt("pin"), echo=False)
        self.terminal.type(self.pin)
        shown = self.terminal.wait_for(r"signature\.made .*\n")
        return shown.rpartition("algorithm=")[2].split()[0]


@contextmanager
def open_tool(own: Credential) -> Iterator[ToolTerminal]:
    """Plug in a token with the credential and start the tool. Both end with the context.

    The tool takes the first free one of the ports at which the signing page looks for it. Raises StackProblem
    with the tool's own words if it doesn't start, such as while another tool runs on this machine.
    """
    with TemporaryDirectory(prefix="giahan-token-") as name:
        folder, pin = Path(name), f"{secrets.randbelow(10**8):08}"
        environment = {
            **os.environ,
            "XDG_CONFIG_HOME": name,  # not the settings and allowed sites of whoever runs this
            "SOFTHSM2_CONF": str(soft_token.make_store(folder)),
            "GIAHAN_SIGN_LIBRARIES": json.dumps([soft_token.library_path()]),
        }
        soft_token.give_token(own, _LABEL, pin, environment)
        with open_terminal(ROOT, environment, "-m", "tools.sign", "--console") as terminal:
            try:
                terminal.wait_for("tool.started")
            except StackProblem as problem:
                raise StackProblem(*both("token.tool_not_started"), problem.detail) from None
            yield ToolTerminal(terminal, pin)


def _prompt(name: str) -> str:
    return re.escape(words("console", name).line)
