"""What every reader of headers returns, and the limits that each keeps to.

A file comes from a stranger: names and values are made clean here, once for all formats, and
whatever passes a limit ends in an error and not in a long wait.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oceankg.errors import HeaderError, HeaderTooLargeError

if TYPE_CHECKING:
    # Not at run time: a reader's process has to start quickly.
    from oceankg.settings import Settings

MEBIBYTE = 1024 * 1024
MAX_TEXT = 8 * MEBIBYTE
MAX_VARIABLES = 5_000
MAX_ATTRIBUTES = 100_000
MAX_NAME = 256
MAX_VALUE = 8_192
MAX_VALUES = 256
MAX_DEPTH = 32

Number = int | float
Value = str | Number | tuple[str, ...] | tuple[Number, ...]

# Nothing of these can be part of a name or a word; what stands for them can be seen.
_UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?)(?P<kind>U?[bBsSlL]|[uU](?:ll|LL)?|ll|LL|[fFdD])?",
    re.ASCII,
)
_NOT_FINITE = re.compile(r"([+-]?)(nan|inf(?:inity)?)f?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take."""

    content: int = 64 * MEBIBYTE
    memory: int = 1024 * MEBIBYTE
    seconds: float = 30.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that a user set."""
        size = settings.annotate_mebibytes * MEBIBYTE
        # The library holds the file twice while it opens it.
        return cls(size, 512 * MEBIBYTE + 4 * size)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or a column, as the file states it; None is not stated.

    `name` holds the path of its group (``/group/name``) unless that is the root. `type` is that
    of CDL. `flag_of` is the column that a quality column belongs to, where the format says so.
    """

    name: str
    type: str | None = None
    dimensions: tuple[str, ...] | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    flag_of: str | None = None

    def text(self, name: str) -> str | None:
        """An attribute as text; None when it is absent or empty."""
        return text(self.attributes.get(name))

    @property
    def short_name(self) -> str:
        """The name without its group."""
        return self.name.rsplit("/", 1)[-1] if self.name.startswith("/") else self.name

    @property
    def group(self) -> str:
        """The path of the group, "" for the root."""
        return self.name.rpartition("/")[0] if self.name.startswith("/") else ""

    @property
    def is_coordinate(self) -> bool:
        """Whether it is a coordinate variable: named as its only dimension."""
        if not self.dimensions:
            return False
        first = self.dimensions[0]
        alone = len(self.dimensions) == 1 or (len(self.dimensions) == 2 and self.type == "char")
        return alone and first in (self.short_name, self.name)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one file. The length of a dimension without limit is None."""

    format: str
    variables: tuple[Variable, ...]
    attributes: Mapping[str, Value] = field(default_factory=dict)
    dimensions: Mapping[str, int | None] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A global attribute as text; None when it is absent or empty."""
        return text(self.attributes.get(name))


def text(value: Value | None) -> str | None:
    """A value as one text; None when there is none."""
    parts = value if isinstance(value, tuple) else (value,)
    return " ".join(str(p) for p in parts if p is not None).strip() or None


def clean(words: str) -> str:
    """A text without what no text should hold; the padding of NULs at its end is dropped."""
    return _UNCLEAN.sub("\ufffd", words.rstrip("\0").replace("\r\n", "\n"))[:MAX_VALUE]


def value(raw: object) -> Value | None:
    """An attribute's value made clean; None when it is of a kind that says nothing here."""
    if isinstance(raw, (list, tuple)):
        many = [v for v in map(value, raw[:MAX_VALUES]) if isinstance(v, (str, int, float))]
        if len(many) == 1:
            return many[0]
        texts = tuple(str(v) for v in many if isinstance(v, str))
        return texts if texts else tuple(v for v in many if not isinstance(v, str))
    if isinstance(raw, str):
        return clean(raw)
    if isinstance(raw, float) and not math.isfinite(raw):
        # JSON has no word for it.
        return str(raw)
    return raw if isinstance(raw, (int, float)) and not isinstance(raw, bool) else None


def number(word: str) -> Number | str | None:
    """The number that a word of CDL, NcML or DAS stands for; None when it is none."""
    if match := _NOT_FINITE.fullmatch(word):
        return f"{match[1].replace('+', '')}{match[2][:3].lower()}"
    match = _NUMBER.fullmatch(word) if len(word) < 64 else None
    if match is None:
        return None
    digits = match["digits"].replace("d", "e").replace("D", "e")
    if digits.lstrip("+-").isdigit() and (match["kind"] or "").lower() not in ("f", "d"):
        return int(digits)
    return float(digits) if math.isfinite(float(digits)) else str(float(digits))


def length(word: str) -> int | None:
    """The length of a dimension; None where it is not stated as a plain number."""
    return int(word) if re.fullmatch("[0-9]{1,18}", word) else None


class Builder:
    """Gathers a header, and ends with an error where it passes a limit."""

    def __init__(self, file: str, format_: str) -> None:
        self._file, self._format = file, format_
        self._dimensions: dict[str, int | None] = {}
        self._attributes: dict[str, Value] = {}
        self._variables: dict[str, tuple[Variable, dict[str, Value]]] = {}
        self._count = 0

    def dimension(self, name: str, length: int | None) -> None:
        """State a dimension."""
        self._dimensions[self._name(name)] = length
        self._counted()

    def attribute(self, name: str, raw: object, variable: str | None = None) -> None:
        """State an attribute, of the whole or of a variable."""
        self._counted()
        found = value(raw)
        if found is None:
            return
        if variable is None:
            self._attributes[self._name(name)] = found
        else:
            self.variable(variable)
            self._variables[self._name(variable)][1][self._name(name)] = found

    def variable(
        self,
        name: str,
        type_: str | None = None,
        dimensions: Iterable[str] | None = None,
        flag_of: str | None = None,
    ) -> None:
        """State a variable; what is known of it already stays."""
        name = self._name(name)
        if not name:
            raise HeaderError(
                "a variable has no name", file=self._file, remedy="give every variable a name"
            )
        if name not in self._variables:
            self._counted()
            dims = None if dimensions is None else tuple(map(self._name, dimensions))
            self._variables[name] = (Variable(name, type_, dims, flag_of=flag_of), {})
        if len(self._variables) > MAX_VARIABLES:
            raise self._too_large(f"more than {MAX_VARIABLES} variables")

    def has(self, name: str) -> bool:
        """Whether a variable of that name was stated."""
        return self._name(name) in self._variables

    def header(self) -> Header:
        """What was gathered; an error when there is no variable in it."""
        if not self._variables:
            raise HeaderError(
                f"this {self._format} states no variable",
                file=self._file,
                remedy="send a file with at least one variable",
            )
        return Header(
            self._format,
            tuple(
                Variable(v.name, v.type, v.dimensions, attributes, v.flag_of)
                for v, attributes in self._variables.values()
            ),
            self._attributes,
            self._dimensions,
        )

    def _name(self, name: str) -> str:
        if len(name) > MAX_NAME * 4:
            raise self._too_large(f"a name of {len(name)} characters")
        return clean(name)

    def _counted(self) -> None:
        self._count += 1
        if self._count > MAX_ATTRIBUTES:
            raise self._too_large(f"more than {MAX_ATTRIBUTES} attributes")

    def _too_large(self, what: str) -> HeaderTooLargeError:
        return HeaderTooLargeError(
            f"the header has {what}", file=self._file, remedy="send a smaller part of it"
        )
