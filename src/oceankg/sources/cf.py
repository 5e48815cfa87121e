"""The CF standard name table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, LeftOut, Recording
from oceankg.namespaces import DCT, OKG, OWL, RDF, RDFS, SKOS
from oceankg.sources import facts, xml

SCHEME = NamedNode(ids.CF_NAME)
_NAME = re.compile(r"[A-Za-z0-9_]+")


def read_table(recording: Recording) -> Facts:
    """Names with their canonical unit (UDUNITS), and aliases with all their successors.

    An alias is a deprecated concept with ``dcterms:isReplacedBy`` for each name it points to.
    The table also lists aliases that are names of today; such a name stays in use and the alias
    is left out with the reason. So is one that is no name: old tables have some with a space.
    """
    root = xml.root(recording, "standard_name_table")
    names = {entry.get("id", "") for entry in root.iter("entry")}
    triples = [*_scheme(root)]
    for entry in root.iter("entry"):
        triples += _name(recording, entry)
    left_out = []
    for alias in root.iter("alias"):
        found = tuple(_alias(recording, alias, names))
        name = alias.get("id", "").strip()
        if name in names:
            left_out.append(LeftOut(f"alias {name}", "the table lists it as a name in use, too"))
        elif found:
            triples += found
        else:
            left_out.append(LeftOut(f"alias {name}", "no CF name has a space in it"))
    whole = facts.whole(recording, triples, lambda t: t.predicate == SKOS.prefLabel)
    return Facts(whole.triples, tuple(left_out))


def _scheme(root: Element) -> Iterator[Triple]:
    yield Triple(SCHEME, RDF.type, SKOS.ConceptScheme)
    yield Triple(SCHEME, DCT.title, Literal("CF standard names", language="en"))
    yield Triple(SCHEME, OWL.versionInfo, Literal(root.findtext("version_number", "").strip()))
    yield from facts.modified(SCHEME, root.findtext("last_modified", ""))


def _name(recording: Recording, entry: Element) -> Iterator[Triple]:
    name = entry.get("id", "").strip()
    if not _NAME.fullmatch(name):
        raise SourceError(
            f"an entry has the id {name!r}",
            file=recording.name,
            place="entry without a name",
            remedy="Fetch the table again.",
        )
    me = NamedNode(ids.cf_name(name))
    yield from _concept(me, name)
    if unit := (entry.findtext("canonical_units") or "").strip():
        yield Triple(me, OKG.canonicalUnit, Literal(unit))


def _concept(me: NamedNode, name: str) -> Iterator[Triple]:
    yield from facts.concept(me.value, name)
    yield Triple(me, SKOS.notation, Literal(name))
    yield Triple(me, SKOS.inScheme, SCHEME)
    yield Triple(me, RDFS.isDefinedBy, SCHEME)


def _alias(recording: Recording, alias: Element, names: set[str]) -> Iterator[Triple]:
    name = alias.get("id", "").strip()
    targets = [(e.text or "").strip() for e in alias.iter("entry_id")]
    unknown = [t for t in targets if t not in names]
    spaced = " " in name and _NAME.fullmatch(name.replace(" ", ""))
    if not (spaced or _NAME.fullmatch(name)) or not targets or unknown:
        raise SourceError(
            f"the alias points to {unknown[0] if unknown else 'nothing'}",
            file=recording.name,
            place=f"alias {name}",
            remedy="The table is cut off or inconsistent: fetch it again.",
        )
    if spaced:
        return
    me = NamedNode(ids.cf_name(name))
    yield from _concept(me, name)
    yield facts.deprecated(me)
    for target in targets:
        yield Triple(me, DCT.isReplacedBy, NamedNode(ids.cf_name(target)))
