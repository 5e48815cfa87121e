"""A harvest brings recordings in whole, and keeps the last good ones when it fails."""

from __future__ import annotations

import os

import pytest

from helpers import Reply, loopback
from oceankg.errors import FetchError, MappingError, SourceError
from oceankg.gather import add_file, add_url, read_mapping_sets
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
    harvest.add(file, "mine")
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
def test_a_broken_file_is_refused_and_nothing_is_kept(harvest, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=name):
        harvest.add(tmp_path / name, "mine")
    assert harvest.sources() == ()


def test_a_broken_file_leaves_the_one_before(harvest, tmp_path):
    file = tmp_path / "own.ttl"
    file.write_bytes(SKOS_FILE)
    harvest.add(file, "mine")
    file.write_bytes(SKOS_FILE[:-20])
    with pytest.raises(SourceError):
        harvest.add(file, "mine")
    assert contents(harvest) == [SKOS_FILE]


SSSOM = b"""#curie_map:
#  skos: http://www.w3.org/2004/02/skos/core#
#  semapv: https://w3id.org/semapv/vocab/
#  ex: http://example.org/s/
#mapping_set_id: https://example.org/mine
#license: https://creativecommons.org/publicdomain/zero/1.0/
subject_id\tpredicate_id\tobject_id\tmapping_justification
ex:salt\tskos:exactMatch\tex:halite\tsemapv:ManualMappingCuration
"""


def test_a_users_mapping_set_becomes_one_of_the_build_marked_as_the_users(harvest, tmp_path):
    file = tmp_path / "Mine of May.sssom.tsv"
    file.write_bytes(SSSOM)
    add_file(harvest, file)
    [kept] = (tmp_path / "mappings").iterdir()
    [mapping_set], complaints = read_mapping_sets([kept])
    assert (mapping_set.id, len(mapping_set.mappings), complaints) == ("user-mine-of-may", 1, [])
    file.write_bytes(SSSOM.replace(b"halite", b"rocksalt"))
    add_file(harvest, file)
    [[mapping_set], _] = read_mapping_sets((tmp_path / "mappings").iterdir())
    assert mapping_set.mappings[0].object.endswith("rocksalt")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (SSSOM[:-30], "line 8"),
        (SSSOM.replace(b"ex:halite", b"xe:halite"), "line 8, column object_id"),
        (b"a,b\n1,2\n", "head"),
        (b"\xff", "byte 0"),
    ],
    ids=["cut off", "prefix", "other table", "not text"],
)
def test_a_broken_mapping_set_is_refused_with_its_line(harvest, tmp_path, content, place):
    (tmp_path / "mine.tsv").write_bytes(SSSOM)
    add_file(harvest, tmp_path / "mine.tsv")
    (tmp_path / "mine.tsv").write_bytes(content)
    with pytest.raises(MappingError) as caught:
        add_file(harvest, tmp_path / "mine.tsv")
    assert caught.value.file == "user-mine.sssom.tsv"
    assert place in caught.value.place
    assert caught.value.remedy
    [kept] = (tmp_path / "mappings").iterdir()
    assert kept.read_bytes() == SSSOM


def test_a_users_files_are_fetched_from_their_addresses(harvest, tmp_path):
    replies = {
        "/v/own.ttl": [Reply(body=SKOS_FILE, headers=TURTLE | {"ETag": '"1"'}), Reply(304)],
        "/v/thesaurus?format=rdf": [Reply(body=SKOS_FILE, headers=TURTLE)],
        "/v/mine.sssom.tsv": [Reply(body=SSSOM)],
        "/v/sorry.ttl": [Reply(body=b"<html>", headers={"Content-Type": "text/html"})],
    }
    with loopback(replies) as server, Client(wait=0.01, timeout=0.5) as client:
        for path in ("/v/own.ttl", "/v/own.ttl", "/v/thesaurus?format=rdf", "/v/mine.sssom.tsv"):
            add_url(harvest, server.url + path, client)
        with pytest.raises(FetchError, match="page"):
            add_url(harvest, server.url + "/v/sorry.ttl", client)
        assert server.requests[1][1]["if-none-match"] == '"1"'
    names = [name.split("-v-")[1] for name in harvest.sources()]
    assert names == ["own-ttl", "thesaurus"]
    assert all(name.startswith("user-127-0-0-1-") for name in harvest.sources())
    assert [p.name for p in (tmp_path / "mappings").iterdir()] == ["user-mine.sssom.tsv"]


def test_a_file_that_is_not_there_is_reported(harvest, tmp_path):
    with pytest.raises(FetchError, match=r"none\.ttl"):
        add_file(harvest, tmp_path / "none.ttl")


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


def test_what_a_killed_harvest_left_is_swept_away_after_a_day(harvest):
    left, writing = harvest.folder / ".fresh-other", harvest.folder / ".fresh-another"
    left.mkdir(parents=True)
    writing.mkdir()
    os.utime(left, (0, 0))
    fetch(harvest, {"/list.ttl": [Reply(body=SKOS_FILE)]})
    assert not left.exists()
    assert writing.exists()


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
