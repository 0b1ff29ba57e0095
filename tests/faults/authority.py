"""An authority on this machine, the stack whose signing service asks it, and an office that it certifies."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from deploy.local.demo.renewer import Renewer
from deploy.local.host.background import BackgroundLoop
from deploy.local.host.ports import Ports
from deploy.local.people.office_signer import Token
from deploy.local.people.pki import VENDOR, Credential, ensure_pki
from deploy.local.people.signature import holder_of
from deploy.local.stack.component import Component
from deploy.local.stack.stack import Stack
from shared.time.clock import SystemClock
from tests.services.signing.evidence.responders import Responders, serve

T = TypeVar("T")

_WITHIN_S = 30.0
_NONE: Mapping[str, str] = MappingProxyType({})


@contextmanager
def serve_authority(stack_directory: Path) -> Iterator[Responders]:
    """The responders of the stack's own PKI. Only they know what is revoked: the stack's files don't say it.
    The vendor's certificate names them too."""
    pki = ensure_pki(stack_directory / "pki")
    (pki.crls / "issuing.crl").unlink()
    # It would print each answer that breaks off.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with serve_beside(serve(Responders(pki, SystemClock().now()))) as responders:
        responders.issue("vendor", holder=VENDOR)
        yield responders


@contextmanager
def serve_beside(serving: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold the context open in a thread of its own."""
    with BackgroundLoop() as loop:
        ending = AsyncExitStack()
        yield loop.run(ending.enter_async_context(serving), _WITHIN_S)
        loop.run(ending.aclose(), _WITHIN_S)


class AuthorityStack(Stack):
    """A stack on existing servers. `signing` is added to the signing service's environment."""

    def __init__(
        self,
        directory: Path,
        namespace: str,
        kafka: str,
        mongo: str,
        authority: Responders,
        signing: Mapping[str, str] = _NONE,
    ) -> None:
        super().__init__(directory, Ports.free(), namespace=namespace, kafka=kafka, mongo=mongo, tied=True)
        self.authority = authority
        self._signing = {
            "GIAHAN_TSA_URL": f"{authority.url}/tsa",
            "GIAHAN_REVOCATION_HOSTS": f'["{authority.host}"]',
            **signing,
        }

    def _component(self, name: str) -> Component:
        real = super()._component(name)
        return replace(real, env={**real.env, **self._signing}) if name == "signing" else real


@dataclass(frozen=True, slots=True)
class CertifiedRenewer(Renewer):
    """Its certificate names the responders of `authority`."""

    authority: Responders

    def sign(self, registration: str, holding: Callable[[], None]) -> str:
        form = self.form_to_sign(registration)
        own = self.certify()
        certificates = {"certificates": encoded(own)}
        opened = self.caller.post("signing", f"{form}/attempts", self.person, certificates)
        holding()
        token, algorithm = Token(own.p12.read_bytes(), own.password), str(opened["algorithm"])
        value = token.sign(b64decode(opened["digest"]), algorithm)
        attempt = f"{form}/attempts/{opened['attempt']}/signature"
        self.caller.put("signing", attempt, self.person, {"signature": b64encode(value).decode()})
        return algorithm

    def certify(self) -> Credential:
        """A new key and certificate."""
        return self.authority.issue(self.office.office_ref, holder=holder_of(self.office))


def encoded(own: Credential) -> list[str]:
    """DER in base64, the office's own certificate first."""
    return [b64encode(each).decode() for each in own.chain]
