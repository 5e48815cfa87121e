"""CSV and its like: a row of names, perhaps a row of units, and as many rows as show the types."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import pairwise

from oceankg.errors import HeaderError
from oceankg.headers.contract import MEBIBYTE, Builder, Header, number

ROWS = 50
# So many lines of prose may stand before a table, as in the files of SOCAT and of WOCE.
_PROSE = 5_000
_DELIMITERS = ("\t", ";", ",", "|")
_LABEL = re.compile(
    r"(?P<name>.*\S)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\))\s*", re.DOTALL
)
_ISO_TIME = re.compile(r"\d{4}-\d\d(?:-\d\d)?(?:[T ].*)?", re.ASCII)
_MISSING = ("", "nan", "na", "n/a", "null", "none", "-")


def read(file: str, text: str) -> Header:
    """The header of a delimited table."""
    lines, skipped = _table(text)
    if not lines:
        raise HeaderError("it is empty", file=file, place="line 1", remedy="send a header row")
    delimiter = delimiter_of(lines[0])
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    rows = []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            if len(rows) > ROWS:
                break
    except csv.Error as error:
        raise HeaderError(
            f"this is no CSV, or it is cut off ({error})",
            file=file,
            place=f"line {skipped + reader.line_num}",
            remedy="close every quotation mark",
        ) from error
    _check_names(file, rows[0], skipped + 1)
    units, rows = _with_units(rows)
    builder = Builder(file, "CSV")
    _columns(builder, rows[0], units, types_of(rows[1:], len(rows[0])))
    return builder.header()


def begins(text: str) -> bool:
    """Whether the first line of a text, comments left aside, has cells."""
    lines, _ = _table(text[:MEBIBYTE])
    return bool(lines) and len(cells_of(lines[0], delimiter_of(lines[0]))) > 1


def delimiter_of(line: str) -> str:
    """The sign between the cells of a line: the one that stands there most, a tab if at all."""
    if "\t" in line:
        return "\t"
    return max(_DELIMITERS, key=lambda d: (line.count(d), d == ","))


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line, without quotation marks; never an error."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [cell.strip() for cell in line.split(delimiter)]


def label_and_units(label: str) -> tuple[str, str | None]:
    """The name and the unit in a label such as ``Temperature [degC]`` or ``time (UTC)``."""
    match = _LABEL.fullmatch(label.strip()) if len(label) < 1000 else None
    if match is None:
        return label.strip(), None
    if match["square"] is not None:
        return match["name"], match["square"].strip()
    if _is_unit(match["round"].strip()):
        # `(total)` and `(CTD)` are parts of the name.
        return match["name"], match["round"].strip()
    return label.strip(), None


def _is_unit(words: str) -> bool:
    # Imported here: the unit library takes longer to come in than most tables to be read.
    from oceankg import units

    return words == "UTC" or units.parse(words) is not None


def types_of(rows: Sequence[Sequence[str]], width: int) -> list[str | None]:
    """The type of each column as far as its first cells show it."""
    return [_type([row[at] for row in rows if at < len(row)]) for at in range(width)]


def _type(cells: Sequence[str]) -> str | None:
    stated = [cell for cell in cells if cell.casefold() not in _MISSING]
    if not stated:
        return None
    numbers = [number(cell) for cell in stated]
    if any(n is None for n in numbers):
        return "string"
    return "int" if all(isinstance(n, int) for n in numbers) else "double"


def _table(text: str) -> tuple[list[str], int]:
    """The lines from the row of names on, and how many stand before it."""
    lines = text.lstrip("\ufeff").splitlines()
    if lines and lines[0].startswith("/*"):
        # The description of a data set by PANGAEA.
        ends = (at for at, line in enumerate(lines) if "*/" in line)
        lines = [""] * (end := next(ends, -1) + 1) + lines[end:]
    rows = [at for at, line in enumerate(lines[:_PROSE]) if line.strip() and line[0] not in "#%"]
    skipped = next((at for at, after in pairwise(rows) if _is_head(lines[at], lines[after])), None)
    if skipped is None:
        skipped = rows[0] if rows else len(lines)
    return lines[skipped:], skipped


def _is_head(line: str, after: str) -> bool:
    """Whether a line has names for the cells of the next; prose before a table has none."""
    delimiter = delimiter_of(line)
    cells = cells_of(line, delimiter)
    if len(cells) < 2 or _holds_numbers(cells):
        return False
    return len(cells_of(after, delimiter)) == len(cells)


def _holds_numbers(cells: Sequence[str]) -> bool:
    numbers = sum(number(c) is not None or bool(_ISO_TIME.fullmatch(c)) for c in cells)
    return numbers * 2 > len(cells)


def _check_names(file: str, names: Sequence[str], line: int) -> None:
    if _holds_numbers(names) or not any(names):
        raise HeaderError(
            "the first row holds numbers, not names",
            file=file,
            place=f"line {line}",
            remedy="begin the table with a row of column names",
        )


def _with_units(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The row of units, where the second row is one, and the other rows.

    It is one when it has words where the rows below have numbers or times, and no number there.
    """
    if len(rows) < 3 or len(rows[1]) != len(rows[0]):
        return [], rows
    below = types_of(rows[2:], len(rows[0]))
    times = [_is_time(rows[2:], at) for at in range(len(rows[0]))]
    measured = [
        rows[1][at] for at, type_ in enumerate(below) if type_ in ("int", "double") or times[at]
    ]
    words = [w for w in measured if w.casefold() not in _MISSING]
    numbers = [w for w in words if number(w) not in (None, 1) or _ISO_TIME.fullmatch(w)]
    if numbers or not any(number(w) is None for w in words):
        return [], rows
    return rows[1], [rows[0], *rows[2:]]


def _is_time(rows: Sequence[Sequence[str]], at: int) -> bool:
    cells = [row[at] for row in rows if at < len(row) and row[at]]
    return bool(cells) and all(_ISO_TIME.fullmatch(cell) for cell in cells)


def _columns(
    builder: Builder, labels: Sequence[str], units: Sequence[str], types: Sequence[str | None]
) -> None:
    for at, (label, type_) in enumerate(zip(labels, types, strict=True)):
        if not label:
            # A column without a name, such as the row numbers that pandas writes.
            continue
        name, in_label = label_and_units(label)
        if builder.has(name):
            name = f"{name} (column {at + 1})"
        builder.variable(name, type_)
        stated = units[at] if units else in_label
        if stated:
            builder.attribute("units", stated, name)
