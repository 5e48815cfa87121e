"""Build: read every source, link, derive, validate, and settle a snapshot, or refuse.

A source whose recordings are broken leaves nothing in the store: its last good part is kept and
marked stale, or, where there is none, it is absent; the report says so. A graph that breaks the
SHACL shapes is refused as a whole, and the snapshot in service stays.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from oceankg import __version__, climb, ids, link, rdf, shapes, sources, sssom
from oceankg.errors import MappingError, OceankgError, SourceError
from oceankg.harvest import Harvest, digest, from_folder
from oceankg.model import LeftOut, Recording
from oceankg.namespaces import BIBO, DCAT, DCT, OKG, PREFIXES, RDF, SKOS, VOID, XSD
from oceankg.rdf import text_of
from oceankg.resources import all_files, folder
from oceankg.sources import Source
from oceankg.store import Snapshot, Snapshots
from oceankg.text import fold

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


@dataclass
class Linked:
    """What linking found: more triples by graph, and the report's figures."""

    triples: dict[str, list[Triple]] = field(default_factory=lambda: defaultdict(list))
    unreached: list[dict[str, Any]] = field(default_factory=list)
    catalogues: dict[str, dict[str, int]] = field(default_factory=dict)


def quiet(_: str) -> None:
    """Progress for those who do not watch."""


# ------------------------------------------------------------------ the sources


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
    return Part(
        source,
        tuple(dict.fromkeys(t for f in facts for t in f.triples)),
        origin,
        date,
        digest(r.content for r in recordings),
        tuple(item for f in facts for item in f.left_out),
    )


def last_good(source: Source, snapshot: Snapshot | None, error: str) -> Part:
    """What the snapshot in service holds of a source, marked stale."""
    triples: tuple[Triple, ...] = ()
    if snapshot is not None:
        graph = NamedNode(ids.graph(source.id))
        store = snapshot.open()
        triples = tuple(q.triple for q in store.quads_for_pattern(None, None, None, graph))
    return Part(source, triples, "last good" if triples else "absent", stale=True, error=error)


def user_source(source_id: str) -> Source:
    """The entry of a file that a user brought; all of SKOS leads onward in it."""
    return Source(
        id=source_id,
        title=source_id.removeprefix(USER_PREFIX),
        homepage="",
        licence="",
        attribution="",
        climb=("skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:broader"),
    )


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
            parts.append(_gather_one(source, harvest, recordings))
        except SourceError as error:
            parts.append(last_good(source, current, str(error)))
    return parts


def _gather_one(source: Source, harvest: Harvest, recordings: Path | None) -> Part:
    if recordings is not None and source.recorded:
        return read_part(source, from_folder(source, recordings), "recorded")
    if (harvested := harvest.get(source.id)) is not None:
        return read_part(source, harvested.recordings, "harvested", harvested.fetched)
    return starter_part(source)


def read_mapping_sets(files: Iterable[Path]) -> tuple[list[sssom.MappingSet], list[str]]:
    """All mapping sets that can be read, and the complaints about those that cannot."""
    good, complaints = [], []
    for file in files:
        try:
            good.append(sssom.read(file.read_bytes(), file.name))
        except MappingError as error:
            complaints.append(str(error))
    return good, complaints


# ------------------------------------------------------------------ linking


def link_all(parts: Sequence[Part], curated: Sequence[sssom.MappingSet]) -> Linked:
    """Everything that follows from the sources and the mapping sets together."""
    linked = Linked()
    facts = _Index.of(parts)
    automatic = _automatic_sets(facts, curated)
    for mapping_set in (*curated, *automatic):
        linked.triples[f"mappings-{mapping_set.id}"] += sssom.triples(mapping_set)
    graph = link.climb_with(facts.statements, (*curated, *automatic), facts.essential)
    derived = linked.triples["derived"]
    paths = {}
    for concept in sorted(facts.concepts | facts.words.keys()):
        paths[concept] = graph.paths(concept)
        derived += link.serves(concept, (p for p in paths[concept] if p.steps))
    reported = {c for named in facts.reports.values() for c in named}
    for concept in sorted(reported):
        for path in paths.get(concept) or graph.paths(concept):
            derived += link.path_triples(path)
    _link_products(linked, facts, graph, {c: paths.get(c, ()) for c in reported})
    linked.triples["related"] += link.shared_dois(facts.dois, facts.catalogue_of)
    return linked


def _link_products(
    linked: Linked,
    facts: _Index,
    graph: climb.ClimbGraph,
    paths: Mapping[str, tuple[climb.Path, ...]],
) -> None:
    derived = linked.triples["derived"]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for product, catalogue in sorted(facts.catalogue_of.items()):
        named = sorted(facts.reports.get(product, ()))
        found = [path for concept in named for path in paths[concept]]
        measured = sorted({m for concept in named for m in _measured(concept, graph)})
        derived += (Triple(NamedNode(product), OKG.measures, NamedNode(m)) for m in measured)
        derived += link.serves(product, found)
        sure = any(p.sure for p in found)
        count = counts[catalogue]
        count["products"] += 1
        count["with an ocean variable"] += bool(measured)
        count["reaching an essential variable"] += sure
        count["perhaps reaching one"] += bool(found) and not sure
        if not sure:
            linked.unreached.append(
                {
                    "product": product,
                    "catalogue": catalogue,
                    "variable": bool(measured),
                    "perhaps": sorted({p.end for p in found}),
                    "words": facts.keywords[product] or [facts.words.get(c, c) for c in named],
                }
            )
    linked.catalogues = {name: dict(count) for name, count in sorted(counts.items())}


def _measured(concept: str, graph: climb.ClimbGraph) -> Iterator[str]:
    """The vocabulary concepts that a reported concept was taken to mean."""
    if not concept.startswith(climb.WORD):
        yield concept
        return
    if concept in graph.edges:
        yield from graph.edges[concept]
    for statement, _ in graph.anchors.get(concept, ()):
        yield statement.object


# The vocabularies whose labels a word of a catalogue is compared with, if nobody decided it.
_LABELLED = (
    *map(ids.nvs_collection, ("EXV", "OD1", "P02", "A05")),
    "https://vocab.ifremer.fr/collection/odatis_variables/",
)


@dataclass
class _Index:
    """The sources' triples by what linking asks of them."""

    essential: set[str] = field(default_factory=set)
    concepts: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    cf: dict[str, str] = field(default_factory=dict)
    p07: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    reports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    dois: dict[str, str] = field(default_factory=dict)
    catalogue_of: dict[str, str] = field(default_factory=dict)
    statements: list[climb.Statement] = field(default_factory=list)

    @classmethod
    def of(cls, parts: Sequence[Part]) -> _Index:
        index = cls()
        for part in parts:
            followed = {_expand(name) for name in part.source.climb}
            graph = ids.graph(part.source.id)
            for triple in part.triples:
                index._take(triple)
                if triple.predicate.value in followed:
                    ends = (text_of(triple.subject), triple.predicate.value, text_of(triple.object))
                    index.statements.append(climb.Statement(*ends, graph))
        return index

    def _take(self, triple: Triple) -> None:
        subject, value = text_of(triple.subject), text_of(triple.object)
        match triple.predicate:
            case p if p == RDF.type and triple.object == SKOS.Concept:
                self._take_concept(subject)
            case p if p == SKOS.prefLabel:
                self._take_label(subject, value)
            case p if p == OKG.reports:
                self.reports[subject].add(value)
            case p if p == BIBO.doi:
                self.dois[subject] = value
            case p if p == DCAT.keyword:
                self.keywords[subject].append(value)
            case p if p == DCAT.dataset:
                self.catalogue_of[value] = subject

    def _take_concept(self, subject: str) -> None:
        if subject.startswith(climb.EXV):
            self.essential.add(subject)
        elif not subject.startswith(climb.WORD):
            self.concepts.add(subject)

    def _take_label(self, subject: str, label: str) -> None:
        if subject.startswith(climb.WORD):
            self.words[subject] = label
        elif subject.startswith(ids.CF_NAME):
            self.cf[label] = subject
        elif subject.startswith(ids.nvs_collection("P07")):
            self.p07[label] = subject
        elif subject.startswith(_LABELLED):
            self.labels.setdefault(fold(label), subject)


def _expand(curie: str) -> str:
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


def _automatic_sets(
    facts: _Index, curated: Sequence[sssom.MappingSet]
) -> tuple[sssom.MappingSet, ...]:
    decided = frozenset(m.subject for s in curated for m in s.mappings)
    labels = facts.labels | {fold(name): iri for name, iri in facts.cf.items()}
    sets = (
        link.same_name_links(facts.cf, facts.p07),
        link.word_links(facts.words, labels, decided),
    )
    return tuple(s for s in sets if s.mappings)


# ------------------------------------------------------------------ the snapshot


def ontology_triples() -> list[Triple]:
    """Our own terms and the organisations and facets that come with the package."""
    files = (p for p in all_files("ontologies", "*.ttl") if p.parent.name != "shapes")
    return [t for file in files for t in rdf.read(file.read_bytes(), file.name)]


def provenance(parts: Sequence[Part]) -> Iterator[Triple]:
    """Each named graph as a void:Dataset with title, licence, source and size."""
    for part in parts:
        me, source = NamedNode(ids.graph(part.source.id)), part.source
        yield Triple(me, RDF.type, VOID.Dataset)
        yield Triple(me, DCT.title, Literal(source.title, language="en"))
        if source.homepage:
            yield Triple(me, DCT.source, NamedNode(source.homepage))
        if source.licence.startswith("http"):
            yield Triple(me, DCT.license, NamedNode(source.licence))
        elif source.licence:
            yield Triple(me, DCT.rights, Literal(source.licence))
        if source.attribution:
            yield Triple(me, DCT.rightsHolder, Literal(source.attribution))
        if part.date:
            yield Triple(me, DCT.modified, Literal(part.date, datatype=XSD.dateTime))
        yield Triple(me, VOID.triples, Literal(len(part.triples)))
        for predicate in source.climb:
            yield Triple(me, OKG.climbs, NamedNode(_expand(predicate)))


def quads(parts: Sequence[Part], linked: Linked) -> Iterator[Quad]:
    """The whole graph, each triple in its named graph."""
    graphs: list[tuple[str, Iterable[Triple]]] = [(p.source.id, p.triples) for p in parts]
    graphs += linked.triples.items()
    graphs += [("ontology", ontology_triples()), ("provenance", provenance(parts))]
    for name, triples in graphs:
        graph = NamedNode(ids.graph(name))
        for triple in triples:
            yield Quad(triple.subject, triple.predicate, triple.object, graph)


@dataclass(frozen=True, slots=True)
class Built:
    """A settled snapshot, and the complaints about sources that were left out or kept stale."""

    snapshot: Snapshot
    complaints: tuple[str, ...]


def build(
    snapshots: Snapshots,
    *,
    recordings: Path | None = None,
    publish: bool = True,
    keep: int = 5,
    progress: Progress = quiet,
) -> Built:
    """Build a snapshot and put it in service.

    Raises ShapesError, with the report, when the graph breaks its shapes; then nothing changed.
    """
    parts = gather(Harvest(snapshots.data), recordings, _usable(snapshots), progress)
    user_sets = sorted((snapshots.data / "mappings").glob("*.sssom.tsv"))
    curated, complaints = read_mapping_sets([*all_files("mappings", "*.sssom.tsv"), *user_sets])
    progress("linking")
    linked = link_all(parts, curated)
    progress("validating with SHACL")
    shapes.validate(quads(parts, linked))
    complaints += [part.error for part in parts if part.error]
    with snapshots.staging() as staged:
        progress("writing the store")
        size = _write_store(staged / "store", quads(parts, linked))
        manifest = _manifest(parts, curated, size)
        _write_json(staged / "manifest.json", manifest)
        _write_json(staged / "report.json", _report(parts, linked, complaints))
        snapshot = snapshots.settle(staged, manifest["id"])
    if publish:
        snapshots.publish(snapshot)
        snapshots.prune(keep)
    return Built(snapshot, tuple(complaints))


def _usable(snapshots: Snapshots) -> Snapshot | None:
    try:
        return snapshots.current()
    except OceankgError:
        return None


def _write_store(path: Path, content: Iterable[Quad]) -> int:
    store = Store(str(path))
    store.bulk_extend(content)
    store.optimize()
    store.flush()
    return len(store)


def _manifest(
    parts: Sequence[Part], curated: Sequence[sssom.MappingSet], size: int
) -> dict[str, Any]:
    now = datetime.now(UTC)
    state = digest(
        [json.dumps([p.source.id, p.digest, len(p.triples)]).encode() for p in parts]
        + [repr(s).encode() for s in curated]
    )
    return {
        "id": f"{now:%Y%m%dT%H%M%S%f}-{state[:8]}",
        "created": now.isoformat(timespec="seconds"),
        "oceankg": __version__,
        "triples": size,
        "sources": [_source_entry(part) for part in parts],
        "mapping_sets": [
            {"id": s.id, "version": s.version, "mappings": len(s.mappings)} for s in curated
        ],
    }


def _source_entry(part: Part) -> dict[str, Any]:
    return {
        "id": part.source.id,
        "title": part.source.title,
        "licence": part.source.licence,
        "homepage": part.source.homepage,
        "origin": part.origin,
        "date": part.date,
        "sha256": part.digest,
        "triples": len(part.triples),
        "left_out": len(part.left_out),
        "stale": part.stale,
        "error": part.error,
    }


def _report(parts: Sequence[Part], linked: Linked, complaints: Sequence[str]) -> dict[str, Any]:
    return {
        "complaints": list(complaints),
        "catalogues": linked.catalogues,
        "products_without_essential_variable": linked.unreached,
        "left_out": [
            {"source": part.source.id, **asdict(item)} for part in parts for item in part.left_out
        ],
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


# ------------------------------------------------------------------ the starter graph


def write_starter(recordings: Path, target: Path, progress: Progress = quiet) -> dict[str, int]:
    """Write the starter graph anew from recorded bytes: one Turtle file per source.

    The same bytes come out on each run. Of a source that is kept only where it is referred to,
    the concepts that another source, an ontology or a mapping set names are kept.
    Returns the number of triples by source.
    """
    parts = []
    for source in sources.all_sources().values():
        progress(f"reading {source.id}")
        parts.append(read_part(source, from_folder(source, recordings), "recorded"))
    wanted = _referred_to(parts)
    target.mkdir(parents=True, exist_ok=True)
    index: dict[str, dict[str, Any]] = {}
    for part in parts:
        progress(f"writing {part.source.id}")
        kept = part.triples
        if part.source.keep == "referenced":
            kept = tuple(t for t in part.triples if _is_wanted(t, wanted))
        (target / f"{part.source.id}.ttl").write_bytes(rdf.write_turtle(kept))
        index[part.source.id] = {"triples": len(set(kept)), "recordings": part.digest}
    (target / "index.json").write_text(json.dumps(index, indent=1) + "\n", "utf-8")
    rows = sorted((p.source.id, i.item, i.reason) for p in parts for i in p.left_out)
    lines = ["source\titem\treason", *("\t".join(row) for row in rows)]
    (target / LEFT_OUT).write_text("\n".join(lines) + "\n", "utf-8")
    return {name: entry["triples"] for name, entry in index.items()}


def _is_wanted(triple: Triple, wanted: set[str]) -> bool:
    """Facts about a concept that is kept; of a collection, only its kept members."""
    if triple.predicate == SKOS.member:
        return text_of(triple.object) in wanted
    subject = text_of(triple.subject)
    return subject.endswith("/current/") or subject in wanted


def _referred_to(parts: Sequence[Part]) -> set[str]:
    curated, complaints = read_mapping_sets(all_files("mappings", "*.sssom.tsv"))
    if complaints:
        raise OceankgError("; ".join(complaints))
    ends = {end for s in curated for m in s.mappings for end in (m.subject, m.object)}
    full = [p.triples for p in parts if p.source.keep == "all"]
    return ends | {
        t.object.value
        for triples in (*full, ontology_triples())
        for t in triples
        if isinstance(t.object, NamedNode)
    }
