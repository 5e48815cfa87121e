"""Build: every source to a snapshot, or a refusal that leaves the snapshot in service."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from oceankg import build, gather, ids, sources
from oceankg.check import check_file, check_snapshot
from oceankg.errors import OceankgError, ShapesError, SourceError
from oceankg.harvest import Harvest, from_folder
from oceankg.resources import folder
from oceankg.starter_graph import write_starter
from oceankg.store import Snapshot, Snapshots

SKOS_FILE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://example.org/s/salt> a skos:Concept ; skos:prefLabel "my salt"@en ;
    skos:exactMatch <http://vocab.nerc.ac.uk/collection/P02/current/PSAL/> .
"""

RECORDED = {s.id for s in sources.all_sources().values() if s.recorded}


def graph_size(snapshot: Snapshot, source: str) -> int:
    quads = snapshot.open().quads_for_pattern(None, None, None, NamedNode(ids.graph(source)))
    return sum(1 for _ in quads)


def test_the_starter_graph_builds_from_the_package_alone(starter: Snapshot) -> None:
    manifest = starter.manifest()
    kept = {s.id for s in sources.all_sources().values() if s.keep != "none"}
    assert {s["id"] for s in manifest["sources"]} == kept
    assert all(s["origin"] == "starter" and not s["stale"] for s in manifest["sources"])
    for entry in manifest["sources"]:
        assert graph_size(starter, entry["id"]) == entry["triples"] > 0


def test_the_starter_graph_keeps_to_its_shapes(starter: Snapshot) -> None:
    check_snapshot(starter)


def test_the_starter_graph_copies_no_definition(starter: Snapshot) -> None:
    store = starter.open()
    for name in (
        "http://www.w3.org/2004/02/skos/core#definition",
        "http://purl.org/dc/terms/description",
        "http://purl.org/dc/terms/abstract",
    ):
        assert next(store.quads_for_pattern(None, NamedNode(name), None, None), None) is None


def test_nine_in_ten_cmems_products_with_a_variable_reach_an_essential_one(
    starter: Snapshot,
) -> None:
    report = starter.report()
    count = report["catalogues"]["https://w3id.org/oceankg/catalogue/cmems"]
    assert count["products"] == 316
    assert count["reaching an essential variable"] >= 0.9 * count["with an ocean variable"]
    unreached = [
        row
        for row in report["products_without_essential_variable"]
        if row["catalogue"].endswith("/cmems")
    ]
    assert len(unreached) == 316 - count["reaching an essential variable"]
    assert all("words" in row for row in unreached)


def test_the_starter_is_byte_identical_when_written_anew(shared: Path, tmp_path: Path) -> None:
    write_starter(shared, tmp_path)
    packaged = {p.name: p.read_bytes() for p in folder("starter").iterdir() if p.is_file()}
    written = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert written.keys() == packaged.keys()
    changed = [name for name in written if written[name] != packaged[name]]
    assert changed == []


def test_what_is_left_out_of_the_starter_is_listed_with_the_reason() -> None:
    lines = (folder("starter") / "left-out.tsv").read_text("utf-8").splitlines()
    assert lines[0] == "source\titem\treason"
    assert len(lines) > 1
    assert all(all(cell for cell in line.split("\t")) for line in lines)


def test_a_broken_source_leaves_nothing_and_a_healthy_one_beside_it_is_kept(
    tmp_path: Path, shared: Path, starter: Snapshot
) -> None:
    harvest = Harvest(tmp_path)
    healthy = tmp_path / "healthy.ttl"
    healthy.write_text(SKOS_FILE, "utf-8")
    harvest.add(healthy, "user-healthy")
    for file in sorted((shared / "bad").iterdir()):
        with pytest.raises(SourceError) as caught:
            harvest.add(file, f"user-{file.stem.lower()}")
        assert caught.value.file == file.name
        assert caught.value.place
        assert caught.value.remedy
    assert harvest.sources() == ("user-healthy",)
    built = build.build(Snapshots(tmp_path))
    assert built.complaints == ()
    assert graph_size(built.snapshot, "user-healthy") == 3
    assert built.snapshot.manifest()["triples"] > starter.manifest()["triples"]


def test_a_source_that_breaks_keeps_its_last_good_part_marked_stale(tmp_path: Path) -> None:
    harvest, snapshots = Harvest(tmp_path), Snapshots(tmp_path)
    mine = tmp_path / "mine.ttl"
    mine.write_text(SKOS_FILE, "utf-8")
    harvest.add(mine, "user-mine")
    first = build.build(snapshots).snapshot
    (tmp_path / "harvest" / "user-mine" / "mine.ttl").write_text("broken", "utf-8")
    second = build.build(snapshots)
    assert len(second.complaints) == 1
    assert "user-mine/mine.ttl" in second.complaints[0]
    entry = next(s for s in second.snapshot.manifest()["sources"] if s["id"] == "user-mine")
    assert entry["stale"]
    assert entry["origin"] == "last good"
    assert graph_size(second.snapshot, "user-mine") == graph_size(first, "user-mine") == 3


def test_a_graph_that_breaks_its_shapes_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    before = build.build(snapshots).snapshot
    bad = tmp_path / "bad.ttl"
    bad.write_text(SKOS_FILE.replace('"my salt"@en', '"my salt"@en , "salt of mine"@en'), "utf-8")
    Harvest(tmp_path).add(bad, "user-bad")
    with pytest.raises(ShapesError) as refused:
        build.build(snapshots)
    assert "one preferred label in each language" in refused.value.report
    assert "http://example.org/s/salt" in refused.value.report
    assert snapshots.current() == before
    assert snapshots.all() == (before,)
    assert [p for p in snapshots.folder.iterdir() if p.name.startswith(".")] == []


def test_a_broken_mapping_set_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "mine.sssom.tsv").write_text("nonsense", "utf-8")
    built = build.build(Snapshots(tmp_path))
    assert [c for c in built.complaints if c.startswith("mine.sssom.tsv")]


def test_a_users_concept_reaches_the_essential_variable_that_it_is_tied_to(tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(SKOS_FILE, "utf-8")
    Harvest(tmp_path).add(mine, "user-mine")
    store = build.build(Snapshots(tmp_path)).snapshot.open()
    serves = NamedNode("https://w3id.org/oceankg/ns#servesEssentialVariable")
    found = store.quads_for_pattern(NamedNode("http://example.org/s/salt"), serves, None, None)
    ends = [quad.object.value.rsplit("/", 2)[-2] for quad in found]
    assert ends == ["EXV020"]


def test_a_full_disk_or_a_crash_before_the_end_leaves_the_old_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = Snapshots(tmp_path)
    before = build.build(snapshots).snapshot

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "_write_json", full)
    with pytest.raises(OSError, match="No space left"):
        build.build(snapshots)
    assert snapshots.current() == before
    assert [p.name for p in snapshots.folder.iterdir()] == [before.id]


@pytest.mark.parametrize("name", ["check-me.ttl", "check-me.sssom.tsv", "check-me.docx"])
def test_check_names_the_file_that_is_broken(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("this is not what the name says", "utf-8")
    fault = check_file(file)
    assert fault is not None
    assert name in fault


def test_check_finds_no_fault_in_the_packaged_files() -> None:
    files = [*folder("mappings").glob("*.tsv"), *folder("starter").glob("nvs-p0*.ttl")]
    assert [fault for file in files if (fault := check_file(file))] == []


def test_all_of_the_recorded_data_builds(shared: Path, tmp_path: Path) -> None:
    built = build.build(Snapshots(tmp_path), recordings=shared)
    assert built.complaints == ()
    manifest = built.snapshot.manifest()
    p01 = next(s for s in manifest["sources"] if s["id"] == "nvs-p01")
    store = built.snapshot.open()
    members = store.quads_for_pattern(
        None,
        NamedNode("http://www.w3.org/2004/02/skos/core#member"),
        None,
        NamedNode(ids.graph("nvs-p01")),
    )
    assert sum(1 for _ in members) == 50_185
    assert p01["origin"] == "recorded"
    assert {s["id"] for s in manifest["sources"]} == RECORDED
    assert not any(s["stale"] for s in manifest["sources"])


def test_a_missing_recording_is_named(tmp_path: Path, starter: Snapshot) -> None:
    source = sources.all_sources()["nvs-exv"]
    with pytest.raises(SourceError, match=r"nvs/EXV\.tsv"):
        gather.read_part(source, from_folder(source, tmp_path), "recorded")


def test_a_folder_without_recordings_leaves_the_starter_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    built = build.build(Snapshots(tmp_path), recordings=tmp_path / "empty")
    assert len(built.complaints) == len(RECORDED)
    manifest = built.snapshot.manifest()
    assert graph_size(built.snapshot, "nvs-exv") > 69
    assert all(s["stale"] for s in manifest["sources"])


def test_the_manifest_is_plain_json(starter: Snapshot) -> None:
    text = (starter.folder / "manifest.json").read_text("utf-8")
    assert json.loads(text)["id"] == starter.id


def test_an_older_snapshot_can_be_put_back_in_service(tmp_path: Path, starter: Snapshot) -> None:
    snapshots = Snapshots(tmp_path)
    shutil.copytree(starter.folder, snapshots.folder / "20200101T000000-old")
    newer = build.build(snapshots).snapshot
    assert snapshots.current() == newer
    snapshots.publish(snapshots.get("20200101T000000-old"))
    current = snapshots.current()
    assert current is not None
    assert current.id == "20200101T000000-old"
    with pytest.raises(OceankgError, match="there are: 20200101T000000-old"):
        snapshots.get("nothing")
