"""The documents are true: every command, setting and route is named, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oceankg import queries, sources
from oceankg.app import create_app
from oceankg.cli import app as cli
from oceankg.querypool import Job, evaluate
from oceankg.settings import Settings
from oceankg.store import Snapshot

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = sorted(p for p in ROOT.rglob("*.md") if ".venv" not in p.parts)


def test_the_readme_begins_with_the_two_commands() -> None:
    assert re.search(r"make serve.*make test", README[:1200], re.DOTALL)


@pytest.mark.parametrize(
    "name", ["products-for-essential-variable", "records-tied-by-doi", "who-is-behind"]
)
def test_the_answers_in_the_readme_are_those_really_printed(name: str, starter: Snapshot) -> None:
    job = Job(queries.get(name).text, select="text/csv")
    printed = evaluate(starter.open(), job, 2**24).content.decode().splitlines()
    after = README.split(f"{name}\n" if f"query {name}" in README else f"{name}.rq\n")[-1]
    shown = re.search(r"(?:^    .+\n)+", after.split("\n**")[0], re.MULTILINE)
    assert shown
    lines = [line.strip() for line in shown[0].splitlines() if line.strip() != "…"]
    assert len(lines) > 5
    assert [line for line in lines if line not in printed] == []


def test_the_figures_in_the_readme_are_those_of_the_starter_graph(starter: Snapshot) -> None:
    assert f"The starter graph: {starter.manifest()['triples']:,} triples" in README
    counts = starter.report()["catalogues"]
    cmems, odatis = (counts[f"https://w3id.org/oceankg/catalogue/{c}"] for c in ("cmems", "odatis"))
    plain = " ".join(README.split())
    assert f"{cmems['products']} products of the Copernicus Marine Service" in plain
    assert f"and {odatis['products']} of ODATIS, Sextant and SEANOE" in plain
    assert (
        f"products {cmems['with an ocean variable']} name an ocean variable in keywords "
        f"or title, and {cmems['reaching an essential variable']} of these" in plain
    )
    assert (
        f"of the others {odatis['with an ocean variable']} do, and "
        f"{odatis['reaching an essential variable']} reach one" in plain
    )


def test_every_command_is_named() -> None:
    for command in cli.registered_commands:
        name = command.name or command.callback.__name__
        assert f"oceankg {name}" in README


def test_every_setting_is_named_with_its_default() -> None:
    for name, setting in Settings.model_fields.items():
        row = next(r for r in README.splitlines() if f"`OCEANKG_{name.upper()}`" in r)
        assert setting.description in row
        if setting.default_factory is None and not setting.is_required():
            assert f"`{setting.default}`" in row or setting.default == ""


def test_every_route_is_named(tmp_path: Path) -> None:
    routes = create_app(Settings(data=tmp_path)).openapi()["paths"]
    for path in routes:
        assert f"`{path}`" in README


def test_every_source_has_its_attribution_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for source in sources.all_sources().values():
        if source.id.startswith("nvs-"):
            assert source.id.removeprefix("nvs-").upper() in notice.upper()
        assert source.licence
        assert source.attribution


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    package = ROOT / "src" / "oceankg"
    for module in package.glob("*.py"):
        if module.stem != "__init__":
            assert re.search(rf"\b{module.stem}\b", text), module.stem


def test_the_architecture_says_why_each_dependency_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").lower()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert block
    for name in re.findall(r'"([a-z0-9-]+)', block[1].lower()):
        assert name in text, name
