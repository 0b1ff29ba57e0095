"""People of the platform, as their tokens say."""

import json
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

Headers = dict[str, str]


class People:
    """Issues tokens and publishes the key set in a file."""

    def __init__(self, jwks: Path) -> None:
        self._key = ECKey.generate_key("P-256", {"kid": "test", "use": "sig"})
        jwks.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}), encoding="utf-8")

    def renewer(self, office_ref: str) -> Headers:
        return self._headers("renewer-1", office_ref, "renewer")

    def member(self, office_ref: str) -> Headers:
        return self._headers("member-1", office_ref, "member")

    def clerk(self) -> Headers:
        return self._headers("clerk-1", None, "desk")

    def _headers(self, sub: str, office_ref: str | None, role: str) -> Headers:
        claims = {"sub": sub, "office_ref": office_ref, "roles": [role], "exp": int(time.time()) + 600}
        token = jwt.encode({"alg": "ES256", "kid": "test"}, claims, self._key)
        return {"authorization": f"Bearer {token}", "accept-language": "vi"}
