"""Which changes a revision of an uploaded PDF may make: the shared rules, and one for certification."""

from collections.abc import Iterable

from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    ModificationLevel,
    QualifiedWhitelistRule,
    ReferenceUpdate,
)
from pyhanko.sign.diff_analysis.commons import compare_key_refs, qualify_transforming
from pyhanko.sign.diff_analysis.constants import ROOT_EXEMPT_STRICT_COMPARISON
from pyhanko.sign.diff_analysis.rules_api import Context

from services.signing.pades.long_term.revision_rules import PROOF_LEVEL, diff_policy

PERMISSIONS = "/Perms"


class CertificationRule(QualifiedWhitelistRule):
    """Lets `/Perms` come with a signature that certifies. The caller checks what it holds."""

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        place = Context.from_absolute(old, RawPdfPath("/Root", PERMISSIONS))
        yield from qualify_transforming(
            PROOF_LEVEL,
            compare_key_refs(PERMISSIONS, old, old.root, new.root),
            transform=ReferenceUpdate.curry_ref(context_checked=place),
        )


UPLOAD_POLICY = diff_policy(
    CatalogModificationRule(ROOT_EXEMPT_STRICT_COMPARISON | {PERMISSIONS}),  # type: ignore[no-untyped-call]
    CertificationRule(),
)
