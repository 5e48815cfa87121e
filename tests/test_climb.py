"""The law of the climb from a concept to the essential variables that it serves."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import CF, EXV, OD1, P02
from oceankg import ids
from oceankg.climb import Path, Statement, climb_graph
from oceankg.namespaces import DCT, OWL, SKOS, SSSOM

SST, SUBSURFACE, SALINITY = (f"{EXV}EXV{n}/" for n in ("017", "018", "020"))
ESSENTIAL = (SST, SUBSURFACE, SALINITY)
SURFACE_NAME, TEMP = f"{CF}sea_surface_temperature/", f"{P02}TEMP/"
SEATEMP = f"{OD1}SEATEMP/"
WORD = ids.word("odatis", "température de surface")


def link(subject, predicate, target, graph="g"):
    return Statement(subject, predicate.value, target, graph)


def served(statements, concept, denied=()):
    """The essential variables of a concept, and whether each is sure."""
    paths = climb_graph(statements, denied, ESSENTIAL).paths(concept)
    return {path.end: path.sure for path in paths}


# ------------------------------------------------------------------ the nearest wins


SURFACE_AND_SUBSURFACE = (
    link(SURFACE_NAME, SKOS.closeMatch, SST),
    link(SURFACE_NAME, SKOS.broadMatch, TEMP),
    link(TEMP, SKOS.closeMatch, SUBSURFACE),
)


def test_surface_and_subsurface_stay_apart():
    assert served(SURFACE_AND_SUBSURFACE, SURFACE_NAME) == {SST: True}
    assert served(SURFACE_AND_SUBSURFACE, TEMP) == {SUBSURFACE: True}


def test_what_is_not_named_itself_inherits_from_what_is_broader():
    assert served(SURFACE_AND_SUBSURFACE[1:], SURFACE_NAME) == {SUBSURFACE: True}


def test_an_equal_is_nearer_than_a_broader_one_however_far():
    equals = [f"{P02}EQ{n:02}/" for n in range(20)]
    chain = [link(a, SKOS.exactMatch, b) for a, b in itertools.pairwise([SEATEMP, *equals])]
    statements = [
        *chain,
        link(equals[-1], SKOS.exactMatch, SST),
        link(SEATEMP, SKOS.broader, TEMP),
        link(TEMP, SKOS.exactMatch, SUBSURFACE),
    ]
    assert served(statements, SEATEMP) == {SST: True}


def test_all_essential_variables_named_at_the_nearest_concept_count():
    statements = [link(TEMP, SKOS.closeMatch, SST), link(TEMP, SKOS.closeMatch, SUBSURFACE)]
    assert served(statements, TEMP) == {SST: True, SUBSURFACE: True}


def test_an_essential_variable_serves_itself():
    [path] = climb_graph((), (), ESSENTIAL).paths(SST)
    assert path == Path(SST, SST, (), sure=True)


def test_a_concept_that_nobody_linked_serves_nothing():
    assert served((), TEMP) == {}


@pytest.mark.parametrize(
    "predicate", [SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, OWL.sameAs, DCT.isReplacedBy]
)
def test_these_links_lead_up(predicate):
    assert served([link(TEMP, predicate, SST)], TEMP) == {SST: True}


@pytest.mark.parametrize("predicate", [SKOS.relatedMatch, SKOS.related, DCT.relation])
def test_other_links_are_not_followed(predicate):
    assert served([link(TEMP, predicate, SST)], TEMP) == {}


def test_a_group_that_names_its_members_is_broader_than_they_are():
    statements = [link(TEMP, SKOS.narrower, SURFACE_NAME), link(TEMP, SKOS.exactMatch, SUBSURFACE)]
    assert served(statements, SURFACE_NAME) == {SUBSURFACE: True}


@pytest.mark.parametrize("predicate", [SKOS.closeMatch, SKOS.broadMatch, DCT.isReplacedBy])
def test_a_one_way_link_is_not_followed_backwards(predicate):
    statements = [link(SURFACE_NAME, predicate, TEMP), link(SURFACE_NAME, SKOS.exactMatch, SST)]
    assert served(statements, TEMP) == {}


# ------------------------------------------------------------------ may serve


def test_a_mapping_to_a_narrower_essential_variable_says_only_may_serve():
    assert served([link(TEMP, SKOS.narrowMatch, SST)], TEMP) == {SST: False}


def test_an_equal_may_serve_what_its_equal_may_serve():
    statements = [link(SEATEMP, SKOS.exactMatch, TEMP), link(TEMP, SKOS.narrowMatch, SST)]
    assert served(statements, SEATEMP) == {SST: False}


@pytest.mark.parametrize("up", [SKOS.broader, SKOS.broadMatch])
@pytest.mark.parametrize("start", [SURFACE_NAME, WORD], ids=["concept", "word"])
def test_up_to_a_group_and_down_to_a_part_of_it_proves_nothing(start, up):
    statements = [link(start, up, TEMP), link(TEMP, SKOS.narrowMatch, SST)]
    assert served(statements, start) == {}


def test_a_group_that_only_may_serve_does_not_hide_a_wider_one_that_serves():
    statements = [
        link(SURFACE_NAME, SKOS.broader, TEMP),
        link(TEMP, SKOS.narrowMatch, SST),
        link(TEMP, SKOS.broader, SEATEMP),
        link(SEATEMP, SKOS.exactMatch, SUBSURFACE),
    ]
    assert served(statements, SURFACE_NAME) == {SUBSURFACE: True}


def test_what_is_sure_is_not_called_possible():
    statements = [link(TEMP, SKOS.narrowMatch, SST), link(TEMP, SKOS.exactMatch, SST)]
    assert served(statements, TEMP) == {SST: True}


# ------------------------------------------------------------------ denied


@pytest.mark.parametrize("denied", [(SEATEMP, TEMP), (TEMP, SEATEMP)])
@pytest.mark.parametrize("asserted", [(SEATEMP, TEMP), (TEMP, SEATEMP)])
def test_a_negative_mapping_removes_the_link_in_both_directions(asserted, denied):
    statements = [
        link(asserted[0], SKOS.exactMatch, asserted[1], "one authority"),
        link(asserted[0], OWL.sameAs, asserted[1], "another"),
        link(TEMP, SKOS.exactMatch, SUBSURFACE),
    ]
    assert served(statements, SEATEMP) == {SUBSURFACE: True}
    assert served(statements, SEATEMP, [denied]) == {}


def test_a_negative_mapping_to_an_essential_variable_removes_it():
    assert served(SURFACE_AND_SUBSURFACE, SURFACE_NAME, [(SURFACE_NAME, SST)]) == {SUBSURFACE: True}


# ------------------------------------------------------------------ words


def test_words_never_lead_into_each_other():
    other = ids.word("cmems", "sst")
    statements = [
        link(WORD, SKOS.exactMatch, SEATEMP),
        link(other, SKOS.exactMatch, SEATEMP),
        link(other, SKOS.exactMatch, SST),
        link(WORD, SKOS.exactMatch, other),
    ]
    assert served(statements, other) == {SST: True}
    assert served(statements, WORD) == {}
    assert served(statements, SEATEMP) == {}


def test_a_word_that_names_two_things_reaches_both_even_when_one_is_farther():
    sea_water_temperature = f"{CF}sea_water_temperature/"
    statements = [
        link(WORD, SKOS.closeMatch, SURFACE_NAME),
        link(WORD, SKOS.closeMatch, sea_water_temperature),
        link(SURFACE_NAME, SKOS.exactMatch, SST),
        link(sea_water_temperature, SKOS.broadMatch, TEMP),
        link(TEMP, SKOS.closeMatch, SUBSURFACE),
        link(WORD, SKOS.closeMatch, SALINITY),
    ]
    assert served(statements, WORD) == {SST: True, SUBSURFACE: True, SALINITY: True}


def test_no_term_found_is_no_concept_through_which_words_meet():
    nothing = SSSOM.NoTermFound.value
    statements = [
        link(WORD, SKOS.exactMatch, nothing),
        link(TEMP, SKOS.exactMatch, nothing),
        link(TEMP, SKOS.exactMatch, SUBSURFACE),
    ]
    assert served(statements, WORD) == {}


# ------------------------------------------------------------------ doubtful sameAs


DENS, AIRPRES = f"{OD1}DENS/", f"{OD1}AIRPRES/"
CAPH, DBDX, SIGT = (f"{P02}{code}/" for code in ("CAPH", "DBDX", "SIGT"))
DOUBTFUL = (
    *(link(DENS, OWL.sameAs, other) for other in (CAPH, DBDX, SIGT)),
    link(AIRPRES, OWL.sameAs, CAPH),
)


def test_one_that_is_the_same_as_three_of_another_list_leads_to_none_of_them():
    statements = [*DOUBTFUL, *(link(other, SKOS.exactMatch, SST) for other in (CAPH, DBDX, SIGT))]
    assert served(statements, DENS) == {}


def test_density_and_air_pressure_do_not_meet_in_the_concept_that_both_claim():
    statements = [*DOUBTFUL, link(DENS, SKOS.exactMatch, SST)]
    assert served(statements, AIRPRES) == {}
    assert served(statements, CAPH) == {}


def test_each_of_the_three_leads_to_the_one():
    statements = [*DOUBTFUL, link(DENS, SKOS.exactMatch, SST)]
    assert served(statements, DBDX) == {SST: True}
    assert served(statements, SIGT) == {SST: True}


def test_a_curated_match_beside_a_doubtful_claim_is_followed():
    statements = [*DOUBTFUL, link(DENS, SKOS.exactMatch, SIGT), link(SIGT, SKOS.exactMatch, SST)]
    assert served(statements, DENS) == {SST: True}


# ------------------------------------------------------------------ any graph


NODES = (SURFACE_NAME, TEMP, SEATEMP, DENS, CAPH, SIGT, WORD, ids.word("cmems", "sst"))
PREDICATES = (
    SKOS.exactMatch,
    SKOS.closeMatch,
    SKOS.broadMatch,
    SKOS.narrowMatch,
    SKOS.broader,
    SKOS.narrower,
    OWL.sameAs,
    DCT.isReplacedBy,
)
things = st.sampled_from((*NODES, *ESSENTIAL))
statements_of_any_kind = st.lists(
    st.builds(link, things, st.sampled_from(PREDICATES), things), max_size=25
)
pairs = st.lists(st.tuples(things, things), max_size=3)


def all_paths(statements, denied):
    graph = climb_graph(statements, denied, ESSENTIAL)
    return [path for node in NODES for path in graph.paths(node)]


def test_a_cycle_ends():
    cycle = [link(a, SKOS.broader, b) for a, b in itertools.permutations(NODES[:5], 2)]
    assert served(cycle, NODES[0]) == {}
    assert served([*cycle, link(NODES[4], SKOS.exactMatch, SST)], NODES[0]) == {SST: True}


@given(statements_of_any_kind, pairs, st.data())
def test_the_order_of_statements_does_not_matter(statements, denied, data):
    shuffled = data.draw(st.permutations(statements))
    assert all_paths(shuffled, denied) == all_paths(statements, denied)


@given(statements_of_any_kind, pairs)
def test_a_path_leads_from_start_to_end_by_asserted_steps_that_nobody_denied(statements, denied):
    for path in all_paths(statements, denied):
        at = path.start
        for step in path.steps:
            assert step in statements
            assert (step.subject, step.object) not in denied
            assert (step.object, step.subject) not in denied
            assert at in (step.subject, step.object)
            at = step.object if at == step.subject else step.subject
        assert at == path.end
        assert path.end in ESSENTIAL


@given(statements_of_any_kind, pairs)
def test_each_essential_variable_is_reached_by_one_path(statements, denied):
    graph = climb_graph(statements, denied, ESSENTIAL)
    for node in NODES:
        ends = [path.end for path in graph.paths(node)]
        assert len(ends) == len(set(ends))


@given(statements_of_any_kind)
def test_only_a_step_down_makes_it_uncertain(statements):
    for path in all_paths(statements, ()):
        last = path.steps[-1]
        down = {SKOS.narrower.value, SKOS.narrowMatch.value}
        assert path.sure or (last.predicate in down and last.object == path.end)
