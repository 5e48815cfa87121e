"""ODV spreadsheets, those of SeaDataNet with the terms of their columns included."""

from __future__ import annotations

import re

from oceankg.errors import HeaderError
from oceankg.headers.contract import Builder, Header
from oceankg.headers.table import cells_of, delimiter_of, label_and_units, types_of

_MAPPED = re.compile(r"<subject>(?:SDN:LOCAL:)?(.*?)</subject>(.*)", re.IGNORECASE)
_FIELD = re.compile(r"<(object|units|instrument|fall_rate)>\s*(.*?)\s*</\1>", re.IGNORECASE)
_STATED = re.compile(r"//\s*<([A-Za-z_]+)>(.*?)</\1>")
_ATTRIBUTES = {
    "object": "sdn_parameter_urn",
    "units": "sdn_uom_urn",
    "instrument": "sdn_instrument_urn",
}
_QUALITY = re.compile(r"(?:QV|QF)(?:$|:)")
_FIRST = ("cruise", "station", "type")
ROWS = 50


def begins(text: str) -> bool:
    """Whether a text begins as an ODV spreadsheet: with its comments, or with its columns."""
    start = text.lstrip("\ufeff \r\n")
    first = start.split("\n", 1)[0]
    cells = [c.strip().casefold() for c in cells_of(first, delimiter_of(first))]
    return start.startswith("//") or tuple(cells[:3]) == _FIRST


def read(file: str, text: str) -> Header:
    """The header of an ODV spreadsheet: its comments, and the labels of its columns."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    comments = [line for line in lines if line.startswith("//")]
    rows = [line for line in lines if not line.startswith("//")][: ROWS + 1]
    if not rows:
        raise HeaderError(
            "it has comments and no line of column labels",
            file=file,
            place=f"line {len(lines)}",
            remedy="send the file with its columns (Cruise, Station, Type, …)",
        )
    builder = Builder(file, "ODV")
    for comment in comments:
        stated = _STATED.match(comment)
        if stated and "label=" not in stated[2] and stated[1] != "subject":
            builder.attribute(stated[1], stated[2])
    _columns(builder, rows, _mapped(comments))
    return builder.header()


def _mapped(comments: list[str]) -> dict[str, dict[str, str]]:
    """The terms that SeaDataNet's comments state for a column, by its name."""
    found: dict[str, dict[str, str]] = {}
    for comment in comments:
        if subject := _MAPPED.search(comment):
            fields = {_ATTRIBUTES.get(k.lower()): v for k, v in _FIELD.findall(subject[2])}
            terms = {k: v for k, v in fields.items() if k is not None and v}
            found[subject[1].strip().casefold()] = terms
    return found


def _columns(builder: Builder, rows: list[str], mapped: dict[str, dict[str, str]]) -> None:
    delimiter = delimiter_of(rows[0])
    labels = cells_of(rows[0], delimiter)
    types = types_of([cells_of(row, delimiter) for row in rows[1:]], len(labels))
    before = None
    for label, type_ in zip(labels, types, strict=True):
        name, units = label_and_units(label)
        if not name:
            continue
        if _QUALITY.match(name):
            owner = name.split(":", 2)[2] if name.count(":") > 1 else before
            full = name if name.count(":") > 1 or before is None else f"{name}:{before}"
            builder.variable(full, type_, flag_of=owner)
            continue
        before = name
        builder.variable(name, type_)
        for key, value in ({"units": units} | mapped.get(name.casefold(), {})).items():
            if value:
                builder.attribute(key, value, name)
