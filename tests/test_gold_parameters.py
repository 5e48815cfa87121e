"""Comparing by parameter against tables made by hand: see tests/gold/parameters/README.md."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oceankg.compare import compare
from oceankg.read import load
from oceankg.resolve import Resolver
from oceankg.store import Snapshot

TABLES = Path(__file__).parent / "gold" / "parameters"
COLUMNS = ["catalogue", "identifier", "verdict", "reason"]
ENOUGH = 0.98

# The table, and the essential variable for which the catalogues are compared.
PARAMETERS = {
    "sea_surface_temperature": "Sea-surface temperature",
    "sea_surface_salinity": "Sea-surface salinity",
    "sea_level": "Sea level",
    "surface_currents": "Surface currents",
    "subsurface_temperature": "Subsurface temperature",
    "subsurface_salinity": "Subsurface salinity",
    "oxygen": "Oxygen",
    "inorganic_carbon": "Ocean inorganic carbon",
    "nutrients": "Nutrients",
    "ocean_colour": "Ocean colour",
    "sea_ice": "Sea ice",
    "sea_state": "Sea state",
}
CMEMS = "cmems/cop_marine_collections_4.10.1.json"
ODATIS = ("odatis/odatis_products.jsonl", "odatis/odatis_records_seen.jsonl")
# The fields of a record that a reason may quote, by the catalogue's own keys.
QUOTED = {
    ("cmems", "keyword"): ("keywords",),
    ("cmems", "title"): ("title",),
    ("cmems", "identifier"): ("id",),
    ("odatis", "parameter"): ("parameters", "variables", "cf_standard_names", "odatis_variables"),
    ("odatis", "title"): ("title",),
    ("odatis", "theme"): ("od1", "od1_uri", "gcmd"),
}
REASON = re.compile(r'(?P<field>\w+) "(?P<words>[^"]+)"(?:: \S.+)?')

Key = tuple[str, str]


@dataclass(frozen=True)
class Verdict:
    """One judged product: its catalogue and identifier, the verdict, and the field that says so."""

    key: Key
    verdict: str
    reason: str


def table(name: str) -> list[Verdict]:
    with (TABLES / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
    assert all(list(row) == COLUMNS and None not in row.values() for row in rows), name
    return [Verdict((r["catalogue"], r["identifier"]), r["verdict"], r["reason"]) for r in rows]


def judged(name: str, verdict: str) -> dict[Key, str]:
    return {row.key: row.reason for row in table(name) if row.verdict == verdict}


@pytest.fixture(scope="module")
def resolver(starter: Snapshot) -> Resolver:
    return Resolver(load(starter))


@pytest.fixture(scope="module")
def records(shared: Path) -> dict[Key, list[Mapping[str, Any]]]:
    """The records of each product, as they were recorded."""
    cmems = json.loads((shared / CMEMS).read_bytes())
    found = {("cmems", i): [{**record, "id": i}] for i, record in cmems.items()}
    for name in ODATIS:
        for line in filter(None, (shared / name).read_text("utf-8").splitlines()):
            record = json.loads(line)
            identifier = record["id"].replace("seanoe:", "10.17882/")
            found.setdefault(("odatis", identifier), []).append(record)
    return found


def surely_found(resolver: Resolver, name: str) -> set[Key]:
    comparison = compare(resolver, PARAMETERS[name])
    rows = (row for rows in comparison.catalogues.values() for row in rows)
    return {(row.product.catalogue, row.product.id) for row in rows if row.sure}


# ------------------------------------------------------------------ the tables themselves


def test_there_is_a_table_for_each_parameter_and_none_besides():
    assert {path.stem for path in TABLES.glob("*.tsv")} == PARAMETERS.keys()


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_product_is_judged_once_with_a_reason(name):
    rows = table(name)
    assert [key for key, times in Counter(row.key for row in rows).items() if times > 1] == []
    assert {row.verdict for row in rows} == {"yes", "may", "no"}
    assert [row for row in rows if not REASON.fullmatch(row.reason)] == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_table_holds_near_misses(name):
    assert len(judged(name, "no")) >= 10


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_product_of_a_table_is_in_the_graph(name, resolver):
    known = {(p.catalogue, p.id) for p in resolver.model.products.values()}
    assert [row.key for row in table(name) if row.key not in known] == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_reason_quotes_the_record_itself(name, records):
    assert [row for row in table(name) if not is_quoted(row, records[row.key])] == []


def is_quoted(row: Verdict, found: list[Mapping[str, Any]]) -> bool:
    match = REASON.fullmatch(row.reason)
    assert match
    keys = QUOTED[row.key[0], match["field"]]
    values = [record.get(key) or [] for record in found for key in keys]
    texts = [t for value in values for t in ([value] if isinstance(value, str) else value)]
    if match["field"] in ("title", "identifier"):
        return any(match["words"].casefold() in text.casefold() for text in texts)
    return match["words"] in texts


# ------------------------------------------------------------------ against the graph


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_is_surely_found_is_right(name, resolver):
    right = judged(name, "yes")
    counted = surely_found(resolver, name) - judged(name, "may").keys()
    wrong = {key: judged(name, "no").get(key, "not listed") for key in counted - right.keys()}
    assert len(counted & right.keys()) / len(counted) >= ENOUGH, wrong


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_is_right_is_surely_found(name, resolver):
    right = judged(name, "yes")
    missed = {key: right[key] for key in right.keys() - surely_found(resolver, name)}
    assert 1 - len(missed) / len(right) >= ENOUGH, missed


@pytest.mark.parametrize("name", PARAMETERS)
def test_no_near_miss_is_surely_found(name, resolver):
    near = judged(name, "no")
    assert {key: near[key] for key in near.keys() & surely_found(resolver, name)} == {}
