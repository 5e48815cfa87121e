"""A change log: what differs between two releases and what that touches, in forms to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from oceankg import ids
from oceankg.changes import KINDS_OF_CHANGE, Change, Concept, Difference, Link
from oceankg.evidence import curie
from oceankg.impact import Impact, Report, Vocabulary

COLUMNS = (
    "vocabulary",
    "change",
    "concept",
    "label",
    "language",
    "before",
    "after",
    "mappings",
    "products",
    "essential_variables",
    "action",
    "successors",
)


def table(report: Report) -> Iterator[tuple[str, ...]]:
    """A report as rows under `COLUMNS`, one for each change; several values stand side by side."""
    for vocabulary in report.vocabularies:
        impacts = {impact.concept: impact for impact in vocabulary.impacts}
        for kind in KINDS_OF_CHANGE:
            for change in getattr(vocabulary.difference, kind):
                cells = _cells(change, kind)
                yield (vocabulary.id, kind, *cells, *_consequences(impacts.get(cells[0])))


def _cells(change: Concept | Change | Link, kind: str) -> tuple[str, str, str, str, str]:
    """Concept, label, language, before, after."""
    if isinstance(change, Concept):
        return change.iri, change.label, "", "", _side_by_side(sorted(change.successors))
    if isinstance(change, Link):
        said = f"{curie(change.predicate)} {change.object}"
        ends = (said, "") if kind == "unlinked" else ("", said)
        return change.subject, "", "", *ends
    return (
        change.concept,
        change.label,
        change.language,
        _side_by_side(change.before),
        _side_by_side(change.after),
    )


def _consequences(impact: Impact | None) -> tuple[str, str, str, str, str]:
    """Mappings, products, essential variables, the foremost action, the successors proposed."""
    if impact is None:
        return "", "", "", "", ""
    first = next(iter(impact.mappings), None)
    return (
        _side_by_side(sorted({t.mapping.iri for t in impact.mappings})),
        _side_by_side(product.iri for product in impact.products),
        _side_by_side(variable.iri for variable in impact.essential_variables),
        first.action if first else "",
        _side_by_side(first.successors) if first else "",
    )


def _side_by_side(values: Iterable[str]) -> str:
    return " | ".join(values)


def as_json(value: Any) -> Any:  # noqa: ANN401  (anything that is JSON)
    """A report, or a part of it, as plain JSON, in the same order each time."""
    if is_dataclass(value):
        plain = {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
        return plain | ({"counts": value.counts()} if isinstance(value, Difference) else {})
    if isinstance(value, frozenset):
        return [as_json(item) for item in sorted(value)]
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return value


BRIEF_COLUMNS = (
    "change",
    "concept",
    "before",
    "after",
    "mappings",
    "products",
    "essential variables",
    "to do",
)


def summary(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Which releases of which list differ how much, and the notes on it, a line each."""
    versions = (vocabulary.old_version or "?", vocabulary.new_version or "?")
    name = vocabulary.title + (f" {versions[0]} → {versions[1]}" if any(versions) else "")
    counts = ", ".join(f"{n} {kind}" for kind, n in vocabulary.difference.counts().items() if n)
    not_compared = ", ".join(vocabulary.difference.not_compared)
    lines = (
        name,
        counts or "nothing changed",
        f"not compared, because only one of the two forms says it: {not_compared}",
        *vocabulary.notes,
    )
    return lines if not_compared else (*lines[:2], *lines[3:])


def brief(vocabulary: Vocabulary) -> Iterator[tuple[str, ...]]:
    """The changes of a list for a reader: short names, counts, what to do."""
    impacts = {impact.concept: impact for impact in vocabulary.impacts}
    for kind in KINDS_OF_CHANGE:
        for change in getattr(vocabulary.difference, kind):
            yield (kind, *_brief(kind, change, impacts))


def _brief(
    kind: str, change: Concept | Change | Link, impacts: Mapping[str, Impact]
) -> tuple[str, ...]:
    iri, _, language, before, after = _cells(change, kind)
    impact = impacts.get(iri)
    tag = f" ({language})" if language else ""
    told = (_short(iri), *(f"{_short(t)}{tag}" if t else "" for t in (before, after)))
    if impact is None:
        return (*told, "", "", "", "")
    actions = Counter(t.action for t in impact.mappings if t.action != "none")
    return (
        *told,
        str(len(impact.mappings) or ""),
        str(len(impact.products) or ""),
        ", ".join(variable.label for variable in impact.essential_variables),
        ", ".join(f"{action} {n}" for action, n in actions.items()),
    )


def _short(text: str) -> str:
    """IRIs in a text as NVS codes, CF names or CURIEs."""
    return re.sub(r"https?://[^ ]+", lambda match: _code(match[0]), text)


def _code(iri: str) -> str:
    if iri.startswith(ids.CF_NAME):
        return iri.removeprefix(ids.CF_NAME).rstrip("/")
    nvs = re.fullmatch(re.escape(ids.NVS_COLLECTION) + r"([^/]+)/current/([^/]+)/", iri)
    return f"{nvs[1]}:{nvs[2]}" if nvs else curie(iri)


def markdown(vocabulary: Vocabulary) -> str:
    """The changes of a list under a heading, as a table in which no cell breaks the table."""
    head, *notes = summary(vocabulary)
    lines = [f"## {_cell(head)}", "", *(line for note in notes for line in (_cell(note), ""))]
    rows = [_row(map(_cell, row)) for row in brief(vocabulary)]
    if rows:
        lines += [_row(BRIEF_COLUMNS), "|---" * len(BRIEF_COLUMNS) + "|", *rows, ""]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split())
