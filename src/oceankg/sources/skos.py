"""Any SKOS file in an RDF syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import rdf
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import RDF, SKOS
from oceankg.sources import facts

_CUT_REMEDY = "The file seems to be cut off: fetch it again."


def read_skos(recording: Recording) -> Facts:
    """The concepts, schemes and collections of a SKOS file; the syntax is told by its name.

    The option ``only`` keeps the subjects that begin so. A label that is a path
    (``/Marine Biogeochemistry/Dissolved oxygen``) also gives its last part as another label.
    """
    triples = rdf.read(recording.content, recording.name)
    described = {
        facts.spelled(rdf.text_of(t.subject)) for t in triples if t.predicate == SKOS.prefLabel
    }
    only = recording.options.get("only", "")
    kept = tuple(facts.kept(triples, only=only, inside=described))
    if not any(t.predicate == RDF.type for t in kept):
        raise SourceError(
            "no SKOS concept, scheme or collection is in it",
            file=recording.name,
            place="whole file",
            remedy="Give a SKOS vocabulary.",
        )
    check_members(recording, kept)
    return Facts(tuple(dict.fromkeys((*kept, *places(kept), *_last_parts(kept)))))


def places(kept: Iterable[Triple]) -> Iterator[Triple]:
    """Each member's place in its collection, said from both ends."""
    for triple in kept:
        if triple.predicate == SKOS.member:
            ends = (rdf.text_of(triple.object), rdf.text_of(triple.subject))
            yield from facts.member(*map(NamedNode, ends))


def check_members(recording: Recording, kept: Iterable[Triple]) -> None:
    """A list that names members which it does not describe is cut off."""
    described = {t.subject for t in kept if t.predicate == SKOS.prefLabel}
    named = [t.object for t in kept if t.predicate == SKOS.member]
    missing = [member for member in named if member not in described]
    if missing:
        raise SourceError(
            f"{len(missing)} of {len(named)} members are named but not described",
            file=recording.name,
            place=f"member {rdf.text_of(missing[0])}",
            remedy=_CUT_REMEDY,
        )


def _last_parts(kept: Iterable[Triple]) -> Iterator[Triple]:
    for triple in kept:
        value = triple.object
        if triple.predicate != SKOS.prefLabel or not isinstance(value, Literal):
            continue
        if value.value.startswith("/"):
            last = value.value.rsplit("/", 1)[-1].strip()
            label = Literal(last, language=value.language) if value.language else Literal(last)
            if last:
                yield Triple(triple.subject, SKOS.altLabel, label)
