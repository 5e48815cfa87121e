"""The command that tells where records lead."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from oceankg.cli.terminal import app, current, out, print_json
from oceankg.compare import redirects
from oceankg.compare.redirects import Answer, Choice, Filter, Redirects, Row
from oceankg.read import load
from oceankg.settings import Settings


class RedirectsForm(StrEnum):
    """How the redirects are printed; `tsv` is SSSOM."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    MARKDOWN = "markdown"
    NGINX = "nginx"


@app.command(name="redirects")
def redirects_command(
    record: Annotated[
        str | None, typer.Argument(help="an identifier, IRI, UUID or DOI; all records without")
    ] = None,
    catalogue: Annotated[str | None, typer.Option(help="whose records; all but cmems")] = None,
    role: Annotated[str | None, typer.Option(help="only this, such as derived-from")] = None,
    confidence: Annotated[float, typer.Option(min=0, max=1, help="the least")] = 0.0,
    weak: Annotated[bool, typer.Option("--weak", help="also what does not lead on")] = False,
    form: Annotated[RedirectsForm, typer.Option(help="how to print it")] = RedirectsForm.TABLE,
) -> None:
    """Say which record of a catalogue leads to which product of the other, and why."""
    known = Redirects(load(current(Settings())))
    rows = known.table(Filter(catalogue, role, confidence, weak))
    if record is not None:
        found = known.answer(record)
        if form is RedirectsForm.JSON:
            print_json(asdict(found))
            return
        if form is RedirectsForm.TABLE:
            _print_answer(found)
            return
        every = known.table(Filter(found.catalogue, role, confidence, weak))
        rows = tuple(row for row in every if row.record_iri == found.iri)
    _print_rows(known, rows, form)


def _print_rows(known: Redirects, rows: tuple[Row, ...], form: RedirectsForm) -> None:
    if form is RedirectsForm.TABLE:
        table = Table(
            "record", "role", "product", "confidence", Column("evidence", overflow="fold")
        )
        for row in rows:
            said = "denied: " * row.denied + row.role
            table.add_row(
                *map(Text, (row.record, said, row.product, f"{row.confidence:.2f}", row.evidence))
            )
        out.print(table)
    elif form is RedirectsForm.JSON:
        print_json([asdict(row) for row in rows])
    elif form is RedirectsForm.CSV:
        sys.stdout.write(redirects.as_csv(rows))
    elif form is RedirectsForm.TSV:
        sys.stdout.write(redirects.as_sssom(rows))
    elif form is RedirectsForm.MARKDOWN:
        sys.stdout.write(redirects.as_markdown(rows))
    else:
        sys.stdout.write(redirects.as_nginx(rows, known.answer))


def _print_answer(found: Answer) -> None:
    out.print(f"{found.id}: {found.title}", highlight=False, markup=False)
    out.print(f"answers {found.status}", highlight=False)
    for heading, choices in (
        ("leads to", found.targets),
        ("also related", found.others),
        ("too weak, or denied", found.weak),
    ):
        for choice in choices:
            out.print(f"{heading}: {_told(choice)}", highlight=False, markup=False)
            for piece in choice.evidence:
                out.print(f"  {piece.label}: {piece.value}", highlight=False, markup=False)
    for piece in found.evidence:
        doubt = f" (doubtful: {piece.doubt})" if piece.doubt else ""
        out.print(f"{piece.label}: {piece.value}{doubt}", highlight=False, markup=False)


def _told(choice: Choice) -> str:
    said = "denied: " * choice.denied + choice.label
    return f"{said} {choice.id} ({choice.confidence:.2f}) {choice.url or choice.iri}"
