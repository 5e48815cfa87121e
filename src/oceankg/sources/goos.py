"""The Global Ocean Observing System: its essential ocean variables and their sub-variables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCT, SKOS
from oceankg.sources import facts
from oceankg.sources.facts import AGAIN

_GOOS = "https://goosocean.org/"
_EXV = ids.nvs_collection("EXV")


def read_thesaurus(recording: Recording) -> Facts:
    """The terms of the BioEco portal; a sub-variable is narrower than the one its IRI begins with.

    A term whose IRI begins with no other term, as one is misspelt, stands alone.
    """
    labels: dict[str, str] = {}
    for number, term in enumerate(_list(recording, "objects"), 1):
        labels[_text(recording, term, "about", f"object {number}")] = _text(
            recording, term, "label", f"object {number}"
        )
    return facts.whole(
        recording, (t for iri, label in labels.items() for t in _term(iri, label, labels))
    )


def _term(iri: str, label: str, known: dict[str, str]) -> Iterator[Triple]:
    me = NamedNode(iri)
    yield from facts.concept(iri, label)
    above = iri
    while above.count("/") > _GOOS.count("/") + 1:
        above = above.rsplit("/", 1)[0]
        if above in known:
            yield Triple(me, SKOS.broader, NamedNode(above))
            return


def read_variables(recording: Recording) -> Facts:
    """The variables at the top: other labels, specification sheets, and EXV where it is named."""
    triples: list[Triple] = []
    for number, entry in enumerate(_list(recording, "top_level_eovs"), 1):
        place = f"variable {number}"
        me = NamedNode(_text(recording, entry, "url", place))
        triples.append(Triple(me, SKOS.altLabel, Literal(_text(recording, entry, "label", place))))
        for address in entry.get("alt_uris", ()):
            other = facts.iri(recording, str(address), place)
            exact = other.value.startswith(_EXV)
            triples.append(Triple(me, SKOS.exactMatch if exact else DCT.source, other))
    return facts.whole(recording, triples)


def _list(recording: Recording, name: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(facts.text(recording))
    except (ValueError, RecursionError) as error:
        raise SourceError(
            str(error), file=recording.name, place="whole file", remedy=AGAIN
        ) from error
    found = content.get(name) if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise SourceError(f"no {name} in it", file=recording.name, place="top level", remedy=AGAIN)
    return found


def _text(recording: Recording, entry: dict[str, Any], name: str, place: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SourceError(f"it has no {name}", file=recording.name, place=place, remedy=AGAIN)
    if name == "label":
        return " ".join(value.split())
    return facts.iri(recording, value, place).value
