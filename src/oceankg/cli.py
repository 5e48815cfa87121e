"""The command line: `oceankg harvest | build | publish | serve | query | resolve | …`.

Exit codes: 0 done; 1 refused or failed, with the reason; 2 wrong usage; 3 done, but a source or
mapping set was left out or kept stale, with the reason.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from oceankg import (
    __version__,
    annotate,
    build,
    changelog,
    check,
    gather,
    headers,
    impact,
    patch,
    queries,
    sources,
)
from oceankg.compare import Comparison, compare
from oceankg.errors import OceankgError, ShapesError
from oceankg.harvest import Harvest
from oceankg.headers import apart
from oceankg.http import Client
from oceankg.querypool import Job, Limits, QueryPool
from oceankg.read import load
from oceankg.releases import FORMATS, read_release
from oceankg.resolve import Resolver, Term
from oceankg.search import Found, Query, Search
from oceankg.settings import Settings
from oceankg.starter_graph import write_starter
from oceankg.store import Snapshot, Snapshots
from oceankg.text import visible

LEFT_OUT = 3


app = typer.Typer(
    help="A knowledge graph and semantic vocabulary service for the ocean.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)


def main() -> None:
    """Run the command line; every error of ours is one message and exit code 1."""
    try:
        app()
    except ShapesError as error:
        err.print(f"[red]refused:[/] {error}", highlight=False)
        err.print(error.report, markup=False, highlight=False)
        sys.exit(1)
    except ValidationError as error:
        for fault in error.errors():
            name = f"OCEANKG_{'_'.join(map(str, fault['loc'])).upper()}"
            err.print(f"error: {name}: {fault['msg']}", markup=False, highlight=False)
        sys.exit(1)
    except (OceankgError, OSError) as error:
        # An OSError is the disk's: full, read-only, not ours.
        err.print("[red]error:[/]", end=" ")
        err.print(str(error), markup=False, highlight=False)
        sys.exit(1)


@contextmanager
def _progress() -> Iterator[gather.Progress]:
    """A line on the terminal that says what is being done; plain lines when there is none."""
    if not err.is_terminal:
        yield lambda text: err.print(text, highlight=False)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda text: bar.update(task, description=text)


def _complain(complaints: tuple[str, ...]) -> None:
    for complaint in complaints:
        err.print("[yellow]left out:[/]", end=" ")
        err.print(complaint, markup=False, highlight=False)
    if complaints:
        raise typer.Exit(LEFT_OUT)


def _current(settings: Settings) -> Snapshot:
    """The snapshot in service; the starter graph is built when there is none yet."""
    snapshots = Snapshots(settings.data)
    current = snapshots.current()
    if current is None:
        err.print("no snapshot yet: building the starter graph", highlight=False)
        with _progress() as progress:
            current = build.build(snapshots, keep=settings.keep, progress=progress).snapshot
    return current


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
        list[Path] | None, typer.Option("--file", help="add a SKOS or SSSOM file of your own")
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
    with _progress() as progress, Client(settings.contact) as client:
        for own in file or ():
            complaints += _attempt(partial(gather.add_file, store, own), own.name)
        for address in url or ():
            progress(f"fetching {address}")
            complaints += _attempt(partial(gather.add_url, store, address, client), address)
        for source in chosen:
            progress(f"harvesting {source.id}")
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
    _complain(tuple(complaints))


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
    with _progress() as progress:
        built = build.build(
            snapshots,
            recordings=folder,
            publish=publish_it,
            keep=settings.keep,
            progress=progress,
        )
    _print_report(built.snapshot)
    _complain(built.complaints)


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
    with _progress() as progress:
        counts = write_starter(folder, to, progress)
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
    _current(settings)
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port)


@app.command()
def query(
    text: Annotated[str, typer.Argument(help="a file, the name of a query, or '-' for input")],
    bind: Annotated[
        list[str] | None, typer.Option("--bind", help="name=IRI, for a named query's parameter")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="media type of a table of results")
    ] = "text/csv",
) -> None:
    """Answer a SPARQL query from the snapshot in service."""
    settings = Settings()
    bindings = _bindings(bind or [])
    limits = Limits.of(settings)
    job = Job(_query_text(text), select=form, bindings=bindings)
    pool = QueryPool(_current(settings).store_path, 1, limits)
    try:
        answer = pool.run(job)
    finally:
        pool.close()
    sys.stdout.buffer.write(answer.content)
    sys.stdout.buffer.flush()


def _bindings(pairs: list[str]) -> dict[str, str]:
    found = [pair.partition("=") for pair in pairs]
    wrong = next((pair for pair, sign, _ in found if not sign), None)
    if wrong is not None:
        raise typer.BadParameter(f"{wrong}: write name=IRI")
    return {name: value for name, _, value in found}


def _query_text(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if text in queries.all_queries():
        return queries.get(text).text
    try:
        return Path(text).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(q.name for q in queries.examples())
        raise OceankgError(
            f"{text}: neither a readable file nor the name of a query; known: {known}"
        ) from error


@app.command()
def resolve(
    terms: Annotated[list[str], typer.Argument(help="IRIs, codes, names or labels")],
    units: Annotated[str | None, typer.Option(help="the unit, as CF, UCUM or P06 write it")] = None,
    long_name: Annotated[str | None, typer.Option(help="the long name")] = None,
    standard_name: Annotated[str | None, typer.Option(help="the CF standard name")] = None,
    depth: Annotated[float | None, typer.Option(help="in metres")] = None,
    platform: Annotated[str | None, typer.Option(help="what carries the instrument")] = None,
    vocabulary: Annotated[str | None, typer.Option(help="only this list, such as P02")] = None,
    language: Annotated[str, typer.Option(help="language of the labels")] = "en",
) -> None:
    """Say what terms mean, which essential variable they serve, and why; as JSON."""
    resolver = Resolver(load(_current(Settings())))
    asked = Term(
        "",
        units=units,
        long_name=long_name,
        standard_name=standard_name,
        vocabulary=vocabulary,
        depth=depth,
        platform=platform,
        language=language,
    )
    found = resolver.resolve_many([replace(asked, q=term) for term in terms])
    _json({"results": [asdict(resolution) for resolution in found]})
    if not all(resolution.candidates for resolution in found):
        raise typer.Exit(1)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="a label, code or title, or its beginning")],
    vocabulary: Annotated[list[str] | None, typer.Option(help="only this list: P01, CF …")] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--type", help="only concept, word, product, centre …")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="only labels in it")] = None,
    deprecated: Annotated[bool, typer.Option("--deprecated", help="deprecated ones too")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """Find concepts, products and agents by label, code or title; typing errors are forgiven."""
    found = Search(load(_current(Settings()))).find(
        Query(
            text,
            vocabularies=tuple(vocabulary or ()),
            types=tuple(kind or ()),
            languages=tuple(language or ()),
            deprecated=None if deprecated else False,
            limit=limit,
        )
    )
    if as_json:
        _json(asdict(found))
    else:
        _print_found(found)
    if not found.hits:
        raise typer.Exit(1)


def _print_found(found: Found) -> None:
    table = Table("name", "type", "vocabulary", "found by", "uses")
    for hit in found.hits:
        table.add_row(
            Text(hit.label), hit.type, hit.vocabulary, Text(hit.matched_text), str(hit.uses)
        )
    out.print(table)
    out.print(f"{len(found.hits)} of {found.total}", highlight=False)


@app.command(name="compare")
def compare_command(
    parameter: Annotated[str, typer.Argument(help="an essential variable, or any concept")],
    as_json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """List the products of both catalogues that measure a parameter."""
    comparison = compare(Resolver(load(_current(Settings()))), parameter)
    if as_json:
        _json(asdict(comparison))
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


def _json(content: Any) -> None:  # noqa: ANN401  (anything that is JSON)
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


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
        impact.holdings(_current(settings).open()),
        alike=before.format == after.format,
        notes=tuple(dict.fromkeys(notes)),
    )
    return impact.Report(str(old), str(new), (vocabulary,))


def _print_changes(report: impact.Report, form: ChangesForm) -> None:
    if form is ChangesForm.JSON:
        _json(changelog.as_json(report))
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
    found = annotate.annotate(Resolver(load(_current(settings))), header, file.name)
    if form is AnnotatedForm.table:
        _print_annotated(found)
    elif form is AnnotatedForm.json:
        _json(asdict(found))
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


@app.command(name="check")
def check_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="RDF or SSSOM files; the snapshot when none")
    ] = None,
) -> None:
    """Check files before they are brought in, or the snapshot in service against the shapes."""
    if not files:
        with _progress() as progress:
            progress("validating with SHACL")
            check.check_snapshot(_current(Settings()))
        out.print("the snapshot in service keeps to its shapes", highlight=False)
        return
    faults = [fault for file in files if (fault := check.check_file(file))]
    for fault in faults:
        err.print(fault, markup=False, highlight=False)
    out.print(f"{len(files) - len(faults)} of {len(files)} files are sound", highlight=False)
    if faults:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
