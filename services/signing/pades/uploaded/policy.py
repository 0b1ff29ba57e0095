"""Which changes a revision of an uploaded PDF may make: pyHanko's own rules, and one for certification."""

from collections.abc import Iterable

from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    QualifiedWhitelistRule,
    ReferenceUpdate,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.commons import compare_key_refs, qualify_transforming
from pyhanko.sign.diff_analysis.constants import ROOT_EXEMPT_STRICT_COMPARISON
from pyhanko.sign.diff_analysis.rules_api import Context

_LEVEL = ModificationLevel.LTA_UPDATES
PERMISSIONS = "/Perms"


class CertificationRule(QualifiedWhitelistRule):
    """Lets `/Perms` come with a signature that certifies. The caller checks what it holds."""

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        place = Context.from_absolute(old, RawPdfPath("/Root", PERMISSIONS))
        yield from qualify_transforming(
            _LEVEL,
            compare_key_refs(PERMISSIONS, old, old.root, new.root),
            transform=ReferenceUpdate.curry_ref(context_checked=place),
        )


_RULES = (
    DocInfoRule(),
    XrefStreamRule(),
    ObjectStreamRule(),
    DSSCompareRule(),
    MetadataUpdateRule(),  # type: ignore[no-untyped-call]
)
UPLOAD_POLICY = StandardDiffPolicy(
    [
        CatalogModificationRule(ROOT_EXEMPT_STRICT_COMPARISON | {PERMISSIONS}),  # type: ignore[no-untyped-call]
        CertificationRule(),
        *(rule.as_qualified(_LEVEL) for rule in _RULES),
    ],
    FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]),  # type: ignore[no-untyped-call]
)
"""pyHanko's default without its rule for fields that aren't signatures: no revision may fill such a field."""
