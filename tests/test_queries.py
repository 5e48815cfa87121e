"""The named queries: each has a header, and each answers on the starter graph."""

from __future__ import annotations

import pytest
from pyoxigraph import QuerySolutions

from oceankg import queries
from oceankg.errors import UnknownTermError
from oceankg.namespaces import BASE
from oceankg.querypool import Job, evaluate
from oceankg.store import Snapshot

LIMIT = 64 * 1024 * 1024


@pytest.mark.parametrize("query", queries.all_queries().values(), ids=lambda q: q.name)
def test_every_query_has_a_summary_and_answers(query: queries.Query, starter: Snapshot) -> None:
    assert query.summary.endswith((".", "?"))
    bindings = dict(query.examples)
    assert set(query.parameters) == set(bindings)
    job = Job(query.text, select="text/csv", bindings=bindings)
    if query.text.count("\nASK"):
        job = Job(query.text, bindings=bindings)
    lines = evaluate(starter.open(), job, LIMIT).content.splitlines()
    assert len(lines) > (0 if "ASK" in query.text else 1)


@pytest.mark.parametrize("query", queries.all_queries().values(), ids=lambda q: q.name)
def test_a_parameter_is_truly_bound(query: queries.Query, starter: Snapshot) -> None:
    """A variable that is not projected would silently stay unbound."""
    for name in query.parameters:
        nothing = {name: BASE + "nothing-of-this-name"}
        job = Job(query.text, select="text/csv", bindings=nothing)
        if "ASK" in query.text:
            assert (
                b"false" in evaluate(starter.open(), Job(query.text, bindings=nothing), 99).content
            )
        else:
            lines = evaluate(starter.open(), job, LIMIT).content.splitlines()
            assert len(lines) <= 1


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownTermError, match="products-for-essential-variable"):
        queries.get("nothing")


def test_the_published_queries_are_those_at_the_top() -> None:
    published = {q.name for q in queries.examples()}
    assert "products-for-essential-variable" in published
    assert "mappings" not in published


def test_a_query_result_is_a_table(starter: Snapshot) -> None:
    text = queries.get("essential-variables-by-catalogue").text
    assert isinstance(starter.open().query(text), QuerySolutions)
