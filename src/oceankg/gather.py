"""Gathering: every source as a `Part`, from a folder, as harvested, or as in the starter graph.

A source whose recordings are broken is not a part of anything: its last good part is kept and
marked stale; where there is none, the starter's stands in, or it is absent. The part says so.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Triple

from oceankg import ids, rdf, sources, sssom
from oceankg.errors import FetchError, MappingError, SourceError
from oceankg.harvest import Harvest, bounded, digest, from_folder
from oceankg.http import Client
from oceankg.model import LeftOut, Recording
from oceankg.resources import all_files, folder
from oceankg.sources import Place, Source, catalogue, dcat, describe_cmems, feeds
from oceankg.store import Snapshot

Progress = Callable[[str], None]
USER_PREFIX = "user-"
LEFT_OUT = "left-out.tsv"


@dataclass(frozen=True, slots=True)
class Part:
    """One named graph: a source's facts, where they came from, and what went wrong."""

    source: Source
    triples: tuple[Triple, ...]
    origin: str
    date: str = ""
    digest: str = ""
    left_out: tuple[LeftOut, ...] = ()
    stale: bool = False
    error: str = ""


def quiet(_: str) -> None:
    """Progress for those who do not watch."""


def starter_part(source: Source) -> Part:
    """A source as it comes with the package."""
    file = folder("starter") / f"{source.id}.ttl"
    index = json.loads((folder("starter") / "index.json").read_text("utf-8"))
    return Part(
        source,
        rdf.read(file.read_bytes(), file.name),
        "starter",
        digest=index[source.id]["recordings"],
        left_out=_starter_left_out().get(source.id, ()),
    )


@cache
def _starter_left_out() -> Mapping[str, tuple[LeftOut, ...]]:
    text = (folder("starter") / LEFT_OUT).read_text("utf-8")
    found: dict[str, list[LeftOut]] = defaultdict(list)
    for row in csv.DictReader(StringIO(text), delimiter="\t"):
        found[row["source"]].append(LeftOut(row["item"], row["reason"]))
    return {source: tuple(items) for source, items in found.items()}


def read_part(source: Source, recordings: Sequence[Recording], origin: str, date: str = "") -> Part:
    """A source from its recordings; raises SourceError, never half of it."""
    facts = [sources.read(recording) for recording in recordings]
    told_whole = [f for f, r in zip(facts, recordings, strict=True) if not r.update]
    triples = tuple(dict.fromkeys(t for f in told_whole for t in f.triples))
    for news, recording in zip(facts, recordings, strict=True):
        if recording.update:
            triples = feeds.renewed(triples, news.triples, recording.update)
    settled = catalogue.settled(triples)
    return Part(
        source,
        settled.triples,
        origin,
        date,
        digest(r.content for r in recordings),
        tuple(item for f in (*facts, settled) for item in f.left_out),
    )


def last_good(source: Source, snapshot: Snapshot | None, error: str) -> Part:
    """What the snapshot in service holds of a source, else the starter's, marked stale."""
    triples: tuple[Triple, ...] = ()
    if snapshot is not None:
        graph = NamedNode(ids.graph(source.id))
        store = snapshot.open()
        triples = tuple(q.triple for q in store.quads_for_pattern(None, None, None, graph))
    if triples:
        return Part(source, triples, "last good", stale=True, error=error)
    if source.keep != "none" and not source.id.startswith(USER_PREFIX):
        return replace(starter_part(source), stale=True, error=error)
    return Part(source, (), "absent", stale=True, error=error)


def user_source(source_id: str) -> Source:
    """The entry of a file that a user brought; every SKOS link upwards is followed in it."""
    return Source(
        id=source_id,
        title=source_id.removeprefix(USER_PREFIX),
        homepage="",
        licence="",
        attribution="",
        climb=(
            "owl:sameAs",
            "skos:exactMatch",
            "skos:closeMatch",
            "skos:broadMatch",
            "skos:broader",
            "skos:narrowMatch",
            "skos:narrower",
        ),
    )


def add_file(harvest: Harvest, file: Path) -> None:
    """Take a user's own file, told by its content.

    It is a mapping set in SSSOM/TSV, an answer of ``copernicusmarine describe``, a catalogue in
    DCAT, or else a SKOS vocabulary.
    """
    try:
        if file.name.lower().endswith(".tsv"):
            harvest.add_mappings(bounded(file), mapping_file(file.name))
        else:
            format_ = format_of(bounded(file), file.name)
            harvest.add(file, USER_PREFIX + ids.slug(file.name), format_)
    except OSError as error:
        raise FetchError(f"{file}: {error.strerror}") from error


def format_of(content: bytes, name: str) -> str:
    """The reader that takes a user's own file, told by its content."""
    if describe_cmems.is_describe(content):
        return "cmems-describe"
    return "dcat" if dcat.is_dcat(content, name) else "skos"


def add_url(harvest: Harvest, url: str, client: Client) -> None:
    """Take a user's own file from an address; again only when it changed."""
    path = urlsplit(url).path.rstrip("/")
    if path.lower().endswith(".tsv"):
        harvest.add_mappings(client.get(url).content, mapping_file(path.rsplit("/", 1)[-1]))
        return
    source = user_source(USER_PREFIX + ids.slug(re.sub(r"\W+", "-", urlsplit(url).netloc + path)))
    harvest.fetch(replace(source, live=(Place(url, "skos"),)), client)


def mapping_file(name: str) -> str:
    """The name under which a user's mapping set is kept; it begins so that all see whose it is."""
    stem = re.sub(r"(\.sssom)?\.tsv$", "", name, flags=re.IGNORECASE)
    return f"{USER_PREFIX}{ids.slug(stem)}.sssom.tsv"


def gather(
    harvest: Harvest,
    recordings: Path | None,
    current: Snapshot | None,
    progress: Progress = quiet,
) -> list[Part]:
    """Every source: from a folder of recordings, else as harvested, else as in the starter."""
    entries = dict(sources.all_sources())
    entries |= {i: user_source(i) for i in harvest.sources() if i not in entries}
    parts = []
    for source in entries.values():
        progress(f"reading {source.id}")
        try:
            part = _gather_one(source, harvest, recordings)
        except SourceError as error:
            part = last_good(source, current, str(error))
        if part is not None:
            parts.append(part)
    return parts


def _gather_one(source: Source, harvest: Harvest, recordings: Path | None) -> Part | None:
    if recordings is not None and source.recorded:
        return read_part(source, from_folder(source, recordings), "recorded")
    if (harvested := harvest.get(source.id)) is not None:
        return read_part(source, harvested.recordings, "harvested", harvested.fetched)
    return starter_part(source) if source.keep != "none" else None


def read_mapping_sets(files: Iterable[Path]) -> tuple[list[sssom.MappingSet], list[str]]:
    """All mapping sets that can be read, and the complaints about those that cannot."""
    good, complaints = [], []
    for file in files:
        try:
            good.append(sssom.read(file.read_bytes(), file.name))
        except MappingError as error:
            complaints.append(str(error))
    return good, complaints


def ontology_triples() -> list[Triple]:
    """Our own terms and the organisations and facets that come with the package."""
    files = (p for p in all_files("ontologies", "*.ttl") if p.parent.name != "shapes")
    return [t for file in files for t in rdf.read(file.read_bytes(), file.name)]
