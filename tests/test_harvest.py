"""A harvest brings recordings in whole, and keeps the last good ones when it fails."""

from __future__ import annotations

import pytest

from helpers import Reply, loopback
from oceankg.errors import FetchError, SourceError
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.sources import Place, Source, read

SKOS_FILE = b"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://example.org/s/salt> a skos:Concept ; skos:prefLabel "salt"@en .
"""
NEWER_FILE = SKOS_FILE.replace(b'"salt"', b'"sea salt"')
TURTLE = {"Content-Type": "text/turtle"}


@pytest.fixture
def harvest(tmp_path):
    return Harvest(tmp_path)


def source(*urls, recorded=()):
    places = tuple(Place(url, "skos") for url in urls)
    return Source("mine", "Mine", "", "", "", live=places, recorded=recorded)


def fetch(harvest, replies):
    """Fetch the source `mine` from a server that has these replies; and the requests it took."""
    with (
        loopback(replies) as server,
        Client(attempts=2, wait=0.01, timeout=0.5) as client,
    ):
        # The port differs each time, so what is known is told by the address on the first port.
        done = harvest.fetch(source(*(server.url + path for path in replies)), client)
        return done, server.requests


def contents(harvest):
    return [r.content for r in harvest.get("mine").recordings]


# ------------------------------------------------------------------ fetching


def test_a_fetched_source_can_be_read(harvest):
    done, _ = fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    assert done
    assert harvest.sources() == ("mine",)
    [recording] = harvest.get("mine").recordings
    assert (recording.content, recording.format) == (SKOS_FILE, "skos")
    assert read(recording).triples


def test_a_file_without_an_ending_is_named_by_its_media_type(harvest):
    fetch(harvest, {"/list": [Reply(body=SKOS_FILE, headers=TURTLE)]})
    assert read(harvest.get("mine").recordings[0]).triples


def test_files_of_the_same_name_are_all_kept(harvest):
    paths = {"/a/current.ttl": SKOS_FILE, "/b/current.ttl": NEWER_FILE}
    fetch(harvest, {path: [Reply(body=body)] for path, body in paths.items()})
    assert contents(harvest) == [SKOS_FILE, NEWER_FILE]


def test_what_did_not_change_is_not_fetched_again(harvest):
    replies = {"/list.ttl": [Reply(body=SKOS_FILE, headers={"ETag": '"1"'}), Reply(304)]}
    with loopback(replies) as server, Client(wait=0.01, timeout=0.5) as client:
        mine = source(f"{server.url}/list.ttl")
        assert harvest.fetch(mine, client) is True
        before = harvest.get("mine")
        assert harvest.fetch(mine, client) is False
        assert harvest.get("mine") == before
        assert server.requests[1][1]["if-none-match"] == '"1"'


def test_when_one_file_changed_all_are_kept_together(harvest):
    replies = {
        "/a.ttl": [
            Reply(body=SKOS_FILE, headers={"ETag": '"1"'}),
            Reply(304),
            Reply(body=SKOS_FILE),
        ],
        "/b.ttl": [Reply(body=SKOS_FILE), Reply(body=NEWER_FILE)],
    }
    with loopback(replies) as server, Client(wait=0.01, timeout=0.5) as client:
        mine = source(f"{server.url}/a.ttl", f"{server.url}/b.ttl")
        harvest.fetch(mine, client)
        assert harvest.fetch(mine, client) is True
        assert contents(harvest) == [SKOS_FILE, NEWER_FILE]


@pytest.mark.parametrize(
    "fault",
    [Reply(404), Reply(500), Reply(body=b"@prefix", length=500), Reply(stall=True)],
    ids=["gone", "broken server", "cut off", "stalled"],
)
def test_a_broken_fetch_keeps_the_last_good_one(harvest, fault):
    fetch(harvest, {"/a.ttl": [Reply(body=SKOS_FILE)]})
    before = harvest.get("mine")
    with pytest.raises(FetchError):
        fetch(harvest, {"/a.ttl": [Reply(body=NEWER_FILE)], "/b.ttl": [fault]})
    assert harvest.get("mine") == before
    assert [p.name for p in harvest.folder.iterdir()] == ["mine"]


def test_a_first_fetch_that_breaks_leaves_nothing(harvest):
    with pytest.raises(FetchError):
        fetch(harvest, {"/a.ttl": [Reply(404)]})
    assert harvest.sources() == ()
    assert harvest.get("mine") is None


# ------------------------------------------------------------------ from a folder


def test_a_source_is_copied_from_a_folder(harvest, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "list.ttl").write_bytes(SKOS_FILE)
    harvest.copy(source(recorded=(Place("files/list.ttl", "skos"),)), tmp_path)
    assert contents(harvest) == [SKOS_FILE]


def test_a_file_that_is_missing_from_a_folder_is_named(harvest, tmp_path):
    with pytest.raises(SourceError, match=r"files/list\.ttl.*Remedy"):
        harvest.copy(source(recorded=(Place("files/list.ttl", "skos"),)), tmp_path)
    assert harvest.sources() == ()


# ------------------------------------------------------------------ a user's own file


def test_a_users_own_file_is_added(harvest, tmp_path):
    file = tmp_path / "own.ttl"
    file.write_bytes(SKOS_FILE)
    harvest.add(file.read_bytes(), file.name, "mine")
    assert contents(harvest) == [SKOS_FILE]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("own.ttl", SKOS_FILE[:-20]),
        ("own.ttl", b"\xff\xfe"),
        ("own.rdf", b"<rdf:RDF"),
        ("own.docx", SKOS_FILE),
    ],
    ids=["cut off", "not text", "no XML", "unknown kind"],
)
def test_a_broken_file_is_refused_and_nothing_is_kept(harvest, name, content):
    with pytest.raises(SourceError, match=name):
        harvest.add(content, name, "mine")
    assert harvest.sources() == ()


def test_a_broken_file_leaves_the_one_before(harvest, tmp_path):
    file = tmp_path / "own.ttl"
    file.write_bytes(SKOS_FILE)
    harvest.add(file.read_bytes(), file.name, "mine")
    file.write_bytes(SKOS_FILE[:-20])
    with pytest.raises(SourceError):
        harvest.add(file.read_bytes(), file.name, "mine")
    assert contents(harvest) == [SKOS_FILE]


# ------------------------------------------------------------------ what lies on the disk


def spoil_bytes(folder):
    (folder / "list.ttl").write_bytes(NEWER_FILE)


def spoil_file(folder):
    (folder / "list.ttl").unlink()


def spoil_origin(folder):
    (folder / "origin.json").write_text("{", "utf-8")


@pytest.mark.parametrize("spoil", [spoil_bytes, spoil_file, spoil_origin])
def test_a_recording_that_is_not_the_one_fetched_is_refused(harvest, spoil):
    fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    spoil(harvest.folder / "mine")
    with pytest.raises(SourceError, match=r"mine/.*Remedy: Harvest the source again"):
        harvest.get("mine")


def test_a_source_that_was_never_harvested_is_none(harvest):
    assert harvest.get("mine") is None
    assert harvest.sources() == ()


# ------------------------------------------------------------------ the last good recording


def test_a_page_that_says_sorry_with_status_200_does_not_take_its_place(harvest):
    fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    sorry = Reply(body=b"<html>down for maintenance</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(FetchError, match="answered with a page"):
        fetch(harvest, {"/list.ttl": [sorry]})
    with pytest.raises(SourceError):
        fetch(harvest, {"/list.ttl": [Reply(body=sorry.body, headers=TURTLE)]})
    assert contents(harvest) == [SKOS_FILE]


def test_a_broken_recording_of_a_folder_does_not_take_its_place(harvest, tmp_path):
    fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    (tmp_path / "list.ttl").write_bytes(b"broken")
    with pytest.raises(SourceError, match=r"list\.ttl"):
        harvest.copy(source(recorded=(Place("list.ttl", "skos"),)), tmp_path)
    assert contents(harvest) == [SKOS_FILE]


def test_a_crash_in_the_middle_of_an_exchange_loses_nothing(harvest):
    fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    (harvest.folder / "mine").rename(harvest.folder / ".old-mine")
    assert harvest.sources() == ("mine",)
    assert contents(harvest) == [SKOS_FILE]


def test_an_address_that_ends_in_another_dot_is_named_by_its_media_type(harvest):
    fetch(harvest, {"/local.theme.variables": [Reply(body=SKOS_FILE, headers=TURTLE)]})
    [recording] = harvest.get("mine").recordings
    assert recording.name.endswith(".ttl")
    assert read(recording).triples


@pytest.mark.parametrize(
    "origin", ["[]", "{}", '{"fetched": "", "files": [{}]}', '{"fetched": "", "files": 7}']
)
def test_a_damaged_origin_is_named(harvest, origin):
    fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    (harvest.folder / "mine" / "origin.json").write_text(origin, "utf-8")
    with pytest.raises(SourceError, match=r"mine/origin\.json"):
        harvest.get("mine")
