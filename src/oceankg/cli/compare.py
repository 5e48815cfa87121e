"""Commands that compare the catalogues."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from oceankg.cli.terminal import app, current, out, print_json
from oceankg.compare import Comparison, compare
from oceankg.read import load
from oceankg.resolve import Resolver
from oceankg.settings import Settings


@app.command(name="compare")
def compare_command(
    parameter: Annotated[str, typer.Argument(help="an essential variable, or any concept")],
    as_json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """List the products of both catalogues that measure a parameter."""
    comparison = compare(Resolver(load(current(Settings()))), parameter)
    if as_json:
        print_json(asdict(comparison))
    else:
        _print_comparison(comparison)


def _print_comparison(comparison: Comparison) -> None:
    out.print(f"{comparison.label} <{comparison.parameter}>", highlight=False, markup=False)
    for name, rows in comparison.catalogues.items():
        table = Table(
            "product", "title", "DOI", title=f"{name} ({len(rows)})", title_justify="left"
        )
        for row in rows:
            mark = "" if row.sure else "may: "
            table.add_row(row.product.id, mark + row.product.title, row.product.doi or "")
        out.print(table)
