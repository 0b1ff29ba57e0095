"""A locked office renews with a key at a provider, which fails while the office signs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.walks.walk import Step, Walk
from deploy.local.host.conditions import until
from deploy.local.host.problem import StackProblem
from deploy.local.people.caller import CallRefused
from deploy.local.people.signature import holder_of
from tests.faults.authority import CertifiedRenewer
from tests.faults.authority_faults import ProviderFault, failing_provider
from tests.faults.proven_walk import SealedWalk
from tests.faults.script_caller import ScriptCaller
from tests.services.signing.signatures.remote.provider import PhoneProvider

NAME = "phone"
_UNFINISHED = ("asked", "confirmed")
_MOST_STARTS = 3


@dataclass(frozen=True, slots=True)
class RemoteRenewer(CertifiedRenewer):
    """Signs with a key that `provider` holds, and confirms at once."""

    caller: ScriptCaller
    provider: PhoneProvider

    def sign(self, registration: str, holding: Callable[[], None]) -> str:
        """Go on with what was begun. If it fails, begin again, as a person would."""
        remote = f"{self.form_to_sign(registration)}/remote"
        for _ in range(_MOST_STARTS):
            if self._end(remote) == "completed":
                return "PS256"
            self.start(registration)
            holding()
        raise StackProblem("không ký được qua điện thoại", "not signed on the phone")

    def start(self, registration: str) -> None:
        """Begin, as by one press of the button: it may be refused."""
        key = self.office.office_ref
        if key not in self.provider.keys:
            own = self.authority.issue(key, holder=holder_of(self.office), kind="rsa2048")
            self.provider.keys[key] = own
        remote = f"{self.form_to_sign(registration)}/remote"
        self.caller.try_once("signing", remote, self.person, {"provider": NAME, "user": key})

    def _end(self, remote: str) -> str:
        """How the newest remote signature ended; empty if there was none."""
        try:
            said: dict[str, Any] = until(
                lambda: self._ended(remote), "ký qua điện thoại xong", "the remote signature has ended"
            )
        except CallRefused as refused:
            if refused.status == 404:
                return ""
            raise
        return str(said["status"])

    def _ended(self, remote: str) -> dict[str, Any] | None:
        said: dict[str, Any] = self.caller.get("signing", remote, self.person)
        return None if said["status"] in _UNFINISHED else said


@dataclass(slots=True, kw_only=True)
class RemoteWalk(SealedWalk):
    """`renewer` is the scene's. `restart` kills the signing service and starts it again."""

    renewer: RemoteRenewer
    fault: ProviderFault
    restart: Callable[[], None]

    def _sequence(self) -> tuple[Step, ...]:
        return (self._register, self._sign_at_last, self._issue, self._restore)

    def _sign_at_last(self, step: int) -> EvidenceLine:
        with failing_provider(self.renewer.provider, self.fault, self.restart) as struck:
            self.renewer.start(self._registration)
            until(struck, f"sự cố {self.fault.name}", f"fault {self.fault.name}")
        return Walk._sign(self, step)
