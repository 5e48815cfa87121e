"""Texts with a grammar: the parser of a ``.lark`` file, and its errors as ours."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from oceankg.errors import HeaderError

_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}


@cache
def _parser(name: str) -> Lark:
    grammar = files(__package__).joinpath(f"{name}.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual")


def parse(name: str, file: str, text: str) -> Tree[Token]:
    """The tree of a text; an error names line and column."""
    try:
        return _parser(name).parse(text)
    except UnexpectedInput as error:
        line, column = getattr(error, "line", -1), getattr(error, "column", -1)
        raise HeaderError(
            f"this is no {name.upper()}, or it is cut off",
            file=file,
            place=f"line {line}, column {column}" if line > 0 else "at its end",
            remedy="send the text whole, as the tool or the server wrote it",
        ) from error


def parts(tree: Tree[Token], *names: str) -> list[Tree[Token]]:
    """The branches of a tree that bear one of these names."""
    return [c for c in tree.children if isinstance(c, Tree) and c.data in names]


def words(tree: Tree[Token]) -> list[str]:
    """The words that hang directly on a tree."""
    return [str(c) for c in tree.children if isinstance(c, Token)]


def unescape(text: str) -> str:
    r"""A text without its escapes, such as ``\n`` and ``\"``."""
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return _PLAIN.get(code, code)
