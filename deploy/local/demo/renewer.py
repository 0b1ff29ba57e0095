"""The office's renewer: registers, signs with the office's own key, and follows the renewal, all by REST."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from deploy.local.demo.texts import both
from deploy.local.host.conditions import until
from deploy.local.people.caller import Caller, CallRefused
from deploy.local.people.signature import signer_of
from services.renewal.domain.registration.declaration import Office
from services.subscription.spreadsheet.row import Row

PAY_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Renewer:
    """`pki` is the folder of the local CA that issues the office's certificate."""

    office: Row
    caller: Caller
    pki: Path

    @property
    def person(self) -> str:
        return f"renewer-{self.office.office_ref}"

    def register(self, today: date, send_by: str) -> dict[str, Any]:
        """Register for one more year, with the form sent by `send_by`.

        If an earlier answer was lost, returns the registration that already exists.
        """
        try:
            declared = self._declaration(today) | {"send_by": send_by}
            found = self.caller.post("renewal", "/v1/registrations", self.person, declared)
        except CallRefused as refused:
            if "registration" not in refused.body:
                raise
            found = self.registration(refused.body["registration"])
        return dict(found)

    def register_jointly(self, today: date, send_by: str, others: Sequence[Row]) -> dict[str, Any]:
        """Register the office's product and the `others` of the office on one form. Returns the joint
        registration, of which the office's product leads."""
        declared = self._declaration(today) | {"send_by": send_by}
        products = [self._product(row) for row in (self.office, *others)]
        shared = {name: declared[name] for name in ("office_ref", "office", "payment", "send_by")}
        key = f"register {self.office.office_ref}"
        path, body = "/v1/joint-registrations", shared | {"products": products}
        return dict(self.caller.post("renewal", path, self.person, body, key=key))

    def registration(self, id: str) -> dict[str, Any]:
        return dict(self.caller.get("renewal", f"/v1/registrations/{id}", self.person))

    def sign(self, registration: str, holding: Callable[[], None]) -> str:
        """Sign the form. `holding` is called after the service has handed out the digest. Returns the
        algorithm."""
        form = self.form_to_sign(registration)
        with signer_of(self.office, self.pki) as signer:
            certificates = {"certificates": signer.certificates()}
            opened = self.caller.post("signing", f"{form}/attempts", self.person, certificates)
            holding()
            signature = signer.sign(opened["digest"], opened["algorithm"])
        attempt = f"{form}/attempts/{opened['attempt']}/signature"
        self.caller.put("signing", attempt, self.person, {"signature": signature})
        return str(opened["algorithm"])

    def form_to_sign(self, registration: str) -> str:
        """The path of the form in the signing service, once it waits there for its signature."""
        form = f"/v1/forms/{registration}"
        until(lambda: self._is_there(form), *both("check.form_waits_for"))
        return form

    def document(self, registration: str, kind: str) -> bytes:
        """The newest document of that kind, once the dossier has it."""
        paper = until(
            lambda: next((p for p in self._documents(registration) if p["kind"] == kind), None),
            *both("check.dossier", kind=kind),
        )
        return self.caller.file("renewal", paper["href"], self.person)

    def _documents(self, registration: str) -> list[dict[str, Any]]:
        newest_first: list[dict[str, Any]] = self.registration(registration)["documents"][::-1]
        return newest_first

    def _is_there(self, form: str) -> bool:
        try:
            return bool(self.caller.get("signing", form, self.person))
        except CallRefused as refused:
            if refused.status == 404:
                return False
            raise

    def _declaration(self, today: date) -> dict[str, Any]:
        office = self.office
        return {
            "office_ref": office.office_ref,
            **self._product(office),
            "office": office.model_dump(mode="json", include=set(Office.model_fields)),
            "payment": {"kind": "promised", "on": (today + PAY_WITHIN).isoformat(), "committed": True},
        }

    @staticmethod
    def _product(row: Row) -> dict[str, Any]:
        order = {"package": row.package, "years": 1, "users": row.users}
        return {"product_code": row.product_code, "order": order}
