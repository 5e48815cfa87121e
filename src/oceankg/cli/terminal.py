"""What all commands share: the application, the terminal, progress, the snapshot in service."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from oceankg import build, gather
from oceankg.settings import Settings
from oceankg.store import Snapshot, Snapshots

LEFT_OUT = 3

app = typer.Typer(
    help="A knowledge graph and semantic vocabulary service for the ocean.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


@contextmanager
def progress() -> Iterator[gather.Progress]:
    """A line on the terminal that says what is being done; plain lines when there is none."""
    if not err.is_terminal:
        yield lambda text: err.print(text, highlight=False)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda text: bar.update(task, description=text)


def complain(complaints: Iterable[str]) -> None:
    """Print what was left out; end with the exit code that says so when there is anything."""
    complaints = tuple(complaints)
    for complaint in complaints:
        err.print("[yellow]left out:[/]", end=" ")
        err.print(complaint, markup=False, highlight=False)
    if complaints:
        raise typer.Exit(LEFT_OUT)


def current(settings: Settings) -> Snapshot:
    """The snapshot in service; the starter graph is built when there is none yet."""
    snapshots = Snapshots(settings.data)
    found = snapshots.current()
    if found is None:
        err.print("no snapshot yet: building the starter graph", highlight=False)
        with progress() as say:
            found = build.build(snapshots, keep=settings.keep, progress=say).snapshot
    return found


def print_json(content: Any) -> None:  # noqa: ANN401  (anything that is JSON)
    """Print a value as JSON, as it is, whatever the terminal."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
