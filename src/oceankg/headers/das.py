"""DAS: what ERDDAP, Hyrax and THREDDS answer to an address that ends in ``.das``."""

from __future__ import annotations

from lark import Token, Tree

from oceankg.errors import HeaderTooLargeError
from oceankg.headers.contract import MAX_DEPTH, Builder, Header, number
from oceankg.headers.grammar import parse, parts, unescape, words

_GLOBAL = ("GLOBAL", "NC_GLOBAL", "HDF_GLOBAL", "HDF5_GLOBAL", "DODS_EXTRA")
_TEXTS = ("string", "url")


def read(file: str, text: str) -> Header:
    """The header that a DAS states; a container that only holds containers has no name here."""
    builder = Builder(file, "DAS")
    waiting = [("", 0, c) for c in parts(parse("das", file, text), "container")]
    while waiting:
        above, depth, container = waiting.pop(0)
        if depth > MAX_DEPTH:
            raise HeaderTooLargeError(
                f"containers stand more than {MAX_DEPTH} deep", file=file, remedy="send fewer"
            )
        name = words(container)[0]
        inner, attributes = parts(container, "container"), parts(container, "attribute")
        if name.upper() in _GLOBAL:
            for attribute in attributes:
                builder.attribute(*_attribute(attribute))
            continue
        path = f"{above}{name}"
        if attributes or not inner:
            builder.variable(path)
            for attribute in attributes:
                builder.attribute(*_attribute(attribute), path)
        below = f"{path}." if attributes else above
        waiting += [(below, depth + 1, part) for part in inner]
    return builder.header()


def _attribute(attribute: Tree[Token]) -> tuple[str, list[object]]:
    type_, name = words(attribute)
    texts = type_.casefold() in _TEXTS
    values = [
        w for part in parts(attribute, "values") for v in parts(part, "value") for w in words(v)
    ]
    return name, [_value(word, texts) for word in values]


def _value(word: str, is_text: bool) -> object:
    plain = unescape(word[1:-1]) if word.startswith('"') else word
    found = None if is_text else number(plain)
    return plain if found is None else found
