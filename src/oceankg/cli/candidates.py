"""Commands about candidates and what products add."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.table import Column, Table
from rich.text import Text

from oceankg.cli.terminal import app, current, out
from oceankg.compare import added, candidates
from oceankg.compare.added import Findings
from oceankg.compare.candidates import Listing, Wanted
from oceankg.compare.criteria import CRITERIA
from oceankg.compare.recipes import Recipe, get_recipe, read_recipe
from oceankg.read import ReadModel, load
from oceankg.resolve import Resolver
from oceankg.settings import Settings

_SHORT = {"met": "met", "not met": "not", "unknown": "?"}


class CandidatesForm(StrEnum):
    """How candidates are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class AddedForm(StrEnum):
    """How value added is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command(name="candidates")
def candidates_command(
    recipe: Annotated[
        str | None, typer.Option(help="a recipe's name, or its file; by title if none")
    ] = None,
    variable: Annotated[
        str | None, typer.Option(help="only those of this essential variable")
    ] = None,
    criterion: Annotated[
        list[str] | None,
        typer.Option(help="only those that meet it; also length:unknown, length:not-met"),
    ] = None,
    product: Annotated[str | None, typer.Option(help="only this one, with its evidence")] = None,
    form: Annotated[CandidatesForm, typer.Option(help="how to print it")] = CandidatesForm.TABLE,
) -> None:
    """List the products of ODATIS that CMEMS does not have, criterion by criterion."""
    settings = Settings()
    # Read before the graph, so that a broken recipe is refused at once.
    chosen = _recipe(recipe, settings) if recipe else None
    outcomes = candidates.read_outcomes(criterion or ())
    model = load(current(settings))
    iri = added.essential(Resolver(model), variable) if variable else None
    found = candidates.listing(model, chosen, Wanted(iri, outcomes))
    if product:
        found = replace(found, candidates=(candidates.find(found.candidates, model, product),))
    _print(found, form, evidence=product is not None)


def _recipe(name: str, settings: Settings) -> Recipe:
    """A recipe by its name, or from a file: what has a suffix or a slash is a file."""
    path = Path(name)
    is_file = path.suffix == ".toml" or len(path.parts) > 1
    return read_recipe(path) if is_file else get_recipe(name, settings.data)


def _print(found: Listing, form: CandidatesForm, *, evidence: bool) -> None:
    match form:
        case CandidatesForm.JSON:
            _write_json(TypeAdapter(Listing).dump_json(found, indent=1))
        case CandidatesForm.CSV:
            _write_csv((candidates.columns(), *candidates.rows(found.candidates)))
        case CandidatesForm.MARKDOWN:
            sys.stdout.write(candidates.markdown(found))
        case CandidatesForm.TABLE if evidence:
            _print_sheet(found)
        case CandidatesForm.TABLE:
            _print_table(found)


def _print_table(found: Listing) -> None:
    out.print(candidates.order_of(found), highlight=False, markup=False)
    names = (Column(name, overflow="fold") for name in CRITERIA)
    table = Table("rank", "score", Column("product", overflow="fold"), *names)
    for one in found.candidates:
        s = one.score
        score = f"{s.value:.2f} ({s.least:.2f} to {s.most:.2f})" if s else ""
        outcomes = (_SHORT[r.outcome] for r in one.results.values())
        table.add_row(
            *map(Text, (str(one.rank or ""), score, f"{one.title} ({one.id})", *outcomes))
        )
    out.print(table)
    out.print(f"{len(found.held)} more are in CMEMS already", highlight=False)


def _print_sheet(found: Listing) -> None:
    out.print(candidates.order_of(found), highlight=False, markup=False)
    for one in found.candidates:
        place = f", place {one.rank}" if one.rank else ""
        out.print(f"{one.title} ({one.id}){place}", highlight=False, markup=False)
        table = Table("criterion", "answer", "value", Column("evidence", overflow="fold"))
        for question in found.criteria:
            result = one.results[question.name]
            evidence = "\n".join(
                f"{e.property} {e.value}: {e.basis} <{e.source}>".strip() for e in result.evidence
            )
            cells = (question.label, result.outcome, result.value, evidence)
            table.add_row(*map(Text, cells))
        out.print(table)


@app.command(name="value-added")
def value_added_command(
    product: Annotated[
        str | None, typer.Argument(help="a product, by its identifier or IRI")
    ] = None,
    variable: Annotated[
        str | None, typer.Option(help="all products of this essential variable")
    ] = None,
    direction: Annotated[
        str | None, typer.Option(help="only odatis or cmems; with --variable")
    ] = None,
    form: Annotated[AddedForm, typer.Option(help="how to print it")] = AddedForm.TABLE,
) -> None:
    """Say what a product has that no product of the other catalogue has."""
    if (product is None) == (variable is None):
        raise typer.BadParameter("name a product, or a variable with --variable")
    if direction not in (None, *added.OTHER):
        raise typer.BadParameter(f"--direction is one of {', '.join(added.OTHER)}")
    model = load(current(Settings()))
    if product is not None:
        found = added.of_product(model, product)
    else:
        iri = added.essential(Resolver(model), variable or "")
        found = added.of_variable(model, iri, direction)
    _print_added(found, model, form)


def _print_added(found: Findings, model: ReadModel, form: AddedForm) -> None:
    if form is AddedForm.JSON:
        _write_json(TypeAdapter(Findings).dump_json(found, indent=1))
        return
    rows = added.rows(found.products, model)
    if form is AddedForm.CSV:
        _write_csv((added.COLUMNS, *rows))
        return
    shown = ("title", "variable_label", "scope", "finding", "attribute", "value", "best_of_others")
    table = Table(*(Column(name, overflow="fold") for name in shown))
    for row in rows:
        record = dict(zip(added.COLUMNS, row, strict=True))
        table.add_row(*(Text(record[name]) for name in shown))
    out.print(table if table.row_count else "nothing that no other product is known to have")


def _write_json(content: bytes) -> None:
    sys.stdout.write(content.decode() + "\n")


def _write_csv(rows: Iterable[Sequence[str]]) -> None:
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
