"""The command that annotates the header of a data file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from oceankg import annotate, headers, patch
from oceankg.cli.terminal import app, current, out, print_json
from oceankg.errors import OceankgError
from oceankg.headers import apart
from oceankg.read import load
from oceankg.resolve import Resolver
from oceankg.settings import Settings
from oceankg.text import visible


class AnnotatedForm(StrEnum):
    """The forms in which `annotate` answers."""

    table = "table"
    json = "json"
    cdl = "cdl"
    ncml = "ncml"
    schema = "schema"


@app.command(name="annotate")
def annotate_command(
    file: Annotated[Path, typer.Argument(help="netCDF, CDL, NcML, DAS, ERDDAP info, ODV or CSV")],
    form: Annotated[AnnotatedForm, typer.Option(help="form of the answer")] = AnnotatedForm.table,
) -> None:
    """Say what each variable of a file means, and what its header lacks; or write a patch."""
    settings = Settings()
    try:
        header = apart.read_path(file, headers.Limits.of(settings))
    except OSError as error:
        raise OceankgError(f"{file}: {error.strerror}") from error
    found = annotate.annotate(Resolver(load(current(settings))), header, file.name)
    if form is AnnotatedForm.table:
        _print_annotated(found)
    elif form is AnnotatedForm.json:
        print_json(asdict(found))
    else:
        sys.stdout.write(patch.FORMS[form.value][1](found))


def _print_annotated(found: annotate.Annotated) -> None:
    table = Table("variable", "role", "essential variable", "terms", "unit", "missing, faults")
    for v in found.variables:
        served = v.resolution.essential_variable
        terms = (t.urn or t.label for t in v.terms)
        cells = (
            v.name,
            v.role.name,
            served.label if served else "",
            "\n".join(terms),
            f"{v.units.stated or ''}\n{v.units.fit if v.units.expected else ''}".strip(),
            "\n".join((*v.problems, ", ".join(v.missing))).strip(),
        )
        table.add_row(*(Text(visible(cell)) for cell in cells))
    out.print(table)
