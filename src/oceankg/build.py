"""Build: gather, link, derive, normalise, validate, and settle a snapshot, or refuse.

A graph that breaks the SHACL shapes is refused as a whole, and the snapshot in service stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from oceankg import __version__, ids, normalise, shapes, sssom
from oceankg.errors import OceankgError
from oceankg.gather import Part, Progress, gather, ontology_triples, quiet, read_mapping_sets
from oceankg.harvest import Harvest, digest
from oceankg.link import Linked, expand, link_all
from oceankg.namespaces import DCT, OKG, RDF, VOID, XSD
from oceankg.resources import all_files
from oceankg.store import Snapshot, Snapshots
from oceankg.unite import united


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
            yield Triple(me, OKG.climbs, NamedNode(expand(predicate)))


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
    parts = united(gather(Harvest(snapshots.data), recordings, _usable(snapshots), progress))
    own_sets = (*all_files("mappings", "*.sssom.tsv"), *all_files("relations", "*.sssom.tsv"))
    user_sets = sorted((snapshots.data / "mappings").glob("*.sssom.tsv"))
    curated, complaints = read_mapping_sets([*own_sets, *user_sets])
    progress("linking")
    linked = link_all(parts, curated, ontology_triples())
    progress("normalising")
    derived = linked.triples["derived"]
    linked.triples[normalise.GRAPH] = list(normalise.normalise(parts, derived, curated))
    progress("validating with SHACL")
    shapes.validate(quads(parts, linked))
    complaints += [*linked.complaints, *(part.error for part in parts if part.error)]
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
        "relations": dict(linked.relations),
        "products_without_essential_variable": linked.unreached,
        "left_out": [
            {"source": part.source.id, **asdict(item)} for part in parts for item in part.left_out
        ],
    }


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
