"""The starter graph: written anew from recorded bytes, the same bytes on each run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Triple

from oceankg import rdf, sources
from oceankg.errors import OceankgError
from oceankg.gather import (
    LEFT_OUT,
    Part,
    Progress,
    ontology_triples,
    quiet,
    read_mapping_sets,
    read_part,
)
from oceankg.harvest import from_folder
from oceankg.namespaces import SKOS
from oceankg.rdf import text_of
from oceankg.resources import all_files


def write_starter(recordings: Path, target: Path, progress: Progress = quiet) -> dict[str, int]:
    """Write the starter graph anew from recorded bytes: one Turtle file per source.

    The same bytes come out on each run. Of a source that is kept only where it is referred to,
    the concepts that another source, an ontology or a mapping set names are kept, and the members
    of the groups that a mapping set names, but for those too large (lists of taxa, of wavelengths).
    Returns the number of triples by source.
    """
    parts = []
    for source in sources.all_sources().values():
        if source.keep == "none":
            continue
        progress(f"reading {source.id}")
        parts.append(read_part(source, from_folder(source, recordings), "recorded"))
    mapped = _mapped()
    wanted = mapped | _referred_to(parts)
    target.mkdir(parents=True, exist_ok=True)
    index: dict[str, dict[str, Any]] = {}
    for part in parts:
        progress(f"writing {part.source.id}")
        kept = part.triples
        if part.source.keep == "referenced":
            own = wanted | _members(part, mapped)
            kept = tuple(t for t in part.triples if _is_wanted(t, own))
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


def _mapped() -> set[str]:
    """The concepts that the curated mapping sets name."""
    curated, complaints = read_mapping_sets(all_files("mappings", "*.sssom.tsv"))
    if complaints:
        raise OceankgError("; ".join(complaints))
    return {end for s in curated for m in s.mappings for end in (m.subject, m.object)}


def _members(part: Part, groups: set[str]) -> set[str]:
    """The concepts of the groups that are not too large."""
    found: dict[str, set[str]] = defaultdict(set)
    for triple in part.triples:
        if triple.predicate == SKOS.broader and (group := text_of(triple.object)) in groups:
            found[group].add(text_of(triple.subject))
    most = part.source.keep_groups
    return {member for members in found.values() if len(members) <= most for member in members}


def _referred_to(parts: Sequence[Part]) -> set[str]:
    full = [p.triples for p in parts if p.source.keep == "all"]
    return {
        t.object.value
        for triples in (*full, ontology_triples())
        for t in triples
        if isinstance(t.object, NamedNode)
    }
