"""CDL, the text form of netCDF, as ``ncdump -h`` writes it; data may follow and are passed over."""

from __future__ import annotations

import re

from lark import Token, Tree

from oceankg.errors import HeaderTooLargeError
from oceankg.headers.contract import MAX_DEPTH, Builder, Header, length, number
from oceankg.headers.grammar import parse, parts, unescape, words

TYPES = frozenset(
    [
        "byte",
        "char",
        "short",
        "int",
        "long",
        "int64",
        "float",
        "double",
        "real",
        "string",
        "ubyte",
        "ushort",
        "uint",
        "uint64",
    ]
)


def read(file: str, text: str) -> Header:
    """The header that a CDL text states."""
    builder = Builder(file, "CDL")
    waiting = [("", parse("cdl", file, text))]
    while waiting:
        path, body = waiting.pop(0)
        if path.count("/") > MAX_DEPTH:
            raise HeaderTooLargeError(
                f"groups stand more than {MAX_DEPTH} deep", file=file, remedy="send fewer"
            )
        _body(builder, path, body)
        waiting += [(f"{path}/{_name(words(g)[1])}", g) for g in parts(body, "group")]
    return builder.header()


def _body(builder: Builder, path: str, body: Tree[Token]) -> None:
    for section in parts(body, "dimensions"):
        for dimension in parts(section, "dimension"):
            name, size = words(dimension)
            builder.dimension(_in(path, _name(name)), length(size))
    for section in parts(body, "variables"):
        for declaration in parts(section, "declaration"):
            _declare(builder, path, declaration)
        for attribute in parts(section, "of_all", "of_one", "of_one_typed"):
            _attribute(builder, path, attribute)


def _declare(builder: Builder, path: str, declaration: Tree[Token]) -> None:
    type_ = _name(words(declaration)[0])
    for shape in parts(declaration, "shape"):
        name, *dimensions = map(_name, words(shape))
        builder.variable(
            _in(path, name), {"real": "float", "long": "int"}.get(type_, type_), dimensions
        )


def _attribute(builder: Builder, path: str, attribute: Tree[Token]) -> None:
    names = [_name(word) for word in words(attribute)]
    values = [_value(v) for v in parts(attribute, "value")]
    typed = len(names) == 3 or names[0] == "string"
    if not typed and all(isinstance(v, str) for v in values) and _quoted(attribute):
        # A long text of characters is written in pieces; only `string` makes a list of texts.
        values = ["".join(map(str, values))]
    owner = None
    if len(names) > 1 and builder.has(_in(path, names[-2])):
        owner = _in(path, names[-2])
    if path and owner is None:
        # What a group says of itself is kept apart from what the file says.
        names[-1] = f"{path}/{names[-1]}"
    builder.attribute(names[-1], values, owner)


def _quoted(attribute: Tree[Token]) -> bool:
    return all(words(v) and words(v)[0][0] in "\"'" for v in parts(attribute, "value"))


def _value(value: Tree[Token]) -> object:
    word = next(iter(words(value)), None)
    if word is None:
        return None
    if word[0] in "\"'":
        return unescape(word[1:-1])
    found = number(word)
    return _name(word) if found is None else found


def _name(word: str) -> str:
    """A name without its escapes; each stands for the very character behind it."""
    return re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL)


def _in(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
