"""The table that ERDDAP answers to ``info/<dataset>/index`` as CSV, TSV or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence

from oceankg.errors import HeaderError
from oceankg.headers.contract import Builder, Header, length, number

COLUMNS = ("Row Type", "Variable Name", "Attribute Name", "Data Type", "Value")
_GLOBAL = ("NC_GLOBAL", "GLOBAL")


def begins(text: str) -> bool:
    """Whether a text begins as this table does in CSV or TSV."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    return first.replace("\t", ",").replace('"', "") == ",".join(COLUMNS)


def read_csv(file: str, text: str) -> Header:
    """The header that the table states in CSV or TSV."""
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        next(reader)
        return _header(file, ((reader.line_num, row) for row in reader if row))
    except csv.Error as error:
        raise HeaderError(
            f"this is no CSV, or it is cut off ({error})",
            file=file,
            place=f"line {reader.line_num}",
            remedy="send the answer of the server whole",
        ) from error


def read_json(file: str, text: str) -> Header:
    """The header that the table states in JSON."""
    try:
        table = json.loads(text)["table"]
        names, rows = table["columnNames"], table["rows"]
        sound = list(names) == list(COLUMNS) and all(isinstance(row, list) for row in rows)
    except json.JSONDecodeError as error:
        raise HeaderError(
            f"this is no JSON, or it is cut off ({error.msg})",
            file=file,
            place=f"line {error.lineno}, column {error.colno}",
            remedy="send the answer of the server whole",
        ) from error
    except (KeyError, TypeError, RecursionError, ValueError):
        sound, rows = False, []
    if not sound:
        raise HeaderError(
            "this JSON is not the information of an ERDDAP dataset",
            file=file,
            place="table.columnNames",
            remedy="send …/info/<dataset>/index.json",
        )
    return _header(file, enumerate(rows, 1))


def _header(file: str, rows: Iterable[tuple[int, Sequence[object]]]) -> Header:
    builder = Builder(file, "ERDDAP info")
    for place, row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        if len(cells) != len(COLUMNS):
            raise HeaderError(
                f"{len(cells)} cells where {len(COLUMNS)} belong",
                file=file,
                place=f"row {place}",
                remedy="send the answer of the server whole",
            )
        _row(builder, *cells)
    return builder.header()


def _row(
    builder: Builder, kind: str, variable: str, attribute: str, type_: str, value: str
) -> None:
    type_ = "string" if type_ == "String" else {"long": "int64"}.get(type_, type_)
    if kind == "dimension":
        size = value.replace(" ", "").rpartition("nValues=")[2].split(",")[0]
        builder.dimension(variable, length(size))
        builder.variable(variable, type_, (variable,))
    elif kind == "variable":
        dimensions = [name.strip() for name in value.split(",")] if value.strip() else None
        builder.variable(variable, type_, dimensions)
    elif kind == "attribute":
        owner = None if variable in _GLOBAL else variable
        builder.attribute(attribute, _values(type_, value), owner)


def _values(type_: str, value: str) -> object:
    if type_ in ("string", "char", ""):
        return value
    return [v if (n := number(v.strip())) is None else n for v in value.split(",")]
