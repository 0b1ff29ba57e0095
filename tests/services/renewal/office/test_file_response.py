"""The names of the files that an office downloads."""

import pytest

from services.renewal.domain.renewal import DossierDocument, Kind
from services.renewal.office.file_response import download_name
from tests.services.renewal.examples import NOW
from tests.services.renewal.messages import document


@pytest.mark.parametrize(
    ("kind", "name", "given"),
    [
        ("form", "phieu.pdf", "phieu.pdf"),
        ("paper_scan", "phieu-dong-dau.pdf", "phieu-dong-dau.pdf"),
        ("signed_form", "phieu.pdf", "phieu-da-ky.pdf"),
        ("signed_form", "phieu-da-ky.pdf", "phieu-da-ky.pdf"),
        ("signed_contract", "hop-dong.pdf", "hop-dong-da-ky.pdf"),
        ("sealed_contract", "hop-dong.pdf", "hop-dong-da-ky.pdf"),
    ],
)
def test_signed_file_has_a_name_of_its_own(kind: Kind, name: str, given: str) -> None:
    paper = DossierDocument(kind=kind, revision=1, document=document(name), filed_at=NOW)
    assert download_name(paper) == given
