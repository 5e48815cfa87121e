"""Imports go down only, and the two wings never import each other.

The table is the house from the ground up. A module may import those of the floors below, and on
its own floor and wing those that stand before it.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import oceankg

PACKAGE = Path(oceankg.__file__).parent

SOURCES = (
    "sources.facts",
    "sources.xml",
    "sources.feeds",
    "sources.skos",
    "sources.nvs",
    "sources.seadatanet",
    "sources.goos",
    "sources.cf",
    "sources.socat",
    "sources.names_cmems",
    "sources.catalogue",
    "sources.titles",
    "sources.catalogue_cmems",
    "sources.catalogue_odatis",
    "sources.datasets_cmems",
    "sources.stac_cmems",
    "sources.describe_cmems",
    "sources.metadata",
    "sources.iso",
    "sources.dublin_core",
    "sources.telling",
    "sources.csw",
    "sources.oai",
    "sources.loose",
    "sources.ogc_records",
    "sources.geonetwork",
    "sources.dcat",
    "sources.erddap",
    "sources",
)
HEADERS = (
    "headers.contract",
    "headers.grammar",
    "headers.netcdf",
    "headers.cdl",
    "headers.das",
    "headers.ncml",
    "headers.erddap_info",
    "headers.table",
    "headers.odv",
    "headers",
    "headers.apart",
)
COMPARE = (
    "compare.attributes",
    "compare",
    "compare.added",
    "compare.criteria.contract",
    "compare.criteria.record",
    "compare.criteria.series",
    "compare.criteria.ocean",
    "compare.criteria",
    "compare.recipes",
    "compare.candidates",
    "compare.sidebyside",
    "compare.differences",
    "compare.network",
    "compare.coverage",
    "compare.gaps",
    "compare.coverage_table",
    "compare.redirects",
)
CLI = (
    "cli.terminal",
    "cli.graph",
    "cli.ask",
    "cli.compare",
    "cli.coverage",
    "cli.changes",
    "cli.annotate",
    "cli.redirects",
    "cli.network",
    "cli.candidates",
    "cli",
    "cli.__main__",
)
FLOORS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"ground": ("", "errors", "namespaces", "model", "settings", "resources", "text", "ids")},
    {
        "tools": (
            *("rdf", "queries", "store", "http", "endpoint", "sssom", "climb", "querypool"),
            *("shapes", "units", "clues", "changes", "relations"),
            *HEADERS,
        )
    },
    {
        "write": (
            *SOURCES,
            *("unfinished", "paging", "crawl", "fetch", "harvest", "gather", "unite", "relate"),
            *("link", "normalise", "build", "starter_graph", "check", "releases"),
        ),
        "read": (
            *("read", "evidence", "wordindex", "search", "resolve", *COMPARE, "impact"),
            *("changelog", "roles", "annotate", "patch", "serving"),
        ),
    },
    {
        "faces": (
            "faces",
            "faces.negotiate",
            "faces.pages",
            "faces.problems",
            "faces.sparql",
            "faces.graphql",
            "faces.rest",
            "faces.compare",
            "faces.coverage",
            "faces.search",
            "faces.changes",
            "faces.annotate",
            "faces.redirects",
            "faces.network",
            "faces.candidates",
            "faces.added",
        )
    },
    {"door": ("app", *CLI)},
)


def name_of(file: Path) -> str:
    """The module of a file within the package; the package itself is ""."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def allowed(module: str) -> set[str]:
    """The modules that a module may import, by the table."""
    below: set[str] = set()
    for floor in FLOORS:
        for wing in floor.values():
            if module in wing:
                return below | set(wing[: wing.index(module)])
        below |= {m for wing in floor.values() for m in wing}
    raise AssertionError(f"{module} has no floor: give it a place in the table of this test")


def imported(file: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} has a relative import"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {i for i in inside if i.removeprefix("oceankg.") in MODULES}
            found |= modules or {str(node.module)}
    return {i.removeprefix("oceankg").lstrip(".") for i in found if i.split(".")[0] == "oceankg"}


def test_every_module_has_one_floor_and_the_table_no_other():
    named = [module for floor in FLOORS for wing in floor.values() for module in wing]
    assert sorted(named) == sorted(MODULES)


@pytest.mark.parametrize("module", [m or "oceankg" for m in MODULES])
def test_a_module_imports_only_what_lies_below(module):
    name = "" if module == "oceankg" else module
    assert imported(MODULES[name]) - allowed(name) == set()
