"""Forbidden changes to a form, besides signing it."""

from collections.abc import Callable, Iterable
from typing import Any

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.metadata.model import NS
from pyhanko.pdf_utils.metadata.xmp_xml import MetadataStream
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

_SIGNATURE = {
    "/Subtype": pdf_name("/Widget"),
    "/FT": pdf_name("/Sig"),
    "/T": TextStringObject("tool"),
}
Change = Callable[[IncrementalPdfFileWriter], None]


def overlay(writer: IncrementalPdfFileWriter) -> None:
    """Paint white over the form's text, and write another price."""
    content = writer.add_object(StreamObject(stream_data=b"q 1 1 1 rg 0 0 600 900 re f Q"))
    writer.add_stream_to_page(0, content)  # type: ignore[no-untyped-call]


def free_text(writer: IncrementalPdfFileWriter) -> None:
    _annotate(writer, {"/Subtype": pdf_name("/FreeText"), "/Contents": TextStringObject("0 đ")})


def text_field(writer: IncrementalPdfFileWriter) -> None:
    field = {"/FT": pdf_name("/Tx"), "/T": TextStringObject("price"), "/V": TextStringObject("0 đ")}
    _enlist(writer, _annotate(writer, {"/Subtype": pdf_name("/Widget"), **field}))


def fill_text_field(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][1]
    field["/V"] = TextStringObject("1 đ")
    writer.update_container(field)


def second_stamp(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("more", on_page=0, box=(0, 0, 600, 800)))


def same_name(writer: IncrementalPdfFileWriter) -> None:
    field = {"/FT": pdf_name("/Sig"), "/T": TextStringObject("office")}
    _enlist(writer, _annotate(writer, {"/Subtype": pdf_name("/Widget"), **field}))


def nameless_field(writer: IncrementalPdfFileWriter) -> None:
    _enlist(writer, _annotate(writer, {"/Subtype": pdf_name("/Widget")}))


def null_field(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"]["/Fields"].append(NullObject())
    writer.update_container(writer.root["/AcroForm"]["/Fields"])


def moved_widget(writer: IncrementalPdfFileWriter) -> None:
    widget = writer.root["/AcroForm"]["/Fields"][0]
    widget["/Rect"] = ArrayObject(map(FloatObject, (0, 0, 600, 800)))
    writer.update_container(widget)


def hidden_widget(writer: IncrementalPdfFileWriter) -> None:
    _set_flags(writer, 2)


def widget_for_screens_only(writer: IncrementalPdfFileWriter) -> None:
    _set_flags(writer, 128)


def without_zoom(writer: IncrementalPdfFileWriter) -> None:
    _set_flags(writer, 4 | 8, -1)


def pressed_appearance(writer: IncrementalPdfFileWriter) -> None:
    """Another picture while the pointer is over the last field."""
    widget = writer.root["/AcroForm"]["/Fields"][-1]
    widget["/AP"]["/R"] = writer.add_object(StreamObject(stream_data=b"0 0 50 50 re f"))
    writer.update_container(widget)


def info_title(writer: IncrementalPdfFileWriter) -> None:
    _set_in_info(writer, "/Title")


def info_author(writer: IncrementalPdfFileWriter) -> None:
    _set_in_info(writer, "/Author")


def info_subject(writer: IncrementalPdfFileWriter) -> None:
    _set_in_info(writer, "/Subject")


def xmp_title(writer: IncrementalPdfFileWriter) -> None:
    _add_to_xmp(writer, "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Khác</rdf:li></rdf:Alt></dc:title>")


def xmp_creator(writer: IncrementalPdfFileWriter) -> None:
    _add_to_xmp(writer, "<dc:creator><rdf:Seq><rdf:li>Khác</rdf:li></rdf:Seq></dc:creator>")


def xmp_description(writer: IncrementalPdfFileWriter) -> None:
    _add_to_xmp(writer, "<dc:description>Khác</dc:description>")


def dates_and_producer(writer: IncrementalPdfFileWriter) -> None:
    """What honest programs write about their own work, in both places."""
    _set_in_info(writer, "/ModDate", "D:20261125093000+07'00'")
    _set_in_info(writer, "/Producer")
    _add_to_xmp(
        writer,
        "<xmp:ModifyDate>2026-11-25T09:30:00+07:00</xmp:ModifyDate>"
        "<xmp:MetadataDate>2026-11-25T09:30:00+07:00</xmp:MetadataDate><pdf:Producer>Khác</pdf:Producer>"
        "<xmpMM:InstanceID>uuid:1</xmpMM:InstanceID>",
    )


def permissions(writer: IncrementalPdfFileWriter) -> None:
    """Permissions that no signature gives."""
    rights = _dictionary({"/Type": pdf_name("/Sig"), "/Filter": pdf_name("/Adobe.PPKLite")})
    writer.root["/Perms"] = _dictionary({"/UR3": writer.add_object(rights)})
    writer.update_root()  # type: ignore[no-untyped-call]


def field_with_an_action(writer: IncrementalPdfFileWriter) -> None:
    script = _dictionary({"/S": pdf_name("/JavaScript"), "/JS": TextStringObject("app.alert(1)")})
    _enlist(writer, _annotate(writer, {**_SIGNATURE, "/AA": _dictionary({"/E": script})}))


def field_with_a_hidden_widget(writer: IncrementalPdfFileWriter) -> None:
    _enlist(writer, _annotate(writer, {**_SIGNATURE, "/F": NumberObject(2)}))  # type: ignore[no-untyped-call]


def field(writer: IncrementalPdfFileWriter) -> None:
    """An honest field of a tool."""
    _enlist(writer, _annotate(writer, _SIGNATURE))


def two_widgets(writer: IncrementalPdfFileWriter) -> None:
    """The last field is in two places."""
    widget = {"/Subtype": pdf_name("/Widget")}
    last = writer.root["/AcroForm"]["/Fields"][-1]
    last["/Kids"] = ArrayObject([_annotate(writer, widget), _annotate(writer, widget)])
    writer.update_container(last)


def states(writer: IncrementalPdfFileWriter) -> None:
    """The last field has a picture for each state, instead of one."""
    last = writer.root["/AcroForm"]["/Fields"][-1]
    last["/AP"]["/N"] = _dictionary({"/On": last["/AP"].raw_get("/N")})
    writer.update_container(last)


def open_action(writer: IncrementalPdfFileWriter) -> None:
    script = {"/S": pdf_name("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
    writer.root["/OpenAction"] = writer.add_object(_dictionary(script))
    writer.update_root()  # type: ignore[no-untyped-call]


def xfa(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"]["/XFA"] = writer.add_object(StreamObject(stream_data=b"<xdp/>"))
    writer.update_container(writer.root["/AcroForm"])


def _set_flags(writer: IncrementalPdfFileWriter, flags: int, field: int = 0) -> None:
    widget = writer.root["/AcroForm"]["/Fields"][field]
    widget["/F"] = NumberObject(flags)  # type: ignore[no-untyped-call]
    writer.update_container(widget)


def _set_in_info(writer: IncrementalPdfFileWriter, key: str, value: str = "Khác") -> None:
    info = writer.trailer["/Info"]
    info[pdf_name(key)] = TextStringObject(value)
    writer.update_container(info)


def _add_to_xmp(writer: IncrementalPdfFileWriter, properties: str) -> None:
    """One more description of the document, beside the issued one."""
    old = writer.root["/Metadata"].data.decode()
    spaces = (
        "".join(f' xmlns:{prefix}="{NS[prefix]}"' for prefix in ("dc", "xmp", "pdf"))
        + ' xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"'
    )
    added = f'<rdf:Description rdf:about=""{spaces}>{properties}</rdf:Description></rdf:RDF>'
    head, tail = old.rsplit("</rdf:RDF>", 1)
    stream = MetadataStream(stream_data=(head + added + tail).encode())
    writer.root["/Metadata"] = writer.add_object(stream)
    writer.update_root()  # type: ignore[no-untyped-call]


def damaged_store(key: str) -> Change:
    """A document security store with something under `key` that isn't what belongs there."""
    return store_of(key, [b"no OCSP response"])


def store_of(key: str, entries: Iterable[bytes], times: int = 1) -> Change:
    """A document security store with these entries under `key`, each listed so many times."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        added = [writer.add_object(StreamObject(stream_data=each)) for each in entries]
        writer.root["/DSS"] = writer.add_object(_dictionary({key: ArrayObject(times * added)}))
        writer.update_root()  # type: ignore[no-untyped-call]

    return add


def _annotate(writer: IncrementalPdfFileWriter, entries: dict[str, Any]) -> Any:
    page = writer.root["/Pages"]["/Kids"][0]
    place = ArrayObject(map(NumberObject, (50, 50, 500, 700)))
    added = writer.add_object(_dictionary({"/Type": pdf_name("/Annot"), "/Rect": place, **entries}))
    page["/Annots"].append(added)
    writer.update_container(page["/Annots"])
    return added


def _enlist(writer: IncrementalPdfFileWriter, field: Any) -> None:
    writer.root["/AcroForm"]["/Fields"].append(field)
    writer.update_container(writer.root["/AcroForm"]["/Fields"])


def _dictionary(entries: dict[str, Any]) -> DictionaryObject:
    made = DictionaryObject()  # type: ignore[no-untyped-call]
    made.update({pdf_name(key): value for key, value in entries.items()})
    return made
