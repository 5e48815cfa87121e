"""The command line, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oceankg.store import Snapshot

COMMANDS = (
    "harvest",
    "build",
    "publish",
    "serve",
    "query",
    "resolve",
    "search",
    "compare",
    "check",
)


def oceankg(*arguments: str, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oceankg.cli", *arguments],
        env=os.environ | {"OCEANKG_DATA": str(data), "COLUMNS": "200"} | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def data(starter: Snapshot) -> Path:
    return starter.folder.parents[1]


@pytest.mark.parametrize("command", [*COMMANDS, "starter"])
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    done = oceankg(command, "--help", data=tmp_path)
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_resolve_prints_json_and_fails_when_a_term_is_unknown(data: Path) -> None:
    done = oceankg("resolve", "sst", data=data)
    found = json.loads(done.stdout)["results"][0]
    assert done.returncode == 0
    assert found["essential_variable"]["label"] == "Sea-surface temperature"
    assert oceankg("resolve", "no such term", data=data).returncode == 1


def test_search_prints_a_table_or_json_and_fails_when_there_is_nothing(data: Path) -> None:
    done = oceankg("search", "sea surf temp", "--type", "essential variable", "--json", data=data)
    assert json.loads(done.stdout)["hits"][0]["label"] == "Sea-surface temperature"
    table = oceankg("search", "sea surf temp", "--vocabulary", "CF", "--limit", "1", data=data)
    assert "sea_surface_temperature" in table.stdout
    assert "1 of " in table.stdout
    assert oceankg("search", "qwxzv", data=data).returncode == 1


def test_compare_lists_both_catalogues(data: Path) -> None:
    done = oceankg("compare", "Oxygen", "--form", "json", data=data)
    found = json.loads(done.stdout)["catalogues"]
    assert found["odatis"]
    assert found["cmems"]
    assert "cmems (" in oceankg("compare", "Oxygen", data=data).stdout


def test_compare_names_what_is_near_when_nothing_has_the_name(data: Path) -> None:
    done = oceankg("compare", "Sea level at the", data=data)
    assert done.returncode == 1
    assert "Sea level at the" in done.stderr
    assert "Traceback" not in done.stderr


def test_query_takes_a_name_a_file_or_input(data: Path, tmp_path: Path) -> None:
    named = oceankg("query", "records-tied-by-doi", data=data)
    assert "INSITU_GLO_PHY_TS_DISCRETE_MY_013_001" in named.stdout
    file = tmp_path / "mine.rq"
    file.write_text("ASK { ?s ?p ?o }", "utf-8")
    asked = oceankg("query", str(file), "--format", "application/sparql-results+json", data=data)
    assert json.loads(asked.stdout)["boolean"] is True


def test_query_binds_a_parameter(data: Path) -> None:
    sea_level = "http://vocab.nerc.ac.uk/collection/EXV/current/EXV023/"
    done = oceankg("query", "describe", "--bind", f"thing={sea_level}", data=data)
    assert "Sea level" in done.stdout


def test_query_that_is_wrong_says_where(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "wrong.rq"
    file.write_text("SELEC", "utf-8")
    done = oceankg("query", str(file), data=data)
    assert done.returncode == 1
    assert "1:6" in done.stderr
    assert "products-for-essential-variable" in oceankg("query", "nothing", data=data).stderr


def test_check_names_file_line_and_remedy(shared: Path, tmp_path: Path) -> None:
    bad = sorted((shared / "bad").iterdir())
    done = oceankg("check", *map(str, bad), data=tmp_path)
    assert done.returncode == 1
    for file in bad:
        assert f"{file.name}, line" in done.stderr
    assert done.stderr.count("Remedy:") == len(bad)
    assert f"0 of {len(bad)} files are sound" in done.stdout


def test_check_without_files_checks_the_snapshot(data: Path) -> None:
    done = oceankg("check", data=data)
    assert done.returncode == 0
    assert "keeps to its shapes" in done.stdout


def test_harvest_of_broken_files_exits_3_and_keeps_the_healthy_one(
    shared: Path, tmp_path: Path
) -> None:
    healthy = shared / "odatis" / "odatis_variables.ttl"
    broken = shared / "bad" / "NVS.P01.rdf"
    done = oceankg("harvest", "--file", str(broken), "--file", str(healthy), data=tmp_path)
    assert done.returncode == 3
    assert "NVS.P01.rdf, line" in done.stderr
    assert [p.name for p in (tmp_path / "harvest").iterdir()] == ["user-odatis_variables.ttl"]


def test_harvest_from_a_folder_then_build_uses_it(shared: Path, tmp_path: Path) -> None:
    taken = oceankg("harvest", "nvs-exv", "--from", str(shared), data=tmp_path)
    assert taken.returncode == 0
    done = oceankg("build", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "301 with an ocean variable, 293 reaching an essential variable" in done.stdout
    manifest = next((tmp_path / "snapshots").glob("*/manifest.json")).read_text("utf-8")
    origins = {s["id"]: s["origin"] for s in json.loads(manifest)["sources"]}
    assert origins["nvs-exv"] == "harvested"
    assert origins["nvs-p02"] == "starter"
    again = oceankg("build", "--if-missing", data=tmp_path)
    assert again.returncode == 0
    assert len(list((tmp_path / "snapshots").iterdir())) == 1


def test_a_source_that_nobody_knows_is_wrong_usage(tmp_path: Path) -> None:
    done = oceankg("harvest", "nothing", data=tmp_path)
    assert done.returncode == 2
    assert "nvs-exv" in done.stderr


def test_publish_needs_a_snapshot(tmp_path: Path, data: Path) -> None:
    done = oceankg("publish", data=tmp_path)
    assert done.returncode == 1
    assert "oceankg build" in done.stderr
    assert oceankg("publish", data=data).returncode == 0
    assert "there are:" in oceankg("publish", "nothing", data=data).stderr


def test_a_setting_that_is_wrong_is_named(tmp_path: Path) -> None:
    done = oceankg("resolve", "sst", data=tmp_path, OCEANKG_WORKERS="many")
    assert done.returncode != 0
    assert "OCEANKG_WORKERS" in done.stderr
    assert "Traceback" not in done.stderr
