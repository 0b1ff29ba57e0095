"""Tokens of the platform for people in tests."""

import json
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from shared.ids import fresh
from shared.runtime.settings import LOCAL_AUDIENCE, LOCAL_ISSUER
from shared.web.people import Role

Headers = dict[str, str]


class People:
    """Issues tokens, and writes the key set to a file."""

    def __init__(self, jwks: Path) -> None:
        self._key = ECKey.generate_key("P-256", {"kid": "test", "use": "sig"})
        jwks.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}), encoding="utf-8")

    def renewer(self, office_ref: str) -> Headers:
        return self.headers(Role.RENEWER, office_ref)

    def member(self, office_ref: str) -> Headers:
        return self.headers(Role.MEMBER, office_ref)

    def clerk(self) -> Headers:
        return self.headers(Role.DESK)

    def headers(self, role: Role, office_ref: str | None = None, number: int = 1) -> Headers:
        """Request headers of person number `number` with `role`. The vendor's people have no office."""
        claims = {
            "iss": LOCAL_ISSUER,
            "aud": LOCAL_AUDIENCE,
            "jti": str(fresh()),
            "sub": f"{role}-{number}",
            "office_ref": office_ref,
            "roles": [role],
            "exp": int(time.time()) + 600,
        }
        token = jwt.encode({"alg": "ES256", "kid": "test"}, claims, self._key)
        return {"authorization": f"Bearer {token}", "accept-language": "vi"}
