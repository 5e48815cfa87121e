"""Real header descriptions and what they mean, judged by hand: see tests/gold/README.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from oceankg.read import load
from oceankg.resolve import Resolution, Resolver, Term

GOLD = Path(__file__).parent / "gold"
COLUMNS = (
    "id q units long_name standard_name depth platform vocabulary language expected kind why source"
)
NO_VARIABLE = {
    "coordinate",
    "time",
    "quality flag",
    "error estimate",
    "count",
    "instrument setting",
    "identifier",
}
EXV = "http://vocab.nerc.ac.uk/collection/EXV/current/"


@dataclass(frozen=True)
class Row:
    """One judged description: the question, the right answers (None is "none"), and what it is."""

    id: str
    term: Term
    expected: frozenset[str | None]
    kind: str

    @property
    def is_no_variable(self) -> bool:
        return self.expected == {None} and self.kind in NO_VARIABLE


def cells(name: str) -> list[dict[str, str]]:
    with (GOLD / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
    for row in rows:
        assert list(row) == COLUMNS.split(), f"{name}: {row}"
        assert None not in row.values(), f"{name}: too few columns: {row}"
    return rows


def answers(expected: str) -> frozenset[str | None]:
    labels = expected.split(" | ") if expected else ["-"]
    return frozenset(None if label == "-" else label for label in labels)


def term(row: Mapping[str, str]) -> Term:
    return Term(
        q=row["q"],
        units=row["units"] or None,
        long_name=row["long_name"] or None,
        standard_name=row["standard_name"] or None,
        vocabulary=row["vocabulary"] or None,
        depth=float(row["depth"]) if row["depth"] else None,
        platform=row["platform"] or None,
        language=row["language"] or "en",
    )


def gold(name: str) -> list[Row]:
    return [Row(r["id"], term(r), answers(r["expected"]), r["kind"]) for r in cells(name)]


def named(resolution: Resolution) -> str | None:
    served = resolution.essential_variable
    return served.label if served else None


def wrong(rows: Sequence[Row], got: Sequence[str | None]) -> Iterator[str]:
    """A line for each row that is answered wrongly."""
    for row, answer in zip(rows, got, strict=True):
        if answer not in row.expected:
            right = " or ".join(sorted(label or "none" for label in row.expected))
            yield f"{row.id} {row.term.q!r}: {answer or 'none'}, not {right} ({row.kind})"


def score(rows: Sequence[Row], got: Sequence[str | None]) -> tuple[float, str]:
    """The share that is right first, and what is to be read when it is too low."""
    lines = list(wrong(rows, got))
    share = 1 - len(lines) / len(rows)
    return share, "\n".join([f"{share:.1%} of {len(rows)} right first; wrong:", *lines])


@pytest.fixture(scope="module")
def resolver(starter):
    return Resolver(load(starter))


def resolved(resolver: Resolver, rows: Sequence[Row]) -> list[str | None]:
    return [named(r) for r in resolver.resolve_many([row.term for row in rows])]


def assert_well_formed(name: str, labels: set[str]) -> None:
    rows = cells(name)
    for column in ("id", "question"):
        keys = [r["id"] if column == "id" else tuple(list(r.values())[1:9]) for r in rows]
        assert len(set(keys)) == len(keys), f"{name}: the same {column} twice"
    for row in rows:
        right = answers(row["expected"])
        assert right - {None} <= labels, f"{name} {row['id']}: not labels of EXV: {right - labels}"
        known = NO_VARIABLE | {"other"} if None in right else {""}
        assert row["kind"] in known, f"{name} {row['id']}: kind {row['kind']!r}"
        assert row["q"], f"{name} {row['id']}: no name"
        assert row["source"], f"{name} {row['id']}: no source"


def test_the_tables_are_well_formed_and_use_the_labels_of_the_authority(resolver):
    labels = {c.label() for c in resolver.model.concepts.values() if c.iri.startswith(EXV)}
    assert_well_formed("headers.tsv", labels)
    assert_well_formed("headers_elsewhere.tsv", labels)
    assert_well_formed("headers_unseen.tsv", labels)


def test_the_tables_are_large_and_a_third_is_made_to_mislead():
    for name, least in (("headers.tsv", 350), ("headers_elsewhere.tsv", 250)):
        rows = cells(name)
        misleading = [r for r in rows if not r["expected"] or "near miss" in r["why"]]
        assert len(rows) >= least
        assert len(misleading) >= 0.35 * len(rows)


def test_headers_of_the_recorded_data_are_understood(resolver):
    rows = gold("headers.tsv")
    share, report = score(rows, resolved(resolver, rows))
    assert share >= 0.97, report


def test_headers_from_elsewhere_are_understood(resolver):
    rows = gold("headers_elsewhere.tsv")
    share, report = score(rows, resolved(resolver, rows))
    assert share >= 0.97, report


def test_headers_that_were_judged_last_are_understood(resolver):
    rows = gold("headers_unseen.tsv")
    share, report = score(rows, resolved(resolver, rows))
    assert share >= 0.95, report


def test_no_coordinate_flag_error_or_setting_is_ever_named_a_variable(resolver):
    rows = [
        row
        for name in ("headers.tsv", "headers_elsewhere.tsv", "headers_unseen.tsv")
        for row in gold(name)
        if row.is_no_variable
    ]
    got = resolved(resolver, rows)
    report = "\n".join(wrong(rows, got))
    assert not report, f"named a variable:\n{report}"
    assert len(rows) > 200
