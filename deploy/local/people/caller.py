"""Calls the services over HTTP as one of the seeded people, as a platform or an office would."""

import time
from typing import Any

import httpx

from deploy.local.host.problem import StackProblem
from deploy.local.host.stall_timer import STALLED_S, StallTimer
from deploy.local.stack.stack import Stack
from deploy.local.texts import both

_PAUSE_S = 0.1
_UNREACHABLE = (502, 503, 504)


class CallRefused(Exception):
    """A service answered with a problem document (RFC 9457)."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('type')} {body.get('title')} {body.get('errors', '')}")
        self.status = status
        self.body = body


class Caller:
    """Retries while a service restarts; raises every other error at once."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._http = httpx.Client(timeout=STALLED_S)
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        self._http.close()

    def get(self, service: str, path: str, person: str | None = None, **query: str) -> Any:
        return self._json(self._send("GET", service, path, person, params=query))

    def file(self, service: str, path: str, person: str) -> bytes:
        return self._send("GET", service, path, person).content

    def post(self, service: str, path: str, person: str | None, body: Any, *, key: str = "") -> Any:
        """Send a POST. With a `key` a repeated request takes effect only once, if the
        first answer was lost."""
        return self._json(self._send("POST", service, path, person, json=body, headers=_keyed(key)))

    def put(self, service: str, path: str, person: str, body: Any, *, key: str = "") -> Any:
        return self._json(self._send("PUT", service, path, person, json=body, headers=_keyed(key)))

    def delete(self, service: str, path: str, person: str) -> None:
        answer = self._send("DELETE", service, path, person)
        if answer.is_error:
            raise CallRefused(answer.status_code, answer.json())

    def sign_out(self, service: str, person: str) -> None:
        """End the person's session. The next request signs in again."""
        self.delete(service, "/v1/session", person)
        del self._tokens[person]

    def upload(
        self, service: str, path: str, person: str, data: bytes, media_type: str, *, key: str = ""
    ) -> Any:
        headers = {"content-type": media_type} | _keyed(key)
        return self._json(self._send("POST", service, path, person, content=data, headers=headers))

    def _send(
        self, method: str, service: str, path: str, person: str | None, **content: Any
    ) -> httpx.Response:
        """Send a request, and repeat it while the service is unreachable. Raises
        StackProblem if it stays so."""
        headers = content.pop("headers", {}) | self._authorization(person)
        timer = StallTimer()
        while True:
            try:
                answer = self._http.request(method, self._url(service, path), headers=headers, **content)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in _UNREACHABLE:
                return answer
            if timer.is_over():
                raise StackProblem(*both("process.no_answer", service=service))
            time.sleep(_PAUSE_S)

    def _url(self, service: str, path: str) -> str:
        component = self._stack.pages if service == "pages" else self._stack.services[service]
        return component.url + path

    def _authorization(self, person: str | None) -> dict[str, str]:
        if person is None:
            return {}
        if person not in self._tokens:
            self._tokens[person] = self.post("pages", f"/people/{person}/token", None, {})["token"]
        return {"authorization": f"Bearer {self._tokens[person]}"}

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        if answer.is_error:
            raise CallRefused(answer.status_code, answer.json())
        return answer.json()


def _keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key} if key else {}
