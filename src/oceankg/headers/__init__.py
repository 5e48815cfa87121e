"""The headers of data files: which variables a file states, and with which attributes.

A reader takes a file's name and its content, and returns a `Header`; `READERS` is the roll. The
format is told by the content, because names lie. Bytes of strangers go through `headers.apart`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from oceankg.errors import HeaderError, HeaderTooLargeError
from oceankg.headers import cdl, das, erddap_info, ncml, netcdf, odv, table
from oceankg.headers.contract import MAX_TEXT, MEBIBYTE, Header, Limits, Variable

__all__ = ["READERS", "Header", "Limits", "Variable", "read", "read_path", "tell"]

# Of a table only the beginning is looked at.
_TABLE = MEBIBYTE

READERS: Mapping[str, Callable[[str, str], Header]] = {
    "CDL": cdl.read,
    "DAS": das.read,
    "NcML": lambda file, text: ncml.read(file, text.encode("utf-8", "replace")),
    "ERDDAP info as CSV": erddap_info.read_csv,
    "ERDDAP info as JSON": erddap_info.read_json,
    "ODV": odv.read,
    "CSV": table.read,
}
_TABLES = ("ODV", "CSV")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"(\xb5/\xfd", b"7z\xbc\xaf")
_CDL = re.compile(r"(?:\s|//[^\n]*+)*+netcdf\b[^{]*\{", re.IGNORECASE)
_DAS = re.compile(r"\s*attributes\s*\{", re.IGNORECASE)
_DAP_ERROR = re.compile(r"\s*Error\s*\{")


def read(name: str, content: bytes) -> Header:
    """The header of a file of any format on the roll; a HeaderError says why there is none."""
    if netcdf.is_netcdf(content):
        return netcdf.read(name, content)
    _refuse_binary(name, content)
    is_xml = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
    format_ = "NcML" if is_xml else tell(name, decoded(name, content[:_TABLE]))
    if format_ in _TABLES:
        return READERS[format_](name, decoded(name, content[:_TABLE]))
    if len(content) > MAX_TEXT:
        raise HeaderTooLargeError(
            f"the text has {len(content)} bytes, more than {MAX_TEXT}",
            file=name,
            remedy="send the header without the data (ncdump -h)",
        )
    return ncml.read(name, content) if is_xml else READERS[format_](name, decoded(name, content))


def read_path(path: Path, most: int) -> Header:
    """The header of a file on disk; of netCDF only the header is read, whatever its size."""
    with path.open("rb") as file:
        start = file.read(netcdf.SIGHT)
        if netcdf.is_netcdf(start):
            return netcdf.read_path(path)
        return read(path.name, start + file.read(most))


def tell(file: str, text: str) -> str:
    """The format of a text, by its content and at last by its name."""
    if _CDL.match(text):
        return "CDL"
    if _DAS.match(text):
        return "DAS"
    if _DAP_ERROR.match(text):
        raise _unknown(file, "this is a server's message of an error")
    if text.lstrip()[:1] == "{":
        return "ERDDAP info as JSON"
    if erddap_info.begins(text):
        return "ERDDAP info as CSV"
    if odv.begins(text):
        return "ODV"
    if table.begins(text) or file.casefold().endswith((".csv", ".tsv")):
        return "CSV"
    raise _unknown(file, "the format is none of those that are read")


def decoded(file: str, content: bytes) -> str:
    """A text from its bytes: UTF-8, UTF-16 with its mark, or the Western encoding of old files."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        raise _unknown(file, "it holds bytes of no text and begins as no netCDF file does")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _refuse_binary(file: str, content: bytes) -> None:
    if not content.strip():
        raise HeaderError("it is empty", file=file, place="byte 0", remedy="send the whole file")
    if content.startswith(_PACKED):
        raise HeaderError(
            "it is packed", file=file, place="byte 0", remedy="unpack it and send what is inside"
        )


def _unknown(file: str, what: str) -> HeaderError:
    return HeaderError(
        what,
        file=file,
        place="its beginning",
        remedy=f"send netCDF, {', '.join(READERS)}; or the CDL that ncdump -h writes of it",
    )
