"""Commands that make the graph, check it and serve it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from oceankg import __version__, build, check, gather, sources
from oceankg.cli.terminal import app, complain, current, err, out, progress
from oceankg.errors import OceankgError
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.settings import Settings
from oceankg.starter_graph import write_starter
from oceankg.store import Snapshot, Snapshots


@app.command()
def version() -> None:
    """Print the version."""
    out.print(__version__, highlight=False)


@app.command()
def harvest(
    names: Annotated[list[str] | None, typer.Argument(help="sources; all when none")] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="take recorded files from a folder", file_okay=False),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", help="add a SKOS, SSSOM, DCAT or `describe` file of your own"),
    ] = None,
    url: Annotated[
        list[str] | None, typer.Option("--url", help="add a SKOS or SSSOM file at an address")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help=f"how to ask: {', '.join(sources.WAYS)}; the first one if none"),
    ] = None,
) -> None:
    """Bring in recordings: live from the authorities, from a folder, or files of your own."""
    settings = Settings()
    store = Harvest(settings.data)
    way = _way(by)
    complaints: list[str] = []
    chosen = _chosen(names) if names or not (file or url) else ()
    with progress() as say, Client(settings.contact) as client:
        for own in file or ():
            complaints += _attempt(partial(gather.add_file, store, own), own.name)
        for address in url or ():
            say(f"fetching {address}")
            complaints += _attempt(partial(gather.add_url, store, address, client), address)
        for source in chosen:
            say(f"harvesting {source.id}")
            if folder is not None and not source.recorded:
                err.print(f"{source.id}: it has no recordings; leave out --from", highlight=False)
                continue
            if folder is not None:
                step: Callable[[], object] = partial(store.copy, source, folder)
            elif source.live:
                step = partial(store.fetch, source, client, way)
            else:
                err.print(f"{source.id}: no address to fetch from yet; use --from", highlight=False)
                continue
            complaints += _attempt(step, source.id)
    complain(complaints)


def _way(by: str | None) -> sources.Way | None:
    if by is None:
        return None
    found = next((way for way in sources.WAYS if way == by), None)
    if found is None:
        raise typer.BadParameter(f"no way {by}; known: {', '.join(sources.WAYS)}")
    return found


def _attempt(step: Callable[[], object], name: str) -> list[str]:
    try:
        step()
    except OceankgError as error:
        return [str(error)]
    err.print(f"harvested {name}", highlight=False)
    return []


def _chosen(names: list[str] | None) -> tuple[sources.Source, ...]:
    known = sources.all_sources()
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise typer.BadParameter(f"no source {unknown[0]}; known: {', '.join(known)}")
    return tuple(known[name] for name in names or known)


@app.command(name="build")
def build_command(
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="read every source from a folder of recordings"),
    ] = None,
    publish_it: Annotated[
        bool, typer.Option("--publish/--no-publish", help="put the snapshot in service")
    ] = True,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="do nothing when a snapshot is in service")
    ] = False,
) -> None:
    """Build a snapshot: read, link, validate with SHACL, settle; refuse a graph that is broken."""
    settings = Settings()
    snapshots = Snapshots(settings.data)
    if if_missing and snapshots.current() is not None:
        return
    with progress() as say:
        built = build.build(
            snapshots,
            recordings=folder,
            publish=publish_it,
            keep=settings.keep,
            progress=say,
        )
    _print_report(built.snapshot)
    complain(built.complaints)


def _print_report(snapshot: Snapshot) -> None:
    manifest, report = snapshot.manifest(), snapshot.report()
    out.print(f"snapshot {snapshot.id}: {manifest['triples']:,} triples", highlight=False)
    for name, count in report["catalogues"].items():
        figures = ", ".join(f"{number} {what}" for what, number in count.items())
        out.print(f"{name.rsplit('/', 1)[-1]}: {figures}", highlight=False)
    out.print(
        f"{len(report['left_out'])} records left out and "
        f"{len(report['products_without_essential_variable'])} products without a stated "
        f"essential variable are listed in {snapshot.folder / 'report.json'}",
        highlight=False,
    )


@app.command()
def starter(
    folder: Annotated[Path, typer.Option("--from", help="folder of recordings")],
    to: Annotated[Path, typer.Option("--to", help="folder to write")],
) -> None:
    """Write the starter graph anew from recorded bytes; the same bytes on each run."""
    with progress() as say:
        counts = write_starter(folder, to, say)
    for name, count in counts.items():
        out.print(f"{name}: {count:,} triples", highlight=False)


@app.command()
def publish(
    snapshot: Annotated[str | None, typer.Argument(help="the snapshot; the newest if none")] = None,
) -> None:
    """Put a snapshot in service: a newer one, or an older one to go back to."""
    snapshots = Snapshots(Settings().data)
    every = snapshots.all()
    if snapshot is None and not every:
        raise OceankgError("there is no snapshot; run: oceankg build")
    chosen = snapshots.get(snapshot) if snapshot else every[-1]
    snapshots.publish(chosen)
    out.print(f"in service: {chosen.id}", highlight=False)


@app.command()
def serve() -> None:
    """Serve the graph; builds the starter graph first when there is no snapshot."""
    import uvicorn

    from oceankg.app import create_app

    settings = Settings()
    current(settings)
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port)


@app.command(name="check")
def check_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="RDF, SSSOM or `describe` files; the snapshot when none"),
    ] = None,
) -> None:
    """Check files before they are brought in, or the snapshot in service against the shapes."""
    if not files:
        with progress() as say:
            say("validating with SHACL")
            check.check_snapshot(current(Settings()))
        out.print("the snapshot in service keeps to its shapes", highlight=False)
        return
    faults = [fault for file in files if (fault := check.check_file(file))]
    for fault in faults:
        err.print(fault, markup=False, highlight=False)
    out.print(f"{len(files) - len(faults)} of {len(files)} files are sound", highlight=False)
    if faults:
        raise typer.Exit(1)
