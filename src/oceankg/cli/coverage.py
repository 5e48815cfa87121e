"""The command that shows where each catalogue has products."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.table import Column, Table

from oceankg.cli.terminal import app, current, out
from oceankg.compare import coverage_table as forms
from oceankg.compare.coverage_table import Filters, Matrix
from oceankg.compare.gaps import Gap
from oceankg.faces.negotiate import GRAPH_TYPES
from oceankg.read import ReadModel, load
from oceankg.settings import Settings
from oceankg.store import Snapshots


class CoverageForm(StrEnum):
    """How the coverage is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    TURTLE = "turtle"


class StateName(StrEnum):
    """Which catalogue has a product in a cell."""

    BOTH = "both"
    ODATIS = "odatis"
    CMEMS = "cmems"
    EMPTY = "empty"


@app.command(name="coverage")
def coverage_command(
    variable: Annotated[str | None, typer.Option(help="an essential variable")] = None,
    region: Annotated[str | None, typer.Option(help="a region or area")] = None,
    time_scale: Annotated[str | None, typer.Option(help="a time scale")] = None,
    kind: Annotated[str | None, typer.Option(help="a kind of products")] = None,
    state: Annotated[
        StateName | None, typer.Option(help="which catalogue has any; empty lists the gaps")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="the most cells")] = None,
    release: Annotated[str | None, typer.Option(help="a snapshot that is kept")] = None,
    form: Annotated[CoverageForm, typer.Option(help="how to print it")] = CoverageForm.TABLE,
) -> None:
    """Show where each catalogue has products, by variable, region, time scale and kind."""
    settings = Settings()
    snapshot = Snapshots(settings.data).get(release) if release else current(settings)
    model = load(snapshot)
    asked = {"variable": variable, "region": region, "time_scale": time_scale, "kind": kind}
    filters = forms.filters_named(model, asked | {"state": state.value if state else None})
    if form is CoverageForm.TABLE and state is not StateName.EMPTY:
        _print_matrix(forms.matrix(model, filters))
    elif form is CoverageForm.TABLE:
        _print_gaps(model, filters, limit)
    elif form is CoverageForm.MARKDOWN:
        sys.stdout.write(forms.markdown(forms.matrix(model, filters), filters, model))
    else:
        _write(model, filters, form, limit)


def _write(model: ReadModel, filters: Filters, form: CoverageForm, limit: int | None) -> None:
    if form is CoverageForm.TURTLE:
        _, cells = forms.page(model, filters, limit)
        sys.stdout.write(forms.rdf(model.snapshot.id, cells, GRAPH_TYPES[0]).decode())
        return
    answer = forms.table(model, filters, limit)
    if form is CoverageForm.JSON:
        content = TypeAdapter(forms.Table).dump_json(answer, indent=1).decode()
        sys.stdout.write(content + "\n")
    else:
        csv.writer(sys.stdout).writerows((forms.COLUMNS, *forms.rows(model, answer)))


def _print_matrix(shown: Matrix) -> None:
    """Only rows and columns in which something is counted: a terminal is narrow."""
    columns = [c for c in shown.columns if any((r.iri, c.iri) in shown.counts for r in shown.rows)]
    table = Table(
        forms.TITLES[shown.row_axis],
        *(Column(column.label, justify="right") for column in columns),
        title="distinct products, ODATIS / Copernicus Marine",
        title_justify="left",
    )
    for row in shown.rows:
        if any((row.iri, column.iri) in shown.counts for column in columns):
            table.add_row(row.label, *(forms.written(shown.at(row, c)) for c in columns))
    out.print(table)


def _print_gaps(model: ReadModel, filters: Filters, limit: int | None) -> None:
    answer = forms.table(model, filters, limit)
    for cell in answer.cells:
        place = (cell.variable, cell.region, cell.time_scale, cell.kind)
        _line("; ".join(map(model.name, place)))
        if cell.gap:
            _print_gap(cell.gap)
    _line(f"{len(answer.cells)} of {answer.total} cells that are empty in both catalogues")


def _print_gap(gap: Gap) -> None:
    _line(f"  could fill it: {'; '.join(f.label for f in gap.fillers) or 'nobody is known'}")
    for missing in gap.missing:
        for near in missing.nearest:
            lacks = ", ".join(forms.TITLES[lack.axis].lower() for lack in near.lacks)
            _line(f"  nearest in {missing.catalogue}: {near.title} (differs in: {lacks})")


def _line(text: str) -> None:
    out.print(text, highlight=False, markup=False)
