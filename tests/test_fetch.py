"""A source is fetched in the way its authority serves it, whole or not at all, and politely."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit
from urllib.request import install_opener

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, Store

from helpers import P02, Reply, loopback
from oceankg import endpoint
from oceankg.endpoint import Endpoint, bound, rows
from oceankg.errors import FetchError, SourceError
from oceankg.fetch import file_name
from oceankg.gather import read_part
from oceankg.harvest import Harvest
from oceankg.http import Client
from oceankg.namespaces import OWL, SKOS
from oceankg.sources import Place, Source, all_sources

TTL = {"Content-Type": "text/turtle"}
JSON = {"Content-Type": "application/sparql-results+json"}
SPARQL = "/sparql"
NOT_A_LIST = P02.replace("P02", "ZZZ")
FAULTS = {
    "gone": Reply(404),
    "broken server": Reply(500),
    "cut off": Reply(body=b"@prefix", length=500, headers=TTL),
    "stalled": Reply(stall=True),
    "a page for people": Reply(body=b"<html>sorry</html>", headers={"Content-Type": "text/html"}),
}
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture
def harvest(tmp_path):
    return Harvest(tmp_path)


def client(**settings):
    return Client(**{"wait": 0.01, "timeout": 0.5, "attempts": 2} | settings)


def source(*places):
    return Source("mine", "Mine", "", "", "", live=places)


def part(harvest):
    """What a build reads of the source."""
    got = harvest.get("mine")
    return read_part(source(), got.recordings, "harvested").triples


def labels(harvest):
    """The labels of the source by the last part of the concept's IRI."""
    return {
        t.subject.value.rstrip("/").rsplit("/", 1)[-1]: t.object.value
        for t in part(harvest)
        if t.predicate == SKOS.prefLabel
    }


def paths(server):
    return [path for path, _ in server.requests]


# ------------------------------------------------------------------ pages of whole bodies


def skos(*names):
    body = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n" + "".join(
        f'<http://example.org/s/{name}> a skos:Concept ; skos:prefLabel "{name}"@en .\n'
        for name in names
    )
    return body.encode()


def paged(path, following="", body=b""):
    link = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Reply(body=body or skos(path.strip("/")), headers=TTL | link)


def test_the_pages_that_follow_are_fetched_too(harvest):
    replies = {"/a": [paged("/a", "/b?page=2")], "/b?page=2": [paged("/b", "", skos("b"))]}
    with loopback(replies) as server, client() as http:
        harvest.fetch(source(Place(f"{server.url}/a", "skos")), http)
    assert labels(harvest) == {"a": "a", "b": "b"}


@faults
def test_after_a_break_only_the_missing_page_is_fetched(harvest, fault):
    replies = {"/a": [paged("/a", "/b")], "/b": [fault, fault, paged("/b")]}
    with loopback(replies) as server, client() as http:
        mine = source(Place(f"{server.url}/a", "skos"))
        while True:
            try:
                harvest.fetch(mine, http)
                break
            except FetchError:
                assert harvest.get("mine") is None
        assert paths(server).count("/a") == 1
    assert labels(harvest) == {"a": "a", "b": "b"}


def test_what_was_fetched_and_is_no_good_is_not_taken_up_again(harvest):
    replies = {"/a": [Reply(body=b"broken", headers=TTL), paged("/a")]}
    with loopback(replies) as server, client() as http:
        mine = source(Place(f"{server.url}/a", "skos"))
        with pytest.raises(SourceError):
            harvest.fetch(mine, http)
        assert harvest.fetch(mine, http)
    assert labels(harvest) == {"a": "a"}


def test_pages_that_did_not_change_are_not_fetched_again(harvest):
    tagged = paged("/a", "/b")
    replies = {
        "/a": [Reply(body=tagged.body, headers={**tagged.headers, "ETag": '"1"'}), Reply(304)],
        "/b": [Reply(body=skos("b"), headers=TTL | {"ETag": '"2"'}), Reply(304)],
    }
    with loopback(replies) as server, client() as http:
        mine = source(Place(f"{server.url}/a", "skos"))
        assert harvest.fetch(mine, http) is True
        assert harvest.fetch(mine, http) is False
        assert paths(server) == ["/a", "/b", "/a", "/b"]


def test_pages_in_a_circle_are_refused(harvest):
    replies = {"/a": [paged("/a", "/b")], "/b": [paged("/b", "/a")]}
    with loopback(replies) as server, client() as http, pytest.raises(FetchError, match="circle"):
        harvest.fetch(source(Place(f"{server.url}/a", "skos")), http)
    assert harvest.get("mine") is None


def test_a_page_in_the_middle_of_which_the_disk_was_lost_is_fetched_anew(harvest, tmp_path):
    """A damaged recording is not asked for conditionally: a 304 would keep the damage."""
    replies = {"/a": [Reply(body=skos("a"), headers=TTL | {"ETag": '"1"'})]}
    with loopback(replies) as server, client() as http:
        mine = source(Place(f"{server.url}/a", "skos"))
        harvest.fetch(mine, http)
        next((tmp_path / "harvest" / "mine").glob("a*")).write_bytes(b"")
        harvest.fetch(mine, http)
        assert "if-none-match" not in server.requests[1][1]
    assert labels(harvest) == {"a": "a"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("list.ttl", "list.ttl"),
        ("..", "_"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("origin.json", "_origin.json"),
        ("a b?c", "a_b_c"),
        ("x" * 500 + ".ttl", "x" * 96 + ".ttl"),
    ],
)
def test_a_name_leads_to_no_other_folder(text, name):
    assert file_name(text) == name


# ------------------------------------------------------------------ a SPARQL endpoint


@pytest.fixture
def members():
    """A store of a list of 12 members, as a vocabulary server holds it."""
    store = Store()
    text = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> INSERT DATA {" + "".join(
        f'<{P02}> skos:member <{P02}T{n:02}/> . <{P02}T{n:02}/> skos:prefLabel "Term {n}"@en ; '
        f'skos:notation "SDN:P02::T{n:02}" ; skos:definition "Left to its authors."@en . '
        for n in range(12)
    )
    store.update(text + "}")
    return store


def answering(store, page=None):
    """What a SPARQL endpoint over a store answers, with at most `page` rows."""

    def answer(path):
        asked = parse_qs(urlsplit(path).query)
        text = asked["query"][0]
        if page:
            limit = f"LIMIT {endpoint.PAGE}"
            assert limit in text
            text = text.replace(limit, f"LIMIT {page}")
        table = store.query(text).serialize(format=QueryResultsFormat.JSON)
        return Reply(body=table, headers=JSON)

    return answer


def rows_of(server, about=P02):
    return source(
        Place(server.url + SPARQL, "nvs-rows", by="sparql", query="nvs-collection", about=about)
    )


def test_a_list_is_fetched_from_an_endpoint_page_by_page(harvest, members):
    with loopback({}, answering(members, page=5)) as server, client() as http:
        assert harvest.fetch(rows_of(server), http)
        assert len(server.requests) == 6  # five pages of 24 rows, and the empty one
    assert labels(harvest) == {f"T{n:02}": f"Term {n}" for n in range(12)}
    assert len(harvest.get("mine").recordings) == 5


def test_the_rows_say_all_that_the_whole_list_says_but_sentences(harvest, members):
    with loopback({}, answering(members)) as server, client() as http:
        harvest.fetch(rows_of(server), http)
    about = {(t.predicate, t.object) for t in part(harvest) if t.subject == NamedNode(f"{P02}T03/")}
    assert (SKOS.prefLabel, Literal("Term 3", language="en")) in about
    assert (SKOS.notation, Literal("SDN:P02::T03")) in about
    assert len(about) == 4  # and its kind, and its place
    assert not any(t.predicate == SKOS.definition for t in part(harvest))


ROW_FAULTS = FAULTS | {
    "half a table": Reply(body=b'{"head":{"vars":["a"]},"results":{"bindings":[', headers=JSON),
    "no table": Reply(body=b'{"head":{},"boolean":true}', headers=JSON),
    "a part of the answer": Reply(
        body=b'{"head":{"vars":[]},"results":{"bindings":[]}}',
        headers=JSON | {"X-SQL-State": "S1TAT"},
    ),
    "unavailable": Reply(503),
    "refused": Reply(400),
}


@pytest.mark.parametrize("fault", ROW_FAULTS.values(), ids=ROW_FAULTS)
def test_after_a_break_an_endpoint_is_asked_for_the_rest(harvest, members, fault):
    sound = answering(members, page=5)
    broken = True

    def answer(path):
        return fault if broken and "OFFSET+15" in path.replace("%20", "+") else sound(path)

    with loopback({}, answer) as server, client() as http:
        with pytest.raises(FetchError, match=server.url):
            harvest.fetch(rows_of(server), http)
        assert harvest.get("mine") is None
        before, broken = len(server.requests), False
        assert harvest.fetch(rows_of(server), http)
        asked = ["OFFSET+" + p.split("OFFSET+")[1].split("%")[0] for p in paths(server)[before:]]
        # The last page that was kept, to see that the list is still the same; then the rest.
        assert asked == ["OFFSET+10", "OFFSET+15", "OFFSET+20", "OFFSET+24"]
    assert len(labels(harvest)) == 12


def test_a_list_that_changed_during_the_break_is_fetched_anew(harvest, members):
    sound = answering(members, page=5)
    broken = True

    def answer(path):
        return Reply(500) if broken and "OFFSET+10" in path else sound(path)

    with loopback({}, answer) as server, client() as http:
        with pytest.raises(FetchError):
            harvest.fetch(rows_of(server), http)
        broken = False
        members.update(f"DELETE WHERE {{ <{P02}T00/> ?p ?o }}")
        harvest.fetch(rows_of(server), http)
    assert sorted(labels(harvest)) == [f"T{n:02}" for n in range(1, 12)]


def test_an_endpoint_that_knows_nothing_of_a_list_is_reported(harvest, members):
    served = loopback({}, answering(members))
    with served as server, client() as http, pytest.raises(FetchError, match="knows nothing"):
        harvest.fetch(rows_of(server, NOT_A_LIST), http)
    assert harvest.get("mine") is None


def test_an_endpoint_is_told_who_asks_and_bound_in_size(members):
    with loopback({}, answering(members)) as server:
        with client(contact="ocean@example.org") as http:
            Endpoint(server.url + SPARQL, http).select("SELECT * {}")
            assert "ocean@example.org" in server.requests[0][1]["user-agent"]
        with client(max_bytes=20) as http, pytest.raises(FetchError, match="larger than 20"):
            Endpoint(server.url + SPARQL, http).select("SELECT * {}")


@pytest.mark.parametrize("value", ["http://x/> } DROP ALL #", "no IRI", "http://x/\n", ""])
def test_what_is_no_iri_is_never_put_into_a_query(value):
    with pytest.raises(ValueError, match="IRI"):
        bound("SELECT * {}", {"collection": value}, 1, 0)


def test_a_page_is_counted_or_refused():
    assert rows(b'{"head":{"vars":["a"]},"results":{"bindings":[{},{}]}}') == 2
    with pytest.raises(ValueError, match="no table"):
        rows(b'{"head":{},"boolean":true}')


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("edmo", "https://edmo.seadatanet.org/report/308"),
        ("edmerp", "https://edmerp.seadatanet.org/report/11730"),
    ],
)
def test_directories_are_fetched_from_their_endpoints(harvest, name, thing):
    """Both spellings that their endpoints are known to use become that of the catalogues."""
    store = Store()
    store.update(
        """PREFIX dbo: <http://dbpedia.org/ontology/> INSERT DATA {
        <http://edmo.seadatanet.org/308> a <http://www.w3.org/ns/org#Organization> ;
            <http://www.w3.org/ns/org#name> "Ifremer, Centre de Brest" .
        <http://edmerp.seadatanet.org/report/11730> a dbo:ResearchProject ;
            <http://www.w3.org/2000/01/rdf-schema#label> "Mapping the bay" . }"""
    )
    [place] = all_sources()[name].live
    with loopback({}, answering(store)) as server, client() as http:
        asked = Place(server.url + SPARQL, place.format, by="sparql", query=place.query)
        harvest.fetch(source(asked), http)
    assert {t.subject for t in part(harvest)} == {NamedNode(thing)}
    assert any(isinstance(t.object, Literal) and " " in t.object.value for t in part(harvest))


# ------------------------------------------------------------------ an event stream


def member(code, day, label, version=1, more=""):
    return f"""
<feed> tree:member <{P02}{code}/{version}/> .
<{P02}{code}/{version}/> a skos:Concept ; dc:isVersionOf <{P02}{code}/> ;
    dc:modified '{day}T00:00:00'^^xsd:dateTime ; skos:prefLabel '{label}'^^xsd:string ;
    skos:notation 'SDN:P02::{code}'^^xsd:string {more}."""


def stream_page(own, older, *members):
    """A page as NVS writes it: its own address, links to older pages, members with versions."""
    links = "".join(
        f""" ; tree:relation [ a tree:LessThanRelation ; tree:node <{node}> ;
        tree:path dc:modified ; tree:value '{until}T00:00:00+00:00'^^xsd:dateTime ]"""
        for node, until in older.items()
    )
    head = f"""@prefix tree: <https://w3id.org/tree#> . @prefix ldes: <https://w3id.org/ldes#> .
@prefix dc: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@base <{own}> .
<> a tree:Node{links} .
<feed> a ldes:EventStream ; tree:view <> ."""
    return Reply(body=(head + "".join(members)).encode(), headers=TTL)


BASE = json.dumps(
    {
        "@context": {
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "dc": "http://purl.org/dc/terms/",
        },
        "@graph": [
            {"@id": P02, "@type": "skos:Collection", "skos:member": [{"@id": f"{P02}TEMP/"}]},
            {
                "@id": f"{P02}TEMP/",
                "@type": "skos:Concept",
                "skos:prefLabel": {"@language": "en", "@value": "Temperature"},
                "skos:altLabel": "WC_Temp",
                "dc:date": "2022-06-01 00:00:00.0",
                "skos:broader": {"@id": P02.replace("P02", "P03") + "D025/"},
            },
        ],
    }
).encode()


def streamed(server, *, base=True):
    whole = (Place(f"{server.url}/whole", "nvs-jsonld"),) if base else ()
    return source(*whole, Place(f"{server.url}/ldes/P02/", "ldes", by="ldes", about=P02))


def three_years(server, *, newest=()):
    """A stream of three pages; the newest is found at the address of the stream."""
    old, middle, new = (f"{server.url}/{year}.ttl" for year in (2021, 2022, 2023))
    return {
        "/ldes/P02/": stream_page(
            new, {middle: "2022-12-31"}, member("PSAL", "2023-05-01", "Salinity"), *newest
        ),
        "/2022.ttl": stream_page(
            middle,
            {old: "2021-12-31"},
            member("TEMP", "2022-06-01", "Temperature", 2),
            member("TEMP", "2022-02-01", "Temparature", 1),
        ),
        "/2021.ttl": stream_page(old, {}, member("OLD1", "2021-03-01", "Old one")),
    }


class Stream:
    """A server of a stream whose pages may change, beside the whole list."""

    def __init__(self):
        self.pages = {}

    def __call__(self, path):
        return self.pages.get(path, Reply(404))


def test_a_stream_is_followed_to_its_first_page(harvest):
    pages = Stream()
    with loopback({}, pages) as server, client() as http:
        pages.pages = three_years(server)
        assert harvest.fetch(streamed(server, base=False), http, "ldes")
    assert labels(harvest) == {"PSAL": "Salinity", "TEMP": "Temperature", "OLD1": "Old one"}


def test_where_nothing_is_there_the_whole_list_is_fetched_first(harvest):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        pages.pages = three_years(server)
        assert harvest.fetch(streamed(server), http, "ldes")
        assert paths(server) == ["/whole"]


def test_only_newer_pages_are_fetched_and_laid_over_the_list(harvest):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        pages.pages = three_years(server, newest=[member("TEMP", "2023-06-01", "Sea temperature")])
        mine = streamed(server)
        harvest.fetch(mine, http)
        assert harvest.fetch(mine, http, "ldes")
        # All of 2021 lies before the newest change of the list, so its page is not asked for.
        assert paths(server) == ["/whole", "/ldes/P02/", "/2022.ttl"]
        assert labels(harvest) == {"TEMP": "Sea temperature", "PSAL": "Salinity"}
        triples = part(harvest)
        assert any(t.predicate == SKOS.broader for t in triples)
        assert any(t.object == Literal("WC_Temp") for t in triples)

        assert harvest.fetch(mine, http, "ldes") is False
        assert paths(server)[3:] == ["/ldes/P02/"]


def test_a_new_page_is_begun_and_the_one_before_is_kept(harvest):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        pages.pages = three_years(server)
        mine = streamed(server)
        harvest.fetch(mine, http)
        harvest.fetch(mine, http, "ldes")
        pages.pages["/2023.ttl"] = pages.pages["/ldes/P02/"]
        pages.pages["/ldes/P02/"] = stream_page(
            f"{server.url}/2024.ttl",
            {f"{server.url}/2023.ttl": "2023-05-01"},
            member("NEW1", "2024-01-02", "New one"),
        )
        assert harvest.fetch(mine, http, "ldes")
    assert labels(harvest) == {"TEMP": "Temperature", "PSAL": "Salinity", "NEW1": "New one"}


def test_news_older_than_the_list_changes_nothing_of_it(harvest):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        pages.pages["/ldes/P02/"] = stream_page(
            f"{server.url}/all.ttl", {}, member("TEMP", "2022-02-01", "Temparature")
        )
        mine = streamed(server)
        harvest.fetch(mine, http)
        harvest.fetch(mine, http, "ldes")
    assert labels(harvest) == {"TEMP": "Temperature"}


@pytest.mark.parametrize(
    "more", ["; owl:deprecated 'true' ", "; a <https://www.w3.org/ns/activitystreams#Delete> "]
)
def test_a_concept_that_was_withdrawn_is_deprecated_and_not_lost(harvest, more):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        pages.pages["/ldes/P02/"] = stream_page(
            f"{server.url}/all.ttl", {}, member("TEMP", "2023-02-01", "Temperature", 3, more)
        )
        mine = streamed(server)
        harvest.fetch(mine, http)
        harvest.fetch(mine, http, "ldes")
    assert labels(harvest) == {"TEMP": "Temperature"}
    assert any(t.predicate == OWL.deprecated for t in part(harvest))


@faults
def test_a_stream_that_breaks_leaves_the_last_good_list_and_goes_on_later(harvest, fault):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        mine = streamed(server)
        harvest.fetch(mine, http)
        before = harvest.get("mine")
        pages.pages = three_years(server) | {"/2022.ttl": fault}
        with pytest.raises(FetchError):
            harvest.fetch(mine, http, "ldes")
        assert harvest.get("mine") == before
        pages.pages = three_years(server)
        assert harvest.fetch(mine, http, "ldes")
        assert paths(server).count("/ldes/P02/") == 1
    assert labels(harvest) == {"TEMP": "Temperature", "PSAL": "Salinity"}


def test_a_stream_page_that_is_something_else_is_refused(harvest):
    pages = Stream()
    with loopback({"/whole": [Reply(body=BASE)]}, pages) as server, client() as http:
        pages.pages["/ldes/P02/"] = Reply(body=b"{}", headers=TTL)
        mine = streamed(server)
        harvest.fetch(mine, http)
        before = harvest.get("mine")
        with pytest.raises(SourceError):
            harvest.fetch(mine, http, "ldes")
        assert harvest.get("mine") == before


def test_the_recorded_stream_gives_every_concept_its_newest_version(harvest, shared):
    """The pages of 2026 by year, served as they are."""
    folder = shared / "nvs" / "p02-ldes" / "P02-ldes-2026"
    public = b"https://marine-term-translations.github.io/P02-TEST/P02"

    def answer(path):
        file = folder / path.rsplit("/", 1)[-1]
        return Reply(body=file.read_bytes().replace(public, server.url.encode()), headers=TTL)

    with loopback({}, answer) as server, client() as http:
        mine = source(Place(f"{server.url}/latest.ttl", "ldes", by="ldes", about=P02))
        assert harvest.fetch(mine, http, "ldes")
        asked = paths(server)
        assert len(asked) == len(set(asked)) == 21
        assert harvest.fetch(mine, http, "ldes") is False
        # The newest page says of the one before only that it ends with the year 2023.
        assert [path[:5] for path in paths(server)[21:]] == ["/late", "/2022"]
    found = labels(harvest)
    assert len(found) == 468
    assert found["MDBO"] == "Trace metalloid and inorganic selenium concentrations in biota"


# ------------------------------------------------------------------ an Atom feed


def feed(*entries, following=""):
    link = f'<link rel="next" href="{following}"/>' if following else ""
    body = "".join(
        f"""<entry><title>changed</title><id>{iri}</id><updated>{day}T02:00:00Z</updated>
        <link href="{iri}"/></entry>"""
        for iri, day in entries
    )
    text = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{link}{body}</feed>'
    return Reply(body=text.encode(), headers={"Content-Type": "application/atom+xml"})


FEED = "http://vocab.nerc.ac.uk/nvs_atom.xml"
WHOLE = f"{P02}?_profile=nvs&_mediatype=application/ld+json"


@pytest.fixture
def nvs(monkeypatch):
    """NVS at its own addresses: a server on the loopback stands in as the proxy to it."""

    def serve(server):
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, server.url)
        install_opener(None)  # urllib reads the environment once
        return client(), all_sources()["nvs-p02"]

    yield serve
    install_opener(None)


def single(code, label, day="2023-01-01", **more):
    about = {
        "@context": {
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "owl": "http://www.w3.org/2002/07/owl#",
            "dc": "http://purl.org/dc/terms/",
        },
        "@id": f"{P02}{code}/",
        "@type": "skos:Concept",
        "skos:prefLabel": {"@language": "en", "@value": label},
        "dc:date": f"{day} 00:00:00.0",
    }
    return Reply(body=json.dumps(about | more).encode())


def address(code):
    return f"{P02}{code}/?_profile=nvs&_mediatype=application/ld+json"


def test_each_concept_that_a_feed_names_is_fetched_singly(harvest, nvs):
    replies = {
        WHOLE: [Reply(body=BASE)],
        FEED: [
            feed((f"{P02}TEMP/", "2023-01-02"), (f"{P02}OLD1/", "2022-05-01")),
            feed((f"{P02}TEMP/", "2023-01-02")),
        ],
        address("TEMP"): [single("TEMP", "Sea temperature")],
    }
    with loopback(replies) as server:
        http, mine = nvs(server)
        with http:
            harvest.fetch(mine, http, "atom")
            assert paths(server) == [WHOLE]
            assert harvest.fetch(mine, http, "atom")
            assert paths(server) == [WHOLE, FEED, address("TEMP")]
            assert harvest.fetch(mine, http, "atom") is False
            assert paths(server)[3:] == [FEED]
    triples = read_part(mine, harvest.get("nvs-p02").recordings, "harvested").triples
    said = {(t.predicate, t.object) for t in triples if t.subject == NamedNode(f"{P02}TEMP/")}
    assert (SKOS.prefLabel, Literal("Sea temperature", language="en")) in said
    assert SKOS.broader not in {p for p, _ in said}, "the concept says all that is said of it"


def test_a_concept_that_a_feed_adds_stands_in_its_list(harvest, nvs):
    replies = {
        WHOLE: [Reply(body=BASE)],
        FEED: [feed((f"{P02}NEW1/2/", "2023-01-02"))],
        address("NEW1"): [single("NEW1", "New one", **{"owl:deprecated": "true"})],
    }
    with loopback(replies) as server:
        http, mine = nvs(server)
        with http:
            harvest.fetch(mine, http, "atom")
            harvest.fetch(mine, http, "atom")
    triples = read_part(mine, harvest.get("nvs-p02").recordings, "harvested").triples
    new = NamedNode(f"{P02}NEW1/")
    assert any(t.predicate == SKOS.member and t.object == new for t in triples)
    assert any(t.predicate == OWL.deprecated and t.subject == new for t in triples)


def test_where_a_feed_names_the_list_all_of_it_is_fetched(harvest, nvs):
    newer = BASE.replace(b"Temperature", b"Sea temperature")
    replies = {WHOLE: [Reply(body=BASE), Reply(body=newer)], FEED: [feed((P02, "2023-01-02"))]}
    with loopback(replies) as server:
        http, mine = nvs(server)
        with http:
            harvest.fetch(mine, http, "atom")
            assert harvest.fetch(mine, http, "atom")
            assert paths(server) == [WHOLE, FEED, WHOLE]
    assert b"Sea temperature" in harvest.get("nvs-p02").recordings[0].content


def test_the_pages_of_a_feed_are_followed_and_other_lists_passed_over(harvest, nvs):
    other = P02.replace("P02", "P06") + "UPAA/"
    replies = {
        WHOLE: [Reply(body=BASE)],
        FEED: [feed((other, "2024-01-01"), following="nvs_atom.xml?page=2")],
        FEED + "?page=2": [feed((f"{P02}TEMP/".replace("http:", "https:"), "2023-01-02"))],
        address("TEMP"): [single("TEMP", "Sea temperature")],
    }
    with loopback(replies) as server:
        http, mine = nvs(server)
        with http:
            harvest.fetch(mine, http, "atom")
            assert harvest.fetch(mine, http, "atom")
            assert paths(server)[1:] == [FEED, FEED + "?page=2", address("TEMP")]


ATOM_FAULTS = FAULTS | {"no feed": Reply(body=b"<rss/>"), "cut off XML": Reply(body=b"<feed")}


@pytest.mark.parametrize("fault", ATOM_FAULTS.values(), ids=ATOM_FAULTS)
@pytest.mark.parametrize("where", [FEED, address("TEMP")], ids=["feed", "concept"])
def test_a_feed_that_breaks_leaves_the_last_good_list(harvest, nvs, fault, where):
    replies = {
        WHOLE: [Reply(body=BASE)],
        FEED: [feed((f"{P02}TEMP/", "2023-01-02"))],
        address("TEMP"): [single("TEMP", "Sea temperature")],
    }
    with loopback(replies | {where: [fault]}) as server:
        http, mine = nvs(server)
        with http:
            harvest.fetch(mine, http, "atom")
            before = harvest.get("nvs-p02")
            with pytest.raises((FetchError, SourceError)):
                harvest.fetch(mine, http, "atom")
    assert harvest.get("nvs-p02") == before


def test_the_ways_of_nvs_all_lead_to_the_same_labels(harvest, nvs, members, tmp_path):
    """One list, asked at the four addresses of `sources.toml`."""
    graph = [
        {
            "@id": f"{P02}T{n:02}/",
            "@type": "skos:Concept",
            "skos:prefLabel": {"@language": "en", "@value": f"Term {n}"},
        }
        for n in range(12)
    ]
    whole = json.dumps(json.loads(BASE) | {"@graph": graph}).encode()
    page = stream_page("http://vocab.nerc.ac.uk/ldes/P02/1", {}, member("T00", "2024-01-01", "New"))
    replies = {
        WHOLE: [Reply(body=whole)],
        "http://vocab.nerc.ac.uk/ldes/P02/": [page],
        FEED: [feed((f"{P02}T00/", "2024-01-02"))],
        address("T00"): [single("T00", "New", "2024-01-01")],
    }
    found = {}
    with loopback(replies, answering(members)) as server:
        http, mine = nvs(server)
        with http:
            for way in ("get", "sparql", "ldes", "atom"):
                own = Harvest(tmp_path / way)
                own.fetch(mine, http, way)
                if way in ("ldes", "atom"):
                    own.fetch(mine, http, way)
                recordings = own.get("nvs-p02").recordings
                triples = read_part(mine, recordings, "harvested").triples
                found[way] = {t.object.value for t in triples if t.predicate == SKOS.prefLabel}
    assert found["get"] == found["sparql"] == {f"Term {n}" for n in range(12)}
    assert found["ldes"] == found["atom"] == found["get"] - {"Term 0"} | {"New"}


def test_a_source_says_in_which_ways_it_can_be_asked(harvest):
    with client() as http, pytest.raises(FetchError, match="only by get, sparql, ldes, atom"):
        harvest.fetch(all_sources()["nvs-p02"], http, "carrier pigeon")
    with client() as http, pytest.raises(FetchError, match=r"edmo: .* only by sparql"):
        harvest.fetch(all_sources()["edmo"], http, "ldes")
