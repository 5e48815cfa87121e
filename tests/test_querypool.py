"""SPARQL in worker processes that can be ended: an answer is whole, or there is none."""

from __future__ import annotations

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from oceankg.errors import (
    QueryError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)
from oceankg.querypool import (
    MEBIBYTE,
    Job,
    Limits,
    NotAcceptable,
    QueryPool,
    calls_out,
    keywords,
)

EX = "http://example.org/"
THINGS = 300
FIRST, SECOND = f"{EX}graph/1", f"{EX}graph/2"
PRODUCT = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
TOO_LONG = PRODUCT.replace("SELECT *", "SELECT (COUNT(*) AS ?n)")
TOO_BIG = PRODUCT + " ORDER BY ?b ?d ?f"
CALL = "SERVICE <http://127.0.0.1:9/> { ?x ?y ?z }"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("pool") / "store"
    store = Store(str(path))
    store.bulk_extend(
        Quad(
            NamedNode(f"{EX}{n}"),
            NamedNode(f"{EX}p"),
            Literal(n),
            NamedNode((FIRST, SECOND)[n % 2]),
        )
        for n in range(THINGS)
    )
    store.flush()
    del store
    return path


@pytest.fixture(scope="module")
def pool(store):
    pool = QueryPool(store, workers=2, limits=Limits(1.0, 256 * MEBIBYTE, 100_000))
    yield pool
    pool.close()
    assert multiprocessing.active_children() == []


def table(pool, query, **job):
    """The rows of a SELECT as plain text."""
    answer = json.loads(pool.run(Job(query, **job)).content)
    return [{k: v["value"] for k, v in r.items()} for r in answer["results"]["bindings"]]


def count(pool, **job):
    return int(table(pool, job.pop("query", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), **job)[0]["n"])


def still_answers(pool):
    return count(pool) == THINGS


# ------------------------------------------------------------------ answers


def test_select_is_answered_in_the_form_asked_for(pool):
    query = f"SELECT ?o {{ <{EX}7> ?p ?o }}"
    assert table(pool, query) == [{"o": "7"}]
    answer = pool.run(Job(query, select="text/csv"))
    assert (answer.content, answer.media_type) == (b"o\r\n7\r\n", "text/csv")


@pytest.mark.parametrize(("n", "truth"), [(7, True), (THINGS, False)])
def test_ask_is_answered(pool, n, truth):
    answer = pool.run(Job(f"ASK {{ <{EX}{n}> ?p ?o }}"))
    assert json.loads(answer.content)["boolean"] is truth


@pytest.mark.parametrize("media_type", ["text/turtle", "application/n-triples"])
def test_construct_is_answered_in_the_form_asked_for(pool, media_type):
    query = "CONSTRUCT { ?s <urn:p> ?o } WHERE { ?s ?p ?o }"
    answer = pool.run(Job(query, graph=media_type))
    assert answer.media_type == media_type
    triples = set(parse(answer.content, format=RdfFormat.from_media_type(media_type)))
    assert len(triples) == THINGS


@pytest.mark.parametrize(
    ("query", "refused"),
    [("SELECT * {}", {"select": None}), ("CONSTRUCT WHERE { ?s ?p ?o }", {"graph": None})],
)
def test_a_kind_of_answer_that_the_asker_does_not_take_is_refused(pool, query, refused):
    with pytest.raises(NotAcceptable, match="Accept"):
        pool.run(Job(query, **refused))


@pytest.mark.parametrize("query", ["", "SELECT", "hello", "DELETE WHERE { ?s ?p ?o }"])
def test_what_is_no_query_is_refused(pool, query):
    with pytest.raises(QuerySyntaxError):
        pool.run(Job(query))
    assert still_answers(pool)


# ------------------------------------------------------------------ limits


def test_a_query_past_the_time_limit_is_ended_and_the_next_one_answered(pool):
    with pytest.raises(QueryTimeoutError, match="limit of 1 s"):
        pool.run(Job(TOO_LONG))
    assert all(still_answers(pool) for _ in range(4))


def test_a_query_past_the_memory_limit_is_ended_and_the_next_one_answered(store):
    pool = QueryPool(store, workers=1, limits=Limits(60.0, 256 * MEBIBYTE))
    try:
        with pytest.raises(QueryTooLargeError, match="memory"):
            pool.run(Job(TOO_BIG))
        assert still_answers(pool)
    finally:
        pool.close()


def test_an_answer_past_the_size_limit_is_refused_whole(pool):
    with pytest.raises(QueryTooLargeError, match="larger than 100000 bytes"):
        pool.run(Job("SELECT * { ?a ?b ?c . ?d ?e ?f }"))
    assert still_answers(pool)


def test_many_threads_are_all_answered(pool):
    def ask(n):
        if n % 10 == 0:
            with pytest.raises(QuerySyntaxError):
                pool.run(Job("no query"))
        return table(pool, f"SELECT ?o {{ <{EX}{n}> ?p ?o }}")

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, range(100))) == [[{"o": str(n)}] for n in range(100)]


# ------------------------------------------------------------------ the dataset


def test_the_default_graph_is_the_union_of_all(pool):
    assert count(pool) == THINGS


def test_from_chooses_the_dataset(pool):
    query = f"SELECT (COUNT(*) AS ?n) FROM <{SECOND}> {{ ?s ?p ?o }}"
    assert count(pool, query=query) == THINGS // 2


def test_the_word_from_in_a_text_chooses_nothing(pool):
    query = 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER("from" != "FROM <urn:x>") } # FROM'
    assert count(pool, query=query) == THINGS


def test_the_protocol_chooses_the_dataset(pool):
    assert count(pool, default_graphs=(SECOND,)) == THINGS // 2
    assert count(pool, default_graphs=(FIRST, SECOND)) == THINGS
    assert count(pool, default_graphs=(f"{EX}none",)) == 0
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert count(pool, query=named, named_graphs=(SECOND,)) == THINGS // 2
    assert count(pool, named_graphs=(SECOND,)) == 0


def test_a_graph_that_is_no_iri_is_refused(pool):
    with pytest.raises(QueryError):
        count(pool, default_graphs=("not an IRI",))


# ------------------------------------------------------------------ bindings


def test_an_iri_is_bound(pool):
    assert table(pool, "SELECT ?s ?o { ?s ?p ?o }", bindings={"s": f"{EX}7"}) == [
        {"s": f"{EX}7", "o": "7"}
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text()
    | st.sampled_from(
        [
            '"',
            "'''",
            "\\",
            "x> } # ",
            '" } SERVICE <http://x/> { ?s ?p ?o } #',
            "urn:x> <urn:y",
            "a:b\n",
            "javascript:alert(1)",
        ]
    )
)
def test_a_value_that_is_no_iri_is_refused_and_never_part_of_the_query(pool, text):
    with pytest.raises(QueryError):
        table(pool, "SELECT ?x (STR(?x) AS ?y) {}", bindings={"x": f"<{text}>"})


# ------------------------------------------------------------------ no calls to elsewhere


CALLS = {
    "plain": f"SELECT * {{ {CALL} }}",
    "silent": f"SELECT * {{ {CALL.replace('SERVICE', 'service Silent')} }}",
    "without spaces": "SELECT*{?s ?p ?o.SERVICE<http://127.0.0.1:9/>{?x ?y ?z}}",
    "variable": "SELECT * { VALUES ?e { <http://127.0.0.1:9/> } SERVICE ?e { ?x ?y ?z } }",
    "prefixed name": "PREFIX e: <http://127.0.0.1:9/> SELECT * { SERVICE e:x { ?x ?y ?z } }",
    "comment between": "SELECT * { SERVICE # {\n <http://127.0.0.1:9/> # {\n { ?x ?y ?z } }",
    "after a comment ended by a carriage return": f"SELECT * {{ # text\r {CALL} }}",
    "after a long text with an escaped quote": (
        f'SELECT * {{ BIND("""a\\"""" AS ?a) {CALL} BIND("" AS ?b) }}'
    ),
    "after an IRI with an escape": f"SELECT * {{ BIND(<http://x/\\u0041#> AS ?a) {CALL} }}",
    "after an escaped hash": (f"PREFIX e: <http://x/> SELECT * {{ BIND(e:a\\#b AS ?a) {CALL} }}"),
    "after less-than that looks like an IRI": (
        "SELECT * { BIND(1 AS ?a) FILTER(?a<?b)SERVICE#>\n<http://127.0.0.1:9/>{ ?x ?y ?z } }"
    ),
    "in what looks like a text after less-than": (
        f'SELECT * {{ BIND(1 AS ?a) FILTER(?a<?a#>"""\n) {CALL} #"""\n}}'
    ),
}


@pytest.mark.parametrize("way", CALLS)
def test_a_call_to_another_endpoint_is_refused(pool, way):
    with pytest.raises(QueryError, match="SERVICE is not offered"):
        pool.run(Job(CALLS[way]))


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { BIND("SERVICE" AS ?x) }',
        "SELECT * { BIND('''a service { b''' AS ?x) }",
        "SELECT * { BIND(<http://example.org/SERVICE> AS ?x) }",
        "SELECT * { BIND(<http://example.org/service#it> AS ?x) }",
        "SELECT * {} # SERVICE",
        "SELECT ?service { BIND(1 AS ?service) }",
        "SELECT * { GRAPH ?service { ?s ?p 1 } }",
        "PREFIX service: <http://example.org/> SELECT * { BIND(service:SERVICE AS ?x) }",
        "PREFIX e: <http://example.org/> SELECT * { BIND(e:my-service AS ?x) }",
        "PREFIX e: <http://example.org/> SELECT * { ?s e:service ?o { ?s ?p 1 } }",
    ],
)
def test_the_word_service_elsewhere_is_no_call(pool, query):
    pool.run(Job(query))


# ------------------------------------------------------------------ keywords


blank = st.text(" \t\n", min_size=1)
passed_over = st.one_of(
    st.text().map(json.dumps),
    st.text().map(lambda t: "'" + json.dumps(t)[1:-1].replace("'", "\\'") + "'"),
    st.text(st.characters(exclude_characters='"\\')).map(lambda t: f'"""{t}"""'),
    st.text(st.characters(exclude_characters="\r\n")).map(lambda t: f"#{t}\n"),
    st.from_regex(r"<http://[a-zA-Z/#?=&]+>", fullmatch=True),
    st.from_regex(r"[?$][a-zA-Z_][a-zA-Z0-9_]*", fullmatch=True),
    st.from_regex(r"[a-zA-Z]+:[a-zA-Z0-9_-]*", fullmatch=True),
    st.from_regex(r'"x"@[a-z]{2,8}', fullmatch=True),
)


@given(st.lists(st.tuples(passed_over, blank)))
def test_names_texts_iris_and_comments_hold_no_keyword(parts):
    assert keywords("".join(map("".join, parts))) == frozenset()


@given(passed_over, blank, passed_over)
def test_a_keyword_between_them_is_found(before, space, after):
    assert keywords(f"{before}{space}From{space}{after}") == {"FROM"}


@given(passed_over, blank, passed_over)
def test_a_call_between_them_is_found(before, space, after):
    assert calls_out(f"{before}{space}{CALL}{space}{after}")


@given(passed_over, blank, passed_over)
def test_without_a_call_none_is_found(before, space, after):
    assert not calls_out(f"{before}{space}SELECT{space}{after}")


# ------------------------------------------------------------------ the end


def test_a_closed_pool_leaves_no_process_and_takes_no_query(tmp_path):
    Store(str(tmp_path / "store")).flush()
    before = set(multiprocessing.active_children())
    pool = QueryPool(tmp_path / "store", workers=1)
    assert count(pool) == 0
    pool.close()
    with pytest.raises(QueryError):
        count(pool)
    assert set(multiprocessing.active_children()) == before
