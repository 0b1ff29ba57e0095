"""What is taken as the file of an invoice, by its content."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.renewal.domain.refusal import RenewalError
from services.renewal.invoice.files import LARGEST, PDF, XML, media_type

INVOICE = b'<?xml version="1.0" encoding="UTF-8"?><HDon><SHDon>7</SHDon></HDon>'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", PDF),
        (INVOICE, XML),
        (b"\xef\xbb\xbf" + INVOICE, XML),
        (b"<TDiep><DLieu/></TDiep>", XML),
        (b"<HDon><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/><?a b?></HDon>", XML),
        (b"%PDF-" + b" " * (LARGEST - 5), PDF),
    ],
)
def test_kinds(data: bytes, kind: str) -> None:
    assert media_type(data) == kind


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "invoice_file_kind"),
        (b"MZ\x90 an exe", "invoice_file_kind"),
        (b"\xff\xd8\xff a photo", "invoice_file_kind"),
        (b"PK\x03\x04 a zip", "invoice_file_kind"),
        (b"junk before %PDF-1.7", "invoice_file_kind"),
        (b"<HDon><SHDon></HDon>", "invoice_file_kind"),
        (b"<!DOCTYPE html><html><script>1</script></html>", "invoice_file_kind"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'><script>1</script></html>", "invoice_file_kind"),
        (b"<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "invoice_file_kind"),
        (b"<a><script xmlns='http://www.w3.org/1999/xhtml'>1</script></a>", "invoice_file_kind"),
        (b"<a xmlns:y='http://www.w3.org/1999/xhtml'><y:script>1</y:script></a>", "invoice_file_kind"),
        (b"<a><b xmlns:x='http://www.w3.org/2000/svg'><x:svg onload='1'/></b></a>", "invoice_file_kind"),
        (b"<?xml-stylesheet type='text/xsl' href='#x'?><a/>", "invoice_file_kind"),
        (b"<a/><?xml-stylesheet href='x'?>", "invoice_file_kind"),
        (b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', "invoice_file_kind"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "invoice_file_kind"),
        (b"%PDF-" + b" " * LARGEST, "upload_too_large"),
    ],
)
def test_anything_else_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(RenewalError) as refused:
        media_type(data)
    assert (refused.value.name, refused.value.errors[0].rule) == ("upload-bad", rule)


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda data: b"<" + data))
def test_never_anything_but_a_kind_or_a_refusal(data: bytes) -> None:
    with suppress(RenewalError):
        assert media_type(data) in (PDF, XML)
