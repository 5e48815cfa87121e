"""Catalogue servers: all of their records come in, once, or the harvest says what is wrong.

A real pycsw (CSW 2.0.2, CSW 3.0.0, OAI-PMH) and a real pygeoapi (OGC API Records) serve records
made from the facts of the starter graph. What these servers never do wrong, one on the loopback
does.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from pyoxigraph import NamedNode

from helpers import OD1, Reply, loopback
from oceankg import build, ids, read
from oceankg.compare import compare_concept
from oceankg.errors import FetchError
from oceankg.gather import read_part
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.model import LeftOut
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG
from oceankg.sources import Place, Source, all_sources
from oceankg.store import Snapshots
from servers import records
from servers.records import Made, from_starter, geojson, iso19139, newer

SERVERS = Path(os.environ.get("OCEANKG_TEST_SERVERS", Path(sys.prefix) / "servers"))
HERE = Path(__file__).parent / "servers"
PAGE = 8


# ------------------------------------------------------------------ real servers


@dataclass
class Running:
    """A server in a process of its own over records of a folder; it can be ended and come back."""

    script: str
    folder: Path
    port: int
    served: tuple[Made, ...]
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        (self.folder / "records.db").unlink(missing_ok=True)
        python = SERVERS / "bin" / "python"
        command = [python, HERE / self.script, self.folder, str(self.port), str(PAGE)]
        with (self.folder / "said.txt").open("wb") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said)
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(self.address, timeout=30)
            except httpx.TransportError:
                said = (self.folder / "said.txt").read_text("utf-8")
                assert self.process.poll() is None, said
                assert time.monotonic() < deadline, f"it did not answer in time: {said}"
                time.sleep(0.05)
            else:
                return

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
        self.process = None


@contextmanager
def running(script: str, folder: Path, made: tuple[Made, ...]) -> Iterator[Running]:
    if not (SERVERS / "bin" / "python").exists():
        pytest.skip("needs the servers that `make unit` installs")
    records.write(folder, made, "json" if "pygeoapi" in script else "xml")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Running(script, folder, port, made)
    try:
        server.start()
        yield server
    finally:
        server.end()


# A product that the starter knows by its DOI, under the UUID that a server gives it; and one that
# nobody knows yet.
KNOWN = "10.24400/527896/a01-2022.002"
KNOWN_HERE = Made(
    id="5a1b9b5e-0000-4000-8000-0123456789ab",
    title="Finite size Lyapunov exponents",
    doi=KNOWN,
    concepts=(f"{OD1}CURR/",),
    start="1994",
    centre="CDS-AVISO",
)
NEW = Made(
    id="0d0c1f7c-0000-4000-8000-0123456789ab",
    title="A sea surface temperature that no catalogue has yet",
    concepts=(f"{OD1}SEATEMP/",),
    words=("sea_surface_temperature",),
    box=(-10.5, 40.0, 5.0, 50.25),
    start="2001-02-03",
    end="2020",
    centre="CDS-CERSAT",
    licence="https://creativecommons.org/licenses/by/4.0/",
    producers=("Ifremer",),
)
SERVICE = Made(id="a-service", title="A view service", scope="service")


@pytest.fixture(scope="session")
def made() -> tuple[Made, ...]:
    return (*from_starter()[::6], KNOWN_HERE, NEW, SERVICE)


@pytest.fixture(scope="session")
def pycsw(tmp_path_factory, made) -> Iterator[Running]:
    with running("serve_pycsw.py", tmp_path_factory.mktemp("pycsw"), made) as server:
        yield server


@pytest.fixture(scope="session")
def pygeoapi(tmp_path_factory, made) -> Iterator[Running]:
    with running("serve_pygeoapi.py", tmp_path_factory.mktemp("pygeoapi"), made) as server:
        yield server


PLACES: dict[str, Callable[[str], Place]] = {
    "CSW 2.0.2": lambda url: Place(url, "csw-records", by="csw"),
    "CSW 3.0.0": lambda url: Place(url, "csw-records", {"version": "3.0.0"}, by="csw"),
    "OAI-PMH, ISO": lambda url: Place(
        f"{url}?mode=oaipmh", "oai-records", {"form": "oai_datacite iso19139"}, by="oai"
    ),
    "OAI-PMH, Dublin Core": lambda url: Place(f"{url}?mode=oaipmh", "oai-records", by="oai"),
    "OGC API Records": lambda url: Place(
        f"{url}collections/main/items", "ogc-records", by="records"
    ),
}
FULL = [name for name in PLACES if "Dublin" not in name]


def source(*places: Place, name: str = "mine") -> Source:
    return Source(name, "Mine", "", "facts", "Tests", keep="none", live=places)


@dataclass
class Counting(Client):
    """A client that keeps the addresses it asked, and may do something before each."""

    asked: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None

    def __init__(self, before: Callable[[int], None] = lambda _: None, **settings: object) -> None:
        super().__init__(**{"wait": 0.01, "timeout": 30, "attempts": 2} | settings)
        self.asked, self.before = [], before

    def get(self, url, known=None):
        self.before(len(self.asked) + 1)
        self.asked.append(url)
        return super().get(url, known)


@dataclass
class Got:
    """What a build reads of a source that was harvested."""

    triples: tuple
    left_out: tuple[LeftOut, ...]

    def of(self, iri: str, predicate: NamedNode) -> set[str]:
        me = NamedNode(iri)
        return {
            t.object.value for t in self.triples if t.subject == me and t.predicate == predicate
        }

    @property
    def products(self) -> set[str]:
        return self.of(f"{BASE}catalogue/odatis", DCAT.dataset)

    @property
    def reasons(self) -> dict[str, str]:
        return {item.item: item.reason for item in self.left_out}


def got(harvest: Harvest, wanted: Source) -> Got:
    part = read_part(wanted, harvest.get(wanted.id).recordings, "harvested")
    return Got(part.triples, part.left_out)


def harvested(folder: Path, place: Place, client: Client | None = None) -> Got:
    wanted, harvest = source(place), Harvest(folder)
    with client or Counting() as asking:
        harvest.fetch(wanted, asking)
    return got(harvest, wanted)


@pytest.fixture
def server_of(request) -> Callable[[str], Running]:
    """The server that speaks a protocol; it is started when a test asks for it."""
    return lambda name: request.getfixturevalue("pygeoapi" if "Records" in name else "pycsw")


def word(text: str) -> str:
    return ids.word("odatis", " ".join(text.split()))


@pytest.mark.parametrize("protocol", FULL)
def test_what_a_real_server_holds_comes_out_as_it_went_in(protocol, server_of, tmp_path):
    server = server_of(protocol)
    found = harvested(tmp_path, PLACES[protocol](server.address))
    expected = [record for record in server.served if record is not SERVICE]
    assert found.products == {record.iri for record in expected}
    for record in expected:
        assert found.of(record.iri, DCT.title) == {" ".join(record.title.split())}
        assert found.of(record.iri, BIBO.doi) == ({record.doi} if record.doi else set())
        reports = {*record.concepts, *map(word, record.words)}
        assert found.of(record.iri, OKG.reports) == reports
        assert found.of(f"{record.iri}/period", DCAT.startDate) == set(filter(None, [record.start]))
        assert bool(found.of(f"{record.iri}/extent", DCAT.bbox)) == bool(record.box)
        if record.licence:
            assert found.of(record.iri, DCT.license) == {record.licence}
    assert found.of(NEW.iri, DCT.creator) == {f"{BASE}organisation/ifremer"}
    assert found.reasons["a-service"] == "a record of another kind: service, no product"


@pytest.mark.parametrize("protocol", FULL)
def test_no_person_address_number_or_password_comes_in(protocol, server_of, tmp_path):
    found = harvested(tmp_path, PLACES[protocol](server_of(protocol).address))
    said = "\n".join([*map(str, found.triples), *map(str, found.left_out)])
    assert [text for text in records.PLANTED if text in said] == []
    assert "https://data.example.org/" in said


def test_dublin_core_gives_what_it_has_and_takes_no_one_for_an_organisation(pycsw, tmp_path):
    found = harvested(tmp_path, PLACES["OAI-PMH, Dublin Core"](pycsw.address))
    assert found.products == {ids.product("odatis", r.id) for r in pycsw.served if r is not SERVICE}
    me = ids.product("odatis", NEW.id)
    assert found.of(me, DCT.title) == {NEW.title}
    assert word("sea_surface_temperature") in found.of(me, OKG.reports)
    assert found.of(me, DCT.creator) == set()
    assert found.of(me, OKG.dataCentre) == {f"{BASE}centre/cersat"}


@pytest.mark.parametrize("protocol", PLACES)
def test_pages_hold_what_the_server_wants_to_give_and_none_is_asked_twice(
    protocol, server_of, tmp_path
):
    server, client = server_of(protocol), Counting()
    harvested(tmp_path, PLACES[protocol](server.address), client)
    pages = [url for url in client.asked if "ListMetadataFormats" not in url]
    assert len(set(client.asked)) == len(client.asked)
    retold = sum("resumptionToken" in url and "metadataPrefix" in url for url in pages)
    assert len(pages) - retold == -(-len(server.served) // PAGE)


@pytest.mark.parametrize("protocol", FULL)
def test_a_second_harvest_of_the_same_records_changes_nothing(protocol, server_of, tmp_path):
    wanted, harvest = source(PLACES[protocol](server_of(protocol).address)), Harvest(tmp_path)
    with Counting() as client:
        assert harvest.fetch(wanted, client)
        assert not harvest.fetch(wanted, client)


@pytest.mark.parametrize("version", ["2.0.2", "3.0.0"])
def test_a_filter_leaves_the_records_of_one_centre(version, pycsw, tmp_path):
    place = replace(
        PLACES["CSW 2.0.2"](pycsw.address),
        about="csw:AnyText like '%CDS-CERSAT%'",
        options={"version": version},
    )
    found = harvested(tmp_path, place)
    assert found.products == {r.iri for r in pycsw.served if r.centre == "CDS-CERSAT"}
    assert NEW.iri in found.products


@pytest.mark.parametrize("protocol", ["CSW 2.0.2", "OGC API Records"])
def test_a_server_that_dies_between_two_pages_costs_one_page(protocol, tmp_path, made):
    script = "serve_pygeoapi.py" if "Records" in protocol else "serve_pycsw.py"
    (tmp_path / "server").mkdir()
    with running(script, tmp_path / "server", made[: 3 * PAGE]) as server:
        wanted, harvest = source(PLACES[protocol](server.address)), Harvest(tmp_path)
        broken = Counting(lambda number: server.end() if number == 3 else None)
        with broken, pytest.raises(FetchError, match=r"127\.0\.0\.1"):
            harvest.fetch(wanted, broken)
        assert harvest.get("mine") is None
        server.start()
        with Counting() as client:
            assert harvest.fetch(wanted, client)
        again = [url for url in client.asked if "ListMetadataFormats" not in url]
        assert not {*again} & {*broken.asked[:2]}
        assert got(harvest, wanted).products == {record.iri for record in server.served}


def test_what_a_server_holds_is_compared_and_stays_one_product_with_the_starters(
    pycsw, tmp_path, monkeypatch
):
    needed = ("nvs-exv", "nvs-a05", "nvs-od1", "cmems", "odatis")
    entries = {name: all_sources()[name] for name in needed}
    entries["mine"] = source(PLACES["CSW 2.0.2"](pycsw.address))
    monkeypatch.setattr("oceankg.sources.all_sources", lambda: entries)
    with Counting() as client:
        Harvest(tmp_path).fetch(entries["mine"], client)
    snapshot = build.build(Snapshots(tmp_path)).snapshot
    model = read.load(snapshot)
    temperature = compare_concept(model, f"{OD1}SEATEMP/").catalogues["odatis"]
    mine = next(row.product for row in temperature if row.product.iri == NEW.iri)
    assert (mine.title, mine.start, mine.end) == (NEW.title, "2001-02-03", "2020")
    assert mine.data_centre.startswith("CERSAT")
    # Known by its DOI in the starter and by a UUID here: one product, the newer record's title.
    carrying = [p for p in model.products.values() if p.doi == KNOWN and p.catalogue == "odatis"]
    assert [p.iri for p in carrying] == [ids.product("odatis", KNOWN)]
    assert carrying[0].title == KNOWN_HERE.title
    assert f"{OD1}CURR/" in carrying[0].reports
    gone = [i for i in snapshot.report()["left_out"] if "told by mine" in i["reason"]]
    assert any(KNOWN.replace("/", "%2F") in item["item"] for item in gone)
    assert {item["source"] for item in gone} == {"odatis"}


# ------------------------------------------------------------------ what servers do wrong: CSW

XML = {"Content-Type": "application/xml"}
CSW = "http://www.opengis.net/cat/csw/2.0.2"
A, B, C = (Made(f"record-{letter}", f"Record {letter}", words=("salinity",)) for letter in "ABC")


def xml_of(record: Made) -> str:
    return iso19139(record).decode().split("?>", 1)[1]


def csw_page(*made: Made, total: object = 3, following: object = 0) -> Reply:
    stated = "" if following is None else f'nextRecord="{following}"'
    body = (
        f'<csw:GetRecordsResponse xmlns:csw="{CSW}"><csw:SearchStatus timestamp="{time.time()}"/>'
        f'<csw:SearchResults numberOfRecordsMatched="{total}" {stated}>'
        f"{''.join(map(xml_of, made))}</csw:SearchResults></csw:GetRecordsResponse>"
    )
    return Reply(body=body.encode(), headers=XML)


@dataclass
class Script:
    """A server that gives its replies to requests with a position or a token, in order."""

    replies: dict[str, list[Reply]]
    seen: list[str] = field(default_factory=list)

    def __call__(self, path: str) -> Reply:
        query = httpx.URL(path).params
        key = query.get("startPosition") or query.get("resumptionToken") or "1"
        self.seen.append(key)
        replies = self.replies.get(key, [Reply(404)])
        return replies.pop(0) if len(replies) > 1 else replies[0]


@contextmanager
def scripted(name: str, **replies: list[Reply]) -> Iterator[tuple[Place, Script]]:
    script = Script({key.lstrip("_"): list(value) for key, value in replies.items()})
    with loopback({}, script) as server:
        yield PLACES[name](f"{server.url}/"), script


def iris(*made: Made) -> set[str]:
    return {record.iri for record in made}


def test_a_server_that_gives_fewer_than_it_was_asked_for_is_asked_from_there(tmp_path):
    # It counts on by what was asked, not by what it gave.
    with scripted(
        "CSW 2.0.2",
        _1=[csw_page(A, following=101)],
        _2=[csw_page(B, following=102)],
        _3=[csw_page(C)],
    ) as (place, script):
        assert harvested(tmp_path, place).products == iris(A, B, C)
    assert script.seen == ["1", "2", "3"]


def test_a_server_that_does_not_say_what_is_next_is_asked_until_it_has_no_more(tmp_path):
    with scripted(
        "CSW 2.0.2",
        _1=[csw_page(A, B, total="", following=None)],
        _3=[csw_page(C, total="", following=None)],
        _4=[csw_page(total="", following=None)],
    ) as (place, _):
        assert harvested(tmp_path, place).products == iris(A, B, C)


def test_records_that_a_server_counts_and_does_not_give_are_named(tmp_path):
    with scripted("CSW 2.0.2", _1=[csw_page(A, B, total=5)]) as (place, _):
        found = harvested(tmp_path, place)
    assert found.products == iris(A, B)
    assert "does not give" in found.reasons["3 records"]


def test_an_empty_page_before_the_end_is_no_end(tmp_path):
    with (
        scripted("CSW 2.0.2", _1=[csw_page(A, following=2)], _2=[csw_page(following=2)]) as (p, _),
        pytest.raises(FetchError, match="holds no records"),
    ):
        harvested(tmp_path, p)


def test_a_catalogue_that_changes_while_it_is_read_is_read_anew(tmp_path):
    with scripted(
        "CSW 2.0.2",
        _1=[csw_page(A, total=2, following=2), csw_page(A, total=3, following=2)],
        _2=[csw_page(B, C, total=3)],
    ) as (place, script):
        assert harvested(tmp_path, place).products == iris(A, B, C)
    assert script.seen == ["1", "2", "1", "2"]


def test_a_catalogue_that_never_stands_still_is_given_up(tmp_path):
    growing = [csw_page(A, total=n, following=2) for n in (2, 4, 6, 8)]
    with (
        scripted("CSW 2.0.2", _1=growing, _2=[csw_page(B, C, total=n) for n in (3, 5, 7, 9)]) as (
            place,
            _,
        ),
        pytest.raises(FetchError, match="changes while it is read"),
    ):
        harvested(tmp_path, place)


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_records_of_one_product_the_newest_stands(newest_first, tmp_path):
    pair = [newer(A, title="The newer one"), A]
    first, last = pair if newest_first else pair[::-1]
    with scripted("CSW 2.0.2", _1=[csw_page(first, B, following=3)], _3=[csw_page(last)]) as (
        place,
        _,
    ):
        found = harvested(tmp_path, place)
    assert found.of(A.iri, DCT.title) == {"The newer one"}
    assert found.products == iris(A, B)
    assert "second record" in found.reasons[A.id]


def test_of_two_records_on_one_page_the_newest_stands(tmp_path):
    page = csw_page(A, newer(A, title="The newer one"), B)
    with scripted("CSW 2.0.2", _1=[page]) as (place, _):
        found = harvested(tmp_path, place)
    assert found.of(A.iri, DCT.title) == {"The newer one"}
    assert "2025-05-06" in found.reasons[A.id]


FAULTS = {
    "broken": Reply(500),
    "gone": Reply(404),
    "cut off": Reply(body=csw_page(B).body[:300], length=900, headers=XML),
    "truncated": Reply(body=csw_page(B).body[:-60], headers=XML),
    "empty": Reply(headers=XML),
    "a page for people": Reply(body=b"<html>sorry</html>", headers={"Content-Type": "text/html"}),
    "a page for people that calls itself XML": Reply(body=b"<html>sorry</html>", headers=XML),
    "an exception": Reply(
        body=b'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"><ows:Exception>'
        b"<ows:ExceptionText>no more</ows:ExceptionText></ows:Exception></ows:ExceptionReport>",
        headers=XML,
    ),
    "an entity bomb": Reply(
        body=b'<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><b>&b;</b>', headers=XML
    ),
    "a file of the machine": Reply(
        body=b'<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><b>&a;</b>', headers=XML
    ),
    "too large": Reply(body=b"<a>" + b" " * 200_000 + b"</a>", headers=XML),
    "stalled": Reply(stall=True),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_after_a_fault_the_next_harvest_goes_on_with_the_page_that_failed(fault, tmp_path):
    with scripted(
        "CSW 2.0.2", _1=[csw_page(A, following=2)], _2=[fault, fault, csw_page(B, C)]
    ) as (place, script):
        wanted, harvest = source(place), Harvest(tmp_path)
        attempts = 2 if fault.status == 500 or fault.stall or fault.length else 1
        script.replies["2"] = [*[fault] * attempts, csw_page(B, C)]
        settings = {"max_bytes": 100_000, "timeout": 0.5}
        with Counting(**settings) as client, pytest.raises(FetchError, match=r"127\.0\.0\.1"):
            harvest.fetch(wanted, client)
        script.seen.clear()
        with Counting(**settings) as client:
            assert harvest.fetch(wanted, client)
        assert script.seen == ["2"]
        assert got(harvest, wanted).products == iris(A, B, C)


def test_a_server_that_asks_to_wait_is_waited_for(tmp_path):
    busy = Reply(503, headers={"Retry-After": "1"})
    with scripted("CSW 2.0.2", _1=[csw_page(A, B, following=3)], _3=[busy, csw_page(C)]) as (
        place,
        script,
    ):
        assert harvested(tmp_path, place).products == iris(A, B, C)
    assert script.seen == ["1", "3", "3"]


def test_a_catalogue_without_records_does_not_take_the_place_of_one_with_some(tmp_path):
    harvest = Harvest(tmp_path)
    with scripted("CSW 2.0.2", _1=[csw_page(A, total=1), csw_page(total=0)]) as (place, _):
        wanted = source(place)
        with Counting() as client:
            harvest.fetch(wanted, client)
            with pytest.raises(FetchError, match="no records"):
                harvest.fetch(wanted, client)
    assert got(harvest, wanted).products == iris(A)


# ------------------------------------------------------------------ what servers do wrong: OAI-PMH

OAI = "http://www.openarchives.org/OAI/2.0/"


def oai_item(record: Made, *, deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    metadata = "" if deleted else f"<metadata>{xml_of(record)}</metadata>"
    return (
        f"<record><header{status}><identifier>oai:example.org:{record.id}</identifier>"
        f"<datestamp>{record.stamp}</datestamp></header>{metadata}</record>"
    )


def oai_page(*items: str, token: str | None = None, size: str = "") -> Reply:
    named = "" if token is None else f"<resumptionToken {size}>{token}</resumptionToken>"
    return oai_answer(f"<ListRecords>{''.join(items)}{named}</ListRecords>")


def oai_answer(content: str) -> Reply:
    body = f'<OAI-PMH xmlns="{OAI}"><responseDate>{time.time()}</responseDate>{content}</OAI-PMH>'
    return Reply(body=body.encode(), headers=XML)


def oai_error(code: str) -> Reply:
    return oai_answer(f'<error code="{code}">so it is</error>')


OAI_ISO = "OAI-PMH, Dublin Core"  # the form that is asked for makes no difference here


def test_tokens_are_followed_to_the_empty_one(tmp_path):
    with scripted(
        OAI_ISO,
        _1=[oai_page(oai_item(A), token="b", size='completeListSize="2"')],  # an estimate
        b=[oai_page(oai_item(B), token="c")],
        c=[oai_page(oai_item(C), token="")],
    ) as (place, script):
        assert harvested(tmp_path, place).products == iris(A, B, C)
    assert script.seen == ["1", "b", "c"]


def test_a_token_that_the_server_has_forgotten_begins_the_list_again(tmp_path):
    forgotten = oai_error("badResumptionToken")
    with scripted(
        OAI_ISO,
        _1=[oai_page(oai_item(A), token="b"), oai_page(oai_item(A), token="fresh")],
        b=[Reply(500), Reply(500), forgotten],
        fresh=[oai_page(oai_item(B), oai_item(C))],
    ) as (place, script):
        wanted, harvest = source(place), Harvest(tmp_path)
        with Counting() as client, pytest.raises(FetchError):
            harvest.fetch(wanted, client)
        with Counting() as client:
            assert harvest.fetch(wanted, client)
        assert got(harvest, wanted).products == iris(A, B, C)
    assert script.seen == ["1", "b", "b", "b", "1", "fresh"]


def test_a_record_that_the_server_deleted_is_withdrawn(tmp_path):
    gone = oai_item(newer(A), deleted=True)
    with scripted(
        OAI_ISO, _1=[oai_page(oai_item(A), oai_item(B), token="b")], b=[oai_page(gone)]
    ) as (place, _):
        found = harvested(tmp_path, place)
    assert found.products == iris(B)
    assert [i.reason for i in found.left_out if i.item == A.id] == [
        "a second record of it: another page's stands",
        "withdrawn by its server on 2025-05-06",
    ]


def test_a_record_that_came_back_after_it_was_deleted_stands(tmp_path):
    with scripted(
        OAI_ISO, _1=[oai_page(oai_item(A, deleted=True), oai_item(newer(A)), oai_item(B))]
    ) as (place, _):
        assert harvested(tmp_path, place).products == iris(A, B)


@pytest.mark.parametrize("code", ["noRecordsMatch", "cannotDisseminateFormat", "badVerb"])
def test_an_error_of_the_protocol_is_one_of_the_harvest(code, tmp_path):
    with (
        scripted(OAI_ISO, _1=[oai_error(code)]) as (place, _),
        pytest.raises(FetchError, match=f"{code}: so it is"),
    ):
        harvested(tmp_path, place)


def test_of_the_forms_that_are_wanted_the_first_that_is_offered_is_asked_for(tmp_path):
    def answer(path: str) -> Reply:
        query = httpx.URL(path).params
        if query["verb"] == "ListMetadataFormats":
            offered = "".join(
                f"<metadataFormat><metadataPrefix>{p}</metadataPrefix></metadataFormat>"
                for p in ("oai_dc", "iso19139")
            )
            return oai_answer(f"<ListMetadataFormats>{offered}</ListMetadataFormats>")
        known = query["metadataPrefix"] == "iso19139"
        return oai_page(oai_item(A)) if known else oai_error("cannotDisseminateFormat")

    with loopback({}, answer) as server:
        place = Place(server.url, "oai-records", {"form": "oai_datacite iso19139"}, by="oai")
        assert harvested(tmp_path, place).products == iris(A)
        with pytest.raises(FetchError, match="offers oai_dc, iso19139, not oai_datacite or marc"):
            harvested(tmp_path, replace(place, options={"form": "oai_datacite marc"}))


# ------------------------------------------------------------------ what servers do wrong: OGC


def items(server_url: str, *made: Made, total: int = 2, following: str = "") -> Reply:
    links = f'{{"rel": "next", "href": "{server_url}{following}"}}' if following else ""
    features = ", ".join(geojson(record).decode() for record in made)
    body = f'{{"features": [{features}], "numberMatched": {total}, "links": [{links}]}}'
    return Reply(body=body.encode(), headers={"Content-Type": "application/geo+json"})


def test_a_link_to_the_next_page_may_be_relative(tmp_path):
    with loopback(
        {"/items?f=json&limit=100": [items("", A, following="items?page=2")]},
        lambda path: items("", B) if path == "/items?page=2" else Reply(404),
    ) as server:
        place = Place(f"{server.url}/items", "ogc-records", by="records")
        assert harvested(tmp_path, place).products == iris(A, B)


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (items("", A, total=2), "gives 1 records of the 2"),
        (items("", A, following="items?f=json&limit=100"), "in a circle"),
        (items("http://internal.invalid", A, following="/"), "at another host"),
        (items("", A, following="file:///etc/passwd"), "at another host"),
        (Reply(body=b'{"type": "Catalog"}'), "no list of features"),
        (Reply(body=b'{"features": ['), "no JSON"),
        (Reply(body=b'{"features": []}'), "no records"),
    ],
)
def test_a_collection_that_is_not_given_whole_is_not_taken(first, message, tmp_path):
    with loopback({"/items?f=json&limit=100": [first]}) as server:
        place = Place(f"{server.url}/items", "ogc-records", by="records")
        with pytest.raises(FetchError, match=message):
            harvested(tmp_path, place)
    assert Harvest(tmp_path).get("mine") is None
