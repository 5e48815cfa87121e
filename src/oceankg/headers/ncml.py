"""NcML: the XML form of a netCDF header."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from oceankg.errors import HeaderError, HeaderTooLargeError
from oceankg.headers.contract import MAX_DEPTH, Builder, Header, length, number

_TYPES = {"String": "string", "long": "int64", "Structure": "structure"}
_TEXTS = ("", "string", "char")


def read(file: str, content: bytes) -> Header:
    """The header that an NcML document states; what it removes or aggregates is passed over."""
    root = _root(file, content)
    if _tag(root) != "netcdf":
        raise HeaderError(
            f"its root is <{_tag(root)[:50]}>, not <netcdf>",
            file=file,
            place="line 1",
            remedy="send NcML; of ERDDAP's pages take the .das, or info as .csv or .json",
        )
    builder = Builder(file, "NcML")
    waiting = [("", 0, root)]
    while waiting:
        path, depth, group = waiting.pop(0)
        if depth > MAX_DEPTH:
            raise HeaderTooLargeError(
                f"groups stand more than {MAX_DEPTH} deep", file=file, remedy="send fewer"
            )
        for part in group:
            _part(builder, path, part)
        waiting += [
            (f"{path}/{g.get('name', '')}", depth + 1, g) for g in group if _tag(g) == "group"
        ]
    return builder.header()


def _root(file: str, content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise HeaderError(
            f"this is no well-formed XML, or it is cut off ({error.msg})",
            file=file,
            place=f"line {line}, column {column + 1}",
            remedy="send the document whole",
        ) from error
    except DefusedXmlException as error:
        raise HeaderError(
            "it declares a document type, which is not read",
            file=file,
            place="before its root",
            remedy="leave out <!DOCTYPE …>",
        ) from error
    except (ValueError, LookupError) as error:
        raise HeaderError(
            f"its encoding cannot be read ({error})",
            file=file,
            place="line 1",
            remedy="send it in UTF-8",
        ) from error
    return root


def _part(builder: Builder, path: str, part: Element) -> None:
    name, tag = part.get("name", ""), _tag(part)
    if tag == "dimension" and name:
        size = "" if part.get("isUnlimited") == "true" else part.get("length", "")
        builder.dimension(_in(path, name), length(size))
    elif tag == "attribute" and name:
        builder.attribute(f"{path}/{name}" if path else name, _values(part))
    elif tag == "variable":
        shape = part.get("shape")
        type_ = part.get("type")
        where = _in(path, name)
        builder.variable(
            where,
            _TYPES.get(type_, type_) if type_ else None,
            None if shape is None else shape.split(),
        )
        for attribute in part:
            if _tag(attribute) == "attribute" and attribute.get("name"):
                builder.attribute(attribute.get("name", ""), _values(attribute), where)


def _values(attribute: Element) -> object:
    text = attribute.get("value")
    if text is None:
        text = attribute.text or ""
    separator, type_ = attribute.get("separator"), attribute.get("type", "").casefold()
    if type_ in _TEXTS:
        return text.split(separator) if separator else text
    values = text.split(separator) if separator else text.split()
    return [v if (n := number(v.strip())) is None else n for v in values]


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _in(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
