"""Snapshots on disk are whole or not there, and one of them is in service."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from oceankg.errors import SnapshotError
from oceankg.store import Snapshots


@pytest.fixture
def snapshots(tmp_path):
    return Snapshots(tmp_path)


def make(snapshots, snapshot_id):
    with snapshots.staging() as folder:
        store = Store(str(folder / "store"))
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(snapshot_id)))
        store.flush()
        del store
        (folder / "manifest.json").write_text(json.dumps({"id": snapshot_id}), "utf-8")
        return snapshots.settle(folder, snapshot_id)


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# ------------------------------------------------------------------ preparing


def test_a_preparation_that_fails_leaves_nothing_behind(snapshots):
    with pytest.raises(RuntimeError), snapshots.staging() as folder:  # noqa: PT012
        (folder / "manifest.json").write_text("{}", "utf-8")
        assert snapshots.all() == ()
        raise RuntimeError
    assert names(snapshots.folder) == []


def test_a_preparation_that_is_not_settled_leaves_nothing_behind(snapshots):
    with snapshots.staging():
        pass
    assert names(snapshots.folder) == []


def test_a_settled_snapshot_can_be_read(snapshots):
    snapshot = make(snapshots, "20260101-a")
    assert names(snapshots.folder) == ["20260101-a"]
    assert snapshots.get("20260101-a") == snapshot
    assert snapshot.manifest() == {"id": "20260101-a"}
    assert [quad.object.value for quad in snapshot.open()] == ["20260101-a"]


def test_a_snapshot_never_takes_the_place_of_another(snapshots):
    make(snapshots, "20260101-a")
    with pytest.raises(SnapshotError, match="20260101-a already"):
        make(snapshots, "20260101-a")
    assert names(snapshots.folder) == ["20260101-a"]


def test_a_folder_without_manifest_is_no_snapshot(snapshots):
    make(snapshots, "20260101-a")
    (snapshots.folder / "20260102-b").mkdir()
    assert [s.id for s in snapshots.all()] == ["20260101-a"]


# ------------------------------------------------------------------ in service


def test_nothing_is_in_service_before_the_first_publication(snapshots):
    make(snapshots, "20260101-a")
    assert snapshots.current() is None


def test_publishing_puts_a_snapshot_in_service_and_leaves_no_other_file(snapshots):
    for snapshot_id in ("20260101-a", "20260102-b"):
        snapshots.publish(make(snapshots, snapshot_id))
        assert snapshots.current().id == snapshot_id
    assert names(snapshots.data) == ["current", "snapshots"]


def test_a_snapshot_that_is_not_there_is_never_put_in_service(snapshots):
    first, second = make(snapshots, "20260101-a"), make(snapshots, "20260102-b")
    snapshots.publish(second)
    snapshots.prune(keep=1)
    with pytest.raises(SnapshotError, match="20260101-a"):
        snapshots.publish(first)
    assert snapshots.current() == second


# ------------------------------------------------------------------ pruning


def test_pruning_keeps_the_newest(snapshots):
    for snapshot_id in ("20260103-c", "20260101-a", "20260102-b"):
        make(snapshots, snapshot_id)
    assert snapshots.prune(keep=2) == ("20260101-a",)
    assert [s.id for s in snapshots.all()] == ["20260102-b", "20260103-c"]


def test_pruning_keeps_the_one_in_service_however_old(snapshots):
    made = [make(snapshots, snapshot_id) for snapshot_id in ("a", "b", "c")]
    snapshots.publish(made[0])
    assert snapshots.prune(keep=1) == ("b",)
    assert snapshots.current() == made[0]


# ------------------------------------------------------------------ what is not there


def test_an_unknown_snapshot_is_answered_with_those_there_are(snapshots):
    with pytest.raises(SnapshotError, match="no snapshot x; there are: none"):
        snapshots.get("x")
    make(snapshots, "a")
    make(snapshots, "b")
    with pytest.raises(SnapshotError, match="no snapshot x; there are: a, b"):
        snapshots.get("x")


def test_a_broken_snapshot_says_what_is_missing(snapshots):
    snapshot = make(snapshots, "a")
    with pytest.raises(SnapshotError, match=r"a has no readable report\.json"):
        snapshot.report()
    (snapshot.folder / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(SnapshotError, match=r"a has no readable manifest\.json"):
        snapshot.manifest()


def test_a_snapshot_without_store_cannot_be_opened(snapshots):
    with snapshots.staging() as folder:
        (folder / "manifest.json").write_text("{}", "utf-8")
        snapshot = snapshots.settle(folder, "a")
    with pytest.raises(SnapshotError, match="a cannot be opened"):
        snapshot.open()
