"""Candidates: each product against each criterion by what its record states, and honest orders."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import replace
from io import StringIO
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from conftest import serve
from oceankg import queries
from oceankg.cli import app, terminal
from oceankg.compare import candidates
from oceankg.compare.added import value_added
from oceankg.compare.candidates import Candidate, Wanted, held, listing, read_outcomes, score, today
from oceankg.compare.criteria import CRITERIA
from oceankg.compare.criteria.contract import Case, Result, Thresholds
from oceankg.compare.recipes import Recipe, get_recipe, read_recipe, recipe_files
from oceankg.errors import RecipeError, UnknownTermError
from oceankg.querypool import Job, evaluate
from oceankg.read import Access, Product, ReadModel, load
from oceankg.resources import folder
from oceankg.store import Snapshot

GOLD = Path(__file__).with_name("gold") / "candidates.tsv"
ROWS = list(csv.DictReader(StringIO(GOLD.read_text("utf-8")), delimiter="\t"))
NAMES = tuple(recipe_files())
OUTCOMES = st.sampled_from(["met", "not met", "unknown"])
RESULTS = st.fixed_dictionaries({name: OUTCOMES.map(Result) for name in CRITERIA})


@pytest.fixture(scope="module")
def model(starter: Snapshot) -> ReadModel:
    return load(starter)


@pytest.fixture(scope="module")
def judged(model: ReadModel) -> dict[str, Candidate]:
    return {c.id: c for c in candidates.candidates(model)}


def judge(model: ReadModel, name: str, thresholds: Thresholds | None = None, /, **stated) -> Result:
    """The answer of one criterion to a product that states this and nothing else."""
    product = Product(iri="x", id="x", catalogue="odatis", title="x", **stated)
    added = value_added(model, replace(product, serves=()))
    case = Case(product, model, added, thresholds or Thresholds(), today(model))
    return CRITERIA[name].judge(case)


# ------------------------------------------------------------------ against the gold table


def test_the_gold_table_has_every_criterion_of_twenty_five_products() -> None:
    assert len(ROWS) >= 25
    for row in ROWS:
        assert set(row) == {"product", *CRITERIA, "why"}
        assert row["why"]


def test_the_criteria_answer_as_whoever_read_the_source_records(judged) -> None:
    cells = [
        (row["product"], name, row[name], judged[row["product"]].results[name].outcome)
        for row in ROWS
        for name in CRITERIA
    ]
    wrong = [cell for cell in cells if cell[3] not in cell[2].split(" | ")]
    assert len(wrong) <= 0.02 * len(cells), wrong


def test_unknown_is_never_counted_as_met_or_failed(judged) -> None:
    """Where the record is silent by the gold table, no criterion takes a side."""
    for row in ROWS:
        for name in set(CRITERIA) - {"gap"}:
            if row[name] == "unknown":
                assert judged[row["product"]].results[name].outcome == "unknown", (row, name)


# ------------------------------------------------------------------ who is a candidate


def test_the_six_records_that_are_products_of_the_service_are_none(model, judged) -> None:
    six = {f"10.17882/{n}" for n in (46219, 70345, 86207, 86236, 93670, 99089)}
    assert six <= {h.id for h in held(model)}
    assert not six & judged.keys()


def test_a_candidate_or_held_is_every_product_of_odatis_and_none_both(model, judged) -> None:
    every = {p.id for p in model.products.values() if p.catalogue == "odatis"}
    there = {h.id for h in held(model)}
    assert judged.keys() | there == every
    assert not judged.keys() & there


def test_the_published_query_finds_the_same_candidates_and_variables(
    starter, model, judged
) -> None:
    job = Job(queries.get("candidates").text, select="text/csv")
    rows = list(csv.DictReader(StringIO(evaluate(starter.open(), job, 2**26).content.decode())))
    assert {(r["product"], r["variable"]) for r in rows} == {
        (c.product, v) for c in judged.values() for v in model.products[c.product].serves or ("",)
    }


def test_what_is_met_or_failed_has_its_evidence(judged) -> None:
    for candidate in judged.values():
        for name, result in candidate.results.items():
            if result.outcome != "unknown":
                assert result.evidence, (candidate.id, name)
            for piece in result.evidence:
                assert piece.value
                assert piece.basis
                assert piece.source


# ------------------------------------------------------------------ single criteria


@pytest.mark.parametrize(
    ("name", "stated", "outcome"),
    [
        ("formats", {"formats": ("NetCDF-4, CF-1.7",)}, "met"),
        ("formats", {"formats": ("NetCDF CF-1.4",)}, "not met"),
        ("formats", {"access": (Access("https://h.org", format="ODV ASCII"),)}, "met"),
        ("formats", {"formats": ("GeoTIFF",)}, "not met"),
        ("formats", {"access": (Access("https://h.org", protocol="THREDDS"),)}, "unknown"),
        ("quality", {"quality_documents": ("https://h.org/quid.pdf",)}, "met"),
        ("quality", {"time_step": "raw, unvalidated"}, "unknown"),
        ("operator", {"producers": ("AVISO/DUACS",)}, "met"),
        ("operator", {"producers": ("PRESENCE project",)}, "not met"),
        ("operator", {"producers": ("PRESENCE project", "SNO SOMLIT")}, "met"),
        ("operator", {"producers": ("PRESENCE project", "A laboratory")}, "unknown"),
        ("operator", {"publisher": "SEANOE"}, "unknown"),
        ("stage", {"stage": "Pre-operational"}, "met"),
        ("stage", {"stage": "Research tier 3"}, "not met"),
        ("stage", {"stage": "Research tier 1"}, "met"),
        ("open-licence", {"licence": "agreement", "open_licence": None}, "unknown"),
        ("length", {"start": "1990", "end": "1999"}, "met"),
        ("length", {"start": "1990", "end": "1998"}, "not met"),
        ("length", {"start": "1990"}, "unknown"),
        ("length", {"start": "1990", "ongoing": True}, "met"),
        ("update", {"update": "DAILY"}, "met"),
        ("update", {"update": "IRREG"}, "unknown"),
        ("update", {"end": "2001"}, "not met"),
        ("delay", {"latency": "31 days"}, "not met"),
        ("level", {"level": "L2P"}, "not met"),
        ("level", {"kinds": ("Reanalysis",)}, "met"),
        ("coverage", {"regions": ("somewhere",)}, "unknown"),
        ("essential-variable", {}, "unknown"),
        ("essential-variable", {"may_serve": ("x",)}, "unknown"),
    ],
)  # fmt: skip
def test_a_criterion_answers_by_what_is_stated(model, name, stated, outcome) -> None:
    assert judge(model, name, **stated).outcome == outcome


@pytest.mark.parametrize("name", CRITERIA)
def test_a_record_that_states_nothing_leaves_every_criterion_unknown(model, name) -> None:
    assert judge(model, name).outcome == "unknown"


def test_thresholds_move_the_line(model) -> None:
    stated = {"start": "2015", "end": "2019"}
    assert judge(model, "length", **stated).outcome == "not met"
    assert judge(model, "length", Thresholds(minimum_years=5), **stated).outcome == "met"


# ------------------------------------------------------------------ laws of the order


def recipe(**other: object) -> Recipe:
    return get_recipe("balanced").model_copy(update=other)


@given(RESULTS, st.sampled_from(list(CRITERIA)), st.sampled_from(NAMES))
def test_one_more_criterion_met_never_lowers_a_score(results, name, recipe_name) -> None:
    chosen = get_recipe(recipe_name)
    before = score(results, chosen)
    after = score(results | {name: Result("met")}, chosen)
    assert after.value >= before.value
    assert after.least >= before.least
    assert candidates.STANDINGS.index(after.standing) <= candidates.STANDINGS.index(before.standing)


@given(RESULTS, st.sampled_from(list(CRITERIA)), st.floats(0, 0.99))
def test_unknown_never_outranks_met_nor_falls_below_failed(results, name, share) -> None:
    chosen = recipe(unknown=share)

    def place(outcome: str) -> tuple[object, ...]:
        answers = results | {name: Result(outcome)}
        one = Candidate("iri", "id", "title", None, (), answers, score(answers, chosen))
        return candidates._place(one, chosen)

    assert place("met") < place("unknown")
    assert place("unknown") < place("not met")


@given(RESULTS, st.floats(0, 0.99))
def test_the_range_holds_the_score_and_all_that_knowing_more_could_make_of_it(
    results, share
) -> None:
    chosen = recipe(unknown=share)
    now = score(results, chosen)
    assert 0 <= now.least <= now.value <= now.most <= 1
    for outcome, limit in (("met", now.most), ("not met", now.least)):
        known = {n: Result(outcome) if r.outcome == "unknown" else r for n, r in results.items()}
        assert score(known, chosen).value == pytest.approx(limit)


@pytest.mark.parametrize("name", NAMES)
def test_the_score_is_the_sum_of_its_parts(model, name) -> None:
    chosen = get_recipe(name)
    for one in candidates.candidates(model, chosen):
        assert one.score is not None
        assert one.score.value == pytest.approx(
            sum(p.points for p in one.score.parts) / sum(chosen.weights.values()), abs=1e-6
        )
        assert [p.criterion for p in one.score.parts] == list(chosen.weights)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_is_the_same_again_and_by_lines_in_any_order(model, name, tmp_path) -> None:
    path = recipe_files()[name]
    head, *tables = path.read_text("utf-8").split("\n[")
    shuffled = []
    for table in tables:
        title, *lines = table.splitlines()
        random.Random(7).shuffle(lines)
        shuffled.append("\n".join([title, *lines]))
    other = tmp_path / path.name
    other.write_text("\n[".join([head, *reversed(shuffled)]), "utf-8")
    assert other.read_text("utf-8") != path.read_text("utf-8")
    ranked = [c.id for c in candidates.candidates(model, get_recipe(name))]
    assert [c.id for c in candidates.candidates(model, read_recipe(other))] == ranked
    assert len(set(ranked)) == len(ranked)


def test_without_a_recipe_there_is_no_score_and_titles_make_the_order(model) -> None:
    found = candidates.candidates(model)
    titles = [c.title.casefold() for c in found]
    assert titles == sorted(titles)
    assert {(c.score, c.rank) for c in found} == {(None, None)}


@pytest.mark.parametrize("name", NAMES)
def test_who_fails_a_demand_comes_after_all_who_do_not(model, name) -> None:
    standings = [
        c.score.standing for c in candidates.candidates(model, get_recipe(name)) if c.score
    ]
    assert standings == sorted(standings, key=candidates.STANDINGS.index)
    assert len(standings) == len(candidates.candidates(model))


def test_the_pre_operational_way_puts_real_time_products_of_centres_first(model) -> None:
    for one in candidates.candidates(model, get_recipe("near-operational"))[:3]:
        outcomes = {name: result.outcome for name, result in one.results.items()}
        assert {outcomes[n] for n in ("update", "operator", "level", "delay")} == {"met"}


# ------------------------------------------------------------------ recipes


def test_our_recipes_are_whole_and_their_readme_names_every_key() -> None:
    assert {"balanced", "gap-first", "near-operational"} <= set(NAMES)
    readme = (folder("recipes") / "README.md").read_text("utf-8")
    for word in (*Recipe.model_fields, *Thresholds.model_fields, *CRITERIA):
        assert f"`{word}`" in readme or f"`[{word}]`" in readme, word
    for name, field in Thresholds.model_fields.items():
        assert f"| `{name}` | {field.default} |" in readme
    for name in NAMES:
        assert get_recipe(name).name == name


GOOD = {
    "name": '"mine"', "title": '"Mine"', "purpose": '"To see."', "author": '"me"', "version": '"1"',
    "weights": "{ doi = 1 }",
}  # fmt: skip


def written(folder_: Path, **changes: str | None) -> Path:
    path = folder_ / "mine.toml"
    lines = (f"{k} = {v}" for k, v in (GOOD | changes).items() if v is not None)
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"weights": "{ dio = 1 }"}, "key weights", "'dio' is no criterion"),
        ({"weights": '{ doi = "1" }'}, "key weights.doi", "number"),
        ({"weights": "{ doi = true }"}, "key weights.doi", "number"),
        ({"weights": "{ doi = -1 }"}, "key weights.doi", "greater than or equal"),
        ({"weights": "{ doi = nan }"}, "key weights.doi", "finite"),
        ({"weights": "{ doi = 0 }"}, "key weights", "no criterion has a weight"),
        ({"weights": None}, "key weights", "required"),
        ({"must": '["dio"]'}, "key must", "'dio' is no criterion"),
        ({"color": "1"}, "key color", "not permitted"),
        ({"unknown": "1.0"}, "key unknown", "less than 1"),
        ({"tie_break": '["luck"]'}, "key tie_break.0", "'most'"),
        ({"thresholds": '{ minimum_years = "ten" }'}, "key thresholds.minimum_years", "number"),
        ({"thresholds": "{ years = 1 }"}, "key thresholds.years", "not permitted"),
        ({"name": '"My Own"'}, "key name", "pattern"),
        ({"title": '"unfinished'}, "", "no TOML"),
    ],
)
def test_a_broken_recipe_is_refused_with_file_key_and_remedy(tmp_path, changes, place, message):
    path = written(tmp_path, **changes)
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert caught.value.file == str(path)
    assert caught.value.place == place
    assert message in caught.value.message
    assert caught.value.remedy


def test_a_file_that_is_none_or_bears_another_name_is_refused(tmp_path) -> None:
    with pytest.raises(RecipeError, match=r"gone\.toml"):
        read_recipe(tmp_path / "gone.toml")
    (tmp_path / "recipes").mkdir()
    written(tmp_path / "recipes").rename(tmp_path / "recipes" / "yours.toml")
    with pytest.raises(RecipeError, match="named 'mine'"):
        get_recipe("yours", tmp_path)
    with pytest.raises(UnknownTermError, match="balanced"):
        get_recipe("../mine", tmp_path)


def test_ones_own_recipe_stands_before_ours_of_that_name(tmp_path) -> None:
    (tmp_path / "recipes").mkdir()
    path = written(tmp_path / "recipes", name='"balanced"')
    path.rename(path.with_name("balanced.toml"))
    assert get_recipe("balanced", tmp_path).author == "me"
    assert get_recipe("balanced").author == "oceankg"


# ------------------------------------------------------------------ how they are asked for


def test_filters_take_names_of_criteria_and_outcomes(model) -> None:
    wanted = Wanted(outcomes=read_outcomes(["doi", "length:not-met", "stage:unknown"]))
    found = listing(model, None, wanted).candidates
    assert found
    for one in found:
        outcomes = [one.results[n].outcome for n in ("doi", "length", "stage")]
        assert outcomes == ["met", "not met", "unknown"]
    with pytest.raises(UnknownTermError, match="no criterion 'dio'"):
        read_outcomes(["dio"])
    with pytest.raises(UnknownTermError, match="no outcome 'good'"):
        read_outcomes(["doi:good"])


def test_candidates_are_asked_for_over_http(starter, tmp_path) -> None:
    own = starter.folder.parents[1] / "recipes"
    own.mkdir()
    written(own)
    (own / "broken.toml").write_text("name = 1", "utf-8")
    try:
        with serve(starter.folder.parents[1]) as address:
            _asked(address)
    finally:
        for path in own.iterdir():
            path.unlink()
        own.rmdir()


def _asked(address: str) -> None:
    def get(path: str = "/candidates", **asked: str | list[str]) -> httpx.Response:
        return httpx.get(address + path, params=asked, timeout=60)

    plain = get().json()
    assert plain["recipe"] is None
    assert {c["rank"] for c in plain["candidates"]} == {None}
    mine = get(recipe="mine").json()
    assert (mine["recipe"]["name"], mine["recipe"]["version"]) == ("mine", "1")
    assert [c["rank"] for c in mine["candidates"]] == list(range(1, len(plain["candidates"]) + 1))
    rows = list(csv.DictReader(StringIO(get(recipe="balanced", form="csv").text)))
    assert len(rows) == len(plain["candidates"])
    assert set(rows[0]) >= {*CRITERIA, *(f"{name}_value" for name in CRITERIA)}
    assert "recipe balanced, version 1" in get(recipe="balanced", form="markdown").text
    fish = get(variable="Fish abundance and distribution", criterion=["doi", ""]).json()
    assert 0 < len(fish["candidates"]) < 20
    sheet = get("/candidates/10.17882/91173", recipe="balanced").json()
    assert sheet["candidate"]["id"] == "10.17882/91173"
    assert sheet["added"]
    same = get(product="10.17882/91173", recipe="balanced").json()
    assert same == sheet
    taken = get("/candidates/10.17882/46219")
    assert taken.status_code == 404
    assert "is the same product as" in taken.json()["detail"]
    assert get("/candidates/nothing").status_code == 404
    assert get(recipe="nothing").status_code == 404
    broken = get(recipe="broken")
    assert broken.status_code == 422
    assert "key" in broken.json()["detail"]
    assert get(criterion="dio").status_code == 404
    offered = {o["name"]: o for o in get("/recipes").json()}
    assert offered.keys() >= {"balanced", "gap-first", "near-operational", "mine"}
    assert offered["broken"]["recipe"] is None
    assert offered["broken"]["error"]
    for path, asked in (
        ("/candidates", {}),
        ("/candidates", {"recipe": "gap-first", "variable": "", "criterion": ""}),
        ("/candidates/DAC", {"recipe": "near-operational"}),
        ("/recipes", {}),
    ):
        page = get(path, form="html", **asked)
        assert page.status_code == 200, page.text
        assert "Accept" in page.headers["vary"].split(", ")
        assert "<h1>" in page.text
    assert "Lyapunov" in get(form="html").text


def test_candidates_are_asked_for_on_the_command_line(starter, tmp_path, monkeypatch) -> None:
    data = {"OCEANKG_DATA": str(starter.folder.parents[1])}
    # A narrow terminal breaks words.
    monkeypatch.setattr(terminal.out, "width", 300)

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, words, env=data)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout

    found = json.loads(run("candidates", "--recipe", str(written(tmp_path)), "--form", "json"))
    assert found["recipe"]["name"] == "mine"
    rows = list(csv.reader(StringIO(run("candidates", "--criterion", "doi", "--form", "csv"))))
    assert rows[0] == list(candidates.columns())
    assert run("candidates", "--recipe", "balanced", "--form", "markdown").startswith("# Candid")
    assert "Lyapunov" in run("candidates", "--criterion", "delay")
    assert "dcat:startDate 1998" in run("candidates", "--product", "10.17882/91173")
    assert "Satellite observation" in run("value-added", "TSATFLUX")
    for_oxygen = ("value-added", "--variable", "Oxygen", "--direction", "odatis")
    assert run(*for_oxygen, "--form", "csv").startswith("product,")
    assert json.loads(run(*for_oxygen, "--form", "json"))["products"]
    refused = CliRunner().invoke(
        app, ["candidates", "--recipe", str(written(tmp_path, color="1"))], env=data
    )
    assert isinstance(refused.exception, RecipeError)
