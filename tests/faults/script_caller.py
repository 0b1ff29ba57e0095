"""Calls the services as the script and the links of a page do, with the visitor's session."""

from contextlib import suppress
from typing import Any

import httpx

from deploy.local.people.caller import Caller
from shared.web.pages.guard import CSRF_HEADER
from shared.web.pages.session import COOKIE, csrf_of


class ScriptCaller(Caller):
    def load(self, service: str, path: str, person: str) -> bytes:
        """What the browser gets from this address."""
        return self._send("GET", service, path, None, headers=self._cookie(person)).content

    def script(self, service: str, path: str, person: str) -> Any:
        """The answer to a script's POST."""
        csrf = {CSRF_HEADER: csrf_of(self._token(person))}
        return self._json(self._send("POST", service, path, None, headers=self._cookie(person) | csrf))

    def print(self, service: str, path: str, person: str) -> bytes:
        """The answer as a PDF."""
        return self._send("GET", service, path, person, headers={"accept": "application/pdf"}).content

    def try_once(self, service: str, path: str, person: str, body: Any) -> None:
        """Send a POST, whatever the answer is, and whether or not there is one."""
        with suppress(httpx.TransportError):
            self._http.post(self._url(service, path), json=body, headers=self._authorization(person))

    def _cookie(self, person: str) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self._token(person)}"}

    def _token(self, person: str) -> str:
        return self._authorization(person)["authorization"].removeprefix("Bearer ")
