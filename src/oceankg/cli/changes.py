"""The command that tells how releases differ."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from oceankg import changelog, impact
from oceankg.cli.terminal import app, current, out, print_json
from oceankg.releases import FORMATS, read_release
from oceankg.settings import Settings
from oceankg.store import Snapshots


class ChangesForm(StrEnum):
    """How the changes are printed."""

    TABLE = "table"
    JSON = "json"
    TSV = "tsv"
    MARKDOWN = "markdown"


@app.command()
def changes(
    old: Annotated[str, typer.Argument(help="a file, a folder of pages, or a snapshot")],
    new: Annotated[str, typer.Argument(help="the same, later")],
    of_snapshots: Annotated[
        bool, typer.Option("--snapshots", help="compare two snapshots of the data folder")
    ] = False,
    vocabulary: Annotated[str | None, typer.Option(help="only this list, such as P02")] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"reader of both, when not told by the content ({', '.join(FORMATS)})"
        ),
    ] = None,
    form: Annotated[ChangesForm, typer.Option(help="how to print it")] = ChangesForm.TABLE,
) -> None:
    """Say how two releases of a vocabulary differ, and which mappings and products that touches."""
    settings = Settings()
    if of_snapshots:
        snapshots = Snapshots(settings.data)
        report = impact.between(snapshots.get(old), snapshots.get(new), vocabulary)
    else:
        report = _of_files(Path(old), Path(new), format_, vocabulary, settings)
    _print_changes(report, form)


def _of_files(
    old: Path, new: Path, format_: str | None, collection: str | None, settings: Settings
) -> impact.Report:
    """The report on two releases from files, with what they touch in the snapshot in service."""
    before, after = (
        read_release(path, format_=format_, collection=collection) for path in (old, new)
    )
    notes = [read.note for read in (before, after) if read.note]
    vocabulary = impact.compared(
        new.stem,
        after.release.title or before.release.title or new.stem,
        (before.release, after.release),
        impact.holdings(current(settings).open()),
        alike=before.format == after.format,
        notes=tuple(dict.fromkeys(notes)),
    )
    return impact.Report(str(old), str(new), (vocabulary,))


def _print_changes(report: impact.Report, form: ChangesForm) -> None:
    if form is ChangesForm.JSON:
        print_json(changelog.as_json(report))
        return
    if form is ChangesForm.TSV:
        writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
        writer.writerows((changelog.COLUMNS, *changelog.table(report)))
        return
    if not report.vocabularies:
        out.print("nothing changed", highlight=False)
    for vocabulary in report.vocabularies:
        if form is ChangesForm.MARKDOWN:
            sys.stdout.write(changelog.markdown(vocabulary))
        else:
            _print_vocabulary(vocabulary)


def _print_vocabulary(vocabulary: impact.Vocabulary) -> None:
    for line in changelog.summary(vocabulary):
        out.print(line, highlight=False, markup=False)
    table = Table(*(Column(name, overflow="fold") for name in changelog.BRIEF_COLUMNS))
    for row in changelog.brief(vocabulary):
        table.add_row(*map(Text, row))
    if table.row_count:
        out.print(table)
