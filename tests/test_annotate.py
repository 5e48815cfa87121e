"""Whole headers annotated: roles, terms, units, what is missing, and patches that tools take."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import files
from oceankg import headers, patch
from oceankg.annotate import (
    Annotated,
    AnnotatedVariable,
    Context,
    Proposal,
    UnitCheck,
    annotate,
)
from oceankg.headers import Header, Variable
from oceankg.headers.contract import clean
from oceankg.read import load
from oceankg.resolve import Resolution, Resolver
from oceankg.roles import MEASURED, Role, Structure
from oceankg.store import Snapshot
from test_cli import oceankg
from test_headers import DAS, ODV

NVS = "http://vocab.nerc.ac.uk/collection/"
MAKERS = (files.oceansites, files.argo, files.model, files.satellite, files.carbon)


@pytest.fixture(scope="module")
def resolver(starter: Snapshot) -> Resolver:
    return Resolver(load(starter))


@pytest.fixture
def annotated(resolver: Resolver, tmp_path: Path) -> Callable[..., dict[str, AnnotatedVariable]]:
    def of(source: Callable[[Path], bytes] | str) -> dict[str, AnnotatedVariable]:
        content = source.encode() if isinstance(source, str) else source(tmp_path / "x.nc")
        found = annotate(resolver, headers.read("x", content), "x")
        return {v.name: v for v in found.variables}

    return of


def served(variable: AnnotatedVariable) -> str | None:
    essential = variable.resolution.essential_variable
    return essential.label if essential else None


def proposed(variable: AnnotatedVariable) -> dict[str, str]:
    return {p.attribute: p.value for p in variable.proposals}


def one(**attributes: object) -> str:
    """A CDL header of one variable."""
    lines = "".join(f'x:{name} = "{value}" ; ' for name, value in attributes.items())
    return f"netcdf x {{ variables: float x ; {lines} }}"


class TestRoles:
    EXPECTED = (
        (
            files.oceansites,
            {
                "TIME": "time",
                "DEPTH": "coordinate",
                "TEMP": MEASURED,
                "TEMP_QC": "quality flag",
                "TEMP_UNC": "error estimate",
            },
        ),
        (
            files.argo,
            {
                "PLATFORM_NUMBER": "identifier",
                "JULD": "time",
                "JULD_QC": "quality flag",
                "LATITUDE": "coordinate",
                "PRES": "coordinate",
                "TEMP_QC": "quality flag",
                "TEMP_ADJUSTED": MEASURED,
                "TEMP_ADJUSTED_ERROR": "error estimate",
            },
        ),
        (
            files.satellite,
            {
                "lat_bnds": "bounds",
                "crs": "grid mapping",
                "analysed_sst": MEASURED,
                "analysis_error": "error estimate",
                "mask": "quality flag",
                "wind_speed": MEASURED,
            },
        ),
        (files.carbon, {"oxygen_flag": "quality flag", "Input_N": "count", "TCO2": MEASURED}),
        (
            "netcdf x { variables: int mm ; int yr ; int G2salinityf ; }",
            {"mm": "time", "yr": "time", "G2salinityf": "quality flag"},
        ),
        (ODV, {"Station": "identifier", "QV:SEADATANET:PRES": "quality flag"}),
        (DAS, {"time": "time", "TEMP": MEASURED}),
    )

    @pytest.mark.parametrize(("source", "expected"), EXPECTED)
    def test_each_variable_has_its_part(
        self, source: object, expected: dict[str, str], annotated: Callable[..., dict]
    ) -> None:
        found = annotated(source)
        assert {name: found[name].role.name for name in expected} == expected
        assert all(v.role.reason for v in found.values())

    @pytest.mark.parametrize("source", [*MAKERS, ODV, DAS])
    def test_what_is_no_variable_serves_no_essential_one(
        self, source: object, annotated: Callable[..., dict]
    ) -> None:
        for variable in annotated(source).values():
            if variable.role.name != MEASURED:
                assert served(variable) is None
                assert variable.resolution.reason
        assert any(served(v) for v in annotated(source).values())

    @pytest.mark.parametrize(
        ("attributes", "role"),
        [
            ({"standard_name": "sea_water_temperature status_flag"}, "quality flag"),
            ({"standard_name": "sea_water_temperature number_of_observations"}, "count"),
            ({"cf_role": "timeseries_id"}, "identifier"),
            ({"units": "hours since 2000-01-01"}, "time"),
            ({"axis": "X"}, "coordinate"),
            ({"units": "K"}, None),
        ],
    )
    def test_structure_alone(self, attributes: dict[str, str], role: str | None) -> None:
        variable = Variable("TEMP", "float", ("n",), attributes)
        found = Structure(Header("netCDF 4", (variable,))).role(variable)
        assert (found.name if found else None) == role

    def test_a_reference_is_looked_for_in_the_group_first(self) -> None:
        data = Variable("/a/T", "float", ("n",), {"coordinates": "z /t", "bounds": "b"})
        inner, outer = Variable("/a/z", "float", ("n",)), Variable("z", "float", ("n",))
        time, bounds = Variable("t", "float", ("n",)), Variable("b", "float", ("n",))
        structure = Structure(Header("netCDF 4", (data, inner, outer, time, bounds)))
        roles = [structure.role(v) for v in (inner, outer, time, bounds)]
        assert [r and r.name for r in roles] == ["coordinate", None, "coordinate", "bounds"]


class TestTerms:
    def test_what_follows_from_a_standard_name(self, annotated: Callable[..., dict]) -> None:
        temperature = annotated(files.oceansites)["TEMP"]
        assert served(temperature) == "Subsurface temperature"
        found = {t.vocabulary: t.urn or t.label for t in temperature.terms}
        assert found["P02"] == "SDN:P02::TEMP"
        assert found["P06"] == "SDN:P06::UPAA"
        assert found["CF"] == "sea_water_temperature"
        assert all(t.how and 0.6 < t.confidence <= 1 for t in temperature.terms)

    def test_stated_terms_are_certain(self, annotated: Callable[..., dict]) -> None:
        temperature = annotated(ODV)["Temperature"]
        found = {t.vocabulary: (t.urn, t.how) for t in temperature.terms}
        assert found["P01"] == ("SDN:P01::TEMPPR01", "stated")
        assert found["P06"] == ("SDN:P06::UPAA", "stated")
        assert served(temperature) == "Subsurface temperature"
        assert "sdn_parameter_urn" not in proposed(temperature)

    @pytest.mark.parametrize("name", ["thetao", "so", "uo", "zos"])
    def test_every_field_of_a_forecast(self, name: str, annotated: Callable[..., dict]) -> None:
        assert served(annotated(files.model)[name])

    def test_a_name_alone_proposes_no_term(self, annotated: Callable[..., dict]) -> None:
        lonely = annotated("netcdf x { variables: float TEMP ; }")["TEMP"]
        assert proposed(lonely) == {}
        assert "standard_name" in lonely.missing

    def test_terms_of_floats_are_for_floats(self, annotated: Callable[..., dict]) -> None:
        assert proposed(annotated(files.argo)["TEMP"])["sdn_parameter_urn"] == "SDN:P01::TEMPST01"
        other = proposed(annotated(files.oceansites)["TEMP"])
        assert other.get("sdn_parameter_urn") != "SDN:P01::TEMPST01"

    def test_a_term_whose_unit_does_not_fit_is_not_proposed(
        self, annotated: Callable[..., dict]
    ) -> None:
        wrong = annotated(one(standard_name="sea_water_temperature", units="m s-1"))["x"]
        assert wrong.units.fit == "different"
        assert any("cannot be converted" in p for p in wrong.problems)
        assert set(proposed(wrong)) <= {"sdn_uom_urn", "sdn_uom_name"}

    def test_a_close_match_proposes_nothing(self, annotated: Callable[..., dict]) -> None:
        table = "id\tfCO2rec [uatm]\tOXYGEN [umol/kg]\na\t350.1\t210.5\n"
        found = annotated(table)
        # Fugacity is close to partial pressure, which CF has a name for, and is not the same.
        assert served(found["fCO2rec"]) == "Ocean inorganic carbon"
        assert "standard_name" not in proposed(found["fCO2rec"])
        # CF's oxygen by volume does not go with a unit by mass.
        assert served(found["OXYGEN"]) == "Oxygen"
        assert found["OXYGEN"].units.fit != "different"

    def test_depth_of_the_whole_file_is_context(self, resolver: Resolver, tmp_path: Path) -> None:
        found = annotate(resolver, headers.read("x", files.oceansites(tmp_path / "x")))
        assert found.context.depth == 6.0
        surface = DAS.replace("}\n}\n", "Float64 geospatial_vertical_min 0.0;\n}\n}\n")
        deep = annotate(resolver, headers.read("x", surface.encode()))
        assert deep.context.depth is None


class TestUnits:
    @pytest.mark.parametrize(
        ("stated", "fit", "factor", "offset"),
        [
            ("K", "same", 1.0, 0.0),
            ("degree_Celsius", "convertible", 1.0, 273.15),
            ("m s-1", "different", None, None),
            ("furlongs of mind", "unknown", None, None),
        ],
    )
    def test_against_those_of_cf(
        self,
        stated: str,
        fit: str,
        factor: float | None,
        offset: float | None,
        annotated: Callable[..., dict],
    ) -> None:
        check = annotated(one(standard_name="sea_water_temperature", units=stated))["x"].units
        assert (check.fit, check.expected) == (fit, ("K",))
        assert check.factor == (None if factor is None else pytest.approx(factor))
        assert check.offset == (None if offset is None else pytest.approx(offset))

    def test_centimetres_per_second(self, annotated: Callable[..., dict]) -> None:
        check = annotated(files.oceansites)["UCUR"].units
        assert (check.fit, check.factor) == ("convertible", pytest.approx(0.01))

    def test_a_unit_without_dimension_is_that_of_the_term(
        self, annotated: Callable[..., dict]
    ) -> None:
        assert proposed(annotated(files.oceansites)["PSAL"])["sdn_uom_urn"] == "SDN:P06::UUUU"


class TestFaults:
    def test_names_that_nobody_knows(self, annotated: Callable[..., dict]) -> None:
        found = annotated(one(standard_name="sea_water_warmth", sdn_parameter_urn="SDN:P01::NO"))
        assert [p.split(":")[0] for p in found["x"].problems] == [
            "standard_name",
            "sdn_parameter_urn",
        ]

    def test_an_alias_names_its_successor(self, annotated: Callable[..., dict]) -> None:
        alias = annotated(one(standard_name="sea_floor_depth_below_sea_level"))["x"].problems
        assert alias == (
            "standard_name: sea_floor_depth_below_sea_level is deprecated; "
            "use sea_floor_depth_below_mean_sea_level",
        )

    def test_flags_without_meaning(self, annotated: Callable[..., dict]) -> None:
        assert annotated(files.carbon)["oxygen_flag"].missing == ("flag_values", "flag_meanings")
        assert annotated(files.oceansites)["TEMP_QC"].missing == ()


def made(name: str, *proposals: tuple[str, str], type_: str = "float") -> Annotated:
    """An annotated file of one variable with these proposals."""
    variable = AnnotatedVariable(
        name=name,
        type=type_,
        dimensions=(),
        stated={"long_name": "</script>"},
        role=Role(MEASURED, ""),
        terms=(),
        units=UnitCheck(None, (), None, "unknown"),
        missing=(),
        problems=(),
        proposals=tuple(Proposal(a, v, "", 1.0) for a, v in proposals),
        resolution=Resolution(name),
    )
    return Annotated("x.nc", "netCDF 4", "", Context(), (variable,))


HOSTILE = 'a "quoted" \\ back\nslash ]]> <x a="b"> & \' ; } %s é'
NAMES = ("TEMP", "data", "group", "1st", "a b", "a+b-c.d@e", "é", 'q"x', "s;x}", "p(q)")


class TestPatch:
    @pytest.mark.parametrize("name", [*NAMES, "/g/inner/T", "/g/a b"])
    def test_cdl_says_what_it_means(self, name: str) -> None:
        header = headers.read("x.cdl", patch.cdl(made(name, ("long_name", HOSTILE))).encode())
        assert [(v.name, dict(v.attributes)) for v in header.variables] == [
            (name, {"long_name": HOSTILE})
        ]

    @pytest.mark.parametrize("name", [*NAMES, "/g/inner/T"])
    def test_ncgen_takes_the_cdl(self, name: str, tmp_path: Path) -> None:
        if shutil.which("ncgen") is None:
            pytest.skip("needs ncgen")
        (tmp_path / "x.cdl").write_text(patch.cdl(made(name, ("long_name", HOSTILE))), "utf-8")
        subprocess.run(
            ["ncgen", "-4", "-o", tmp_path / "x.nc", tmp_path / "x.cdl"],
            check=True,
            capture_output=True,
        )
        header = headers.read("x.nc", (tmp_path / "x.nc").read_bytes())
        assert [(v.name, dict(v.attributes)) for v in header.variables] == [
            (name, {"long_name": HOSTILE})
        ]

    @pytest.mark.parametrize("name", [*NAMES, "/g/inner/T"])
    def test_ncml_says_what_it_means(self, name: str) -> None:
        text = patch.ncml(made(name, ("long_name", HOSTILE)))
        header = headers.read("x.ncml", text.encode())
        assert [(v.name, dict(v.attributes)) for v in header.variables] == [
            (name, {"long_name": HOSTILE})
        ]
        assert ET.fromstring(text).get("location") == "x.nc"

    def test_a_word_of_cdl_is_no_name_there(self) -> None:
        assert "units" not in patch.cdl(made("float", ("units", "m")))
        assert "units" in patch.ncml(made("float", ("units", "m")))

    @pytest.mark.parametrize("name", ["a/b", "a\ufffdb", "a\nb", " a", "", "/g/a\ufffd"])
    def test_a_name_that_no_netcdf_can_have_is_left_out(self, name: str) -> None:
        found = made(name, ("units", "m"))
        assert "units" not in patch.cdl(found)
        assert "units" not in patch.ncml(found)

    @given(name=st.text(min_size=1, max_size=20), value=st.text(max_size=50))
    def test_any_name_and_value_can_be_read_again(self, name: str, value: str) -> None:
        name, value = clean(name), clean(value)
        for write in (patch.cdl, patch.ncml):
            text = write(made(name, ("long_name", value)))
            # A name that no netCDF can have is left out.
            if "long_name" in text:
                again = headers.read("x", text.encode("utf-8")).variables
                assert [v.name for v in again] == [name]

    def test_schema_org(self, resolver: Resolver, tmp_path: Path) -> None:
        found = annotate(resolver, headers.read("x", files.oceansites(tmp_path / "x")), "x")
        dataset = json.loads(patch.schema(found))
        assert (dataset["@context"], dataset["@type"]) == ("https://schema.org/", "Dataset")
        values = {v["name"]: v for v in dataset["variableMeasured"]}
        assert set(values) == {"TEMP", "PSAL", "CNDC", "UCUR"}
        assert values["TEMP"]["@type"] == "PropertyValue"
        assert f"{NVS}P02/current/TEMP/" in values["TEMP"]["propertyID"]
        assert f"{NVS}EXV/current/EXV018/" in values["TEMP"]["propertyID"]
        assert values["TEMP"]["unitText"] == "degree_Celsius"
        assert values["TEMP"]["unitCode"] == f"{NVS}P06/current/UPAA/"

    def test_schema_org_can_stand_in_a_page(self) -> None:
        text = patch.schema(made("x"))
        assert "</script" not in text
        assert json.loads(text)["variableMeasured"][0]["alternateName"] == "</script>"

    def test_a_patched_file_lacks_nothing_that_was_proposed(
        self, resolver: Resolver, tmp_path: Path
    ) -> None:
        header = headers.read("x", files.oceansites(tmp_path / "x"))
        found = annotate(resolver, header, "x")
        added = {
            v.name: v.attributes for v in headers.read("p", patch.ncml(found).encode()).variables
        }
        patched = replace(
            header,
            variables=tuple(
                replace(v, attributes={**v.attributes, **added.get(v.name, {})})
                for v in header.variables
            ),
        )
        again = annotate(resolver, patched, "x")
        assert added
        assert [v.proposals for v in again.variables if v.proposals] == []
        assert [v.problems for v in again.variables] == [v.problems for v in found.variables]
        assert [served(v) for v in again.variables] == [served(v) for v in found.variables]


class TestCommand:
    def test_a_patch_is_all_that_is_printed(self, starter: Snapshot, tmp_path: Path) -> None:
        files.oceansites(tmp_path / "a.nc")
        arguments = ("annotate", str(tmp_path / "a.nc"), "--form", "cdl")
        done = oceankg(*arguments, data=starter.folder.parents[1])
        assert done.returncode == 0, done.stderr
        assert 'TEMP:sdn_uom_urn = "SDN:P06::UPAA" ;' in done.stdout
        assert headers.read("x.cdl", done.stdout.encode()).variables

    def test_a_broken_file_is_one_message(self, starter: Snapshot, tmp_path: Path) -> None:
        (tmp_path / "a.nc").write_bytes(b"\x89HDF\r\n\x1a\nrubbish")
        (tmp_path / "b.cdl").write_text("netcdf b { variables: float a\u202e", "utf-8")
        data = starter.folder.parents[1]
        for name, said in (("a.nc", "a.nc, header: "), ("b.cdl", "b.cdl, "), ("c.nc", "No such")):
            done = oceankg("annotate", str(tmp_path / name), data=data)
            assert done.returncode == 1
            assert said in done.stderr
            assert "Traceback" not in done.stderr

    def test_the_table_is_not_steered_by_the_file(self, starter: Snapshot, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("TEMP [degC],a\u202eb,[bold]c\n1,2,3\n", "utf-8")
        done = oceankg("annotate", str(tmp_path / "a.csv"), data=starter.folder.parents[1])
        assert "Subsurface temperature" in done.stdout
        assert "\\u202e" in done.stdout
        assert "\u202e" not in done.stdout
        assert "[bold]c" in done.stdout


@pytest.fixture(scope="module")
def web(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client


class TestHttp:
    @pytest.fixture
    def content(self, tmp_path: Path) -> bytes:
        return files.oceansites(tmp_path / "a.nc")

    def test_a_body_and_a_form_are_answered_alike(self, web: httpx.Client, content: bytes) -> None:
        body = web.post("/annotate", params={"filename": "a.nc"}, content=content)
        form = web.post("/annotate", files={"file": ("C:\\data\\a.nc", content)})
        assert body.status_code == form.status_code == 200
        assert body.json() == form.json()
        found = {v["name"]: v for v in body.json()["variables"]}
        assert body.json()["file"] == "a.nc"
        essential = found["TEMP"]["resolution"]["essential_variable"]
        assert essential["label"] == "Subsurface temperature"
        assert found["TEMP_QC"]["role"]["name"] == "quality flag"

    @pytest.mark.parametrize(
        ("form", "kind", "start"),
        [
            ("cdl", "text/plain", "// What"),
            ("ncml", "application/xml", "<netcdf"),
            ("schema", "application/ld+json", "{"),
            ("html", "text/html", "<!doctype"),
        ],
    )
    def test_forms_by_name_and_by_accept(
        self, form: str, kind: str, start: str, web: httpx.Client, content: bytes
    ) -> None:
        named = web.post("/annotate", params={"form": form}, content=content)
        asked = web.post("/annotate", content=content, headers={"Accept": kind})
        for answer in (named, asked):
            assert answer.headers["content-type"].startswith(kind)
            assert answer.text.startswith(start)
            assert "TEMP" in answer.text

    def test_wrong_forms_are_named(self, web: httpx.Client, content: bytes) -> None:
        assert web.post("/annotate", params={"form": "x"}, content=content).status_code == 400
        answer = web.post("/annotate", content=content, headers={"Accept": "image/png"})
        assert answer.status_code == 406
        assert web.post("/annotate", data={"a": "b"}, files={"other": b"x"}).status_code == 400

    def test_too_large_is_refused_however_it_comes(self, web: httpx.Client) -> None:
        large = b"netcdf x {" + b" " * (2 * 1024 * 1024)
        assert web.post("/annotate", content=large).status_code == 413
        assert web.post("/annotate", content=io.BytesIO(large)).status_code == 413
        assert web.post("/annotate", content=iter([large])).status_code == 413
        assert web.post("/annotate", files={"file": large}).status_code == 413
        slightly = b"a,b\n" + b"1,2\n" * 262_144
        assert web.post("/annotate", content=slightly).status_code == 413

    @pytest.mark.parametrize("content_", [b"", b"rubbish", b"CDF\x01", b"\x89HDF\r\n\x1a\n"])
    def test_broken_files_are_problems(self, content_: bytes, web: httpx.Client) -> None:
        answer = web.post("/annotate", content=content_, params={"filename": "a.nc"})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("a.nc")
        assert "Remedy:" in answer.json()["detail"]
        page = web.post("/annotate", content=content_, headers={"Accept": "text/html"})
        assert page.status_code == 422
        assert 'role="alert"' in page.text

    def test_the_page_has_a_form_and_nothing_from_elsewhere(self, web: httpx.Client) -> None:
        page = web.get("/annotate")
        assert 'enctype="multipart/form-data"' in page.text
        assert "up to 1 MiB" in page.text
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "<script src" not in page.text

    def test_a_hostile_name_of_a_file_breaks_no_form(
        self, web: httpx.Client, content: bytes
    ) -> None:
        for form in ("ncml", "cdl", "schema", "json"):
            name = '../a\x01"\n<b>.nc'
            asked = web.post("/annotate", params={"form": form, "filename": name}, content=content)
            assert asked.status_code == 200
            if form == "ncml":
                assert ET.fromstring(asked.text).get("location") == 'a\ufffd"\n<b>.nc'

    def test_a_hostile_file_does_not_reach_the_page(self, web: httpx.Client) -> None:
        table = b"<script>alert(1)</script>,TEMP [<b>]\n1,2\n"
        page = web.post("/annotate?form=html&filename=<img>.csv", content=b"\n" + table)
        assert page.status_code in (200, 422)
        assert "<script>alert" not in page.text
        assert "<img>" not in page.text

    def test_others_are_answered_while_a_file_is_read(self, web: httpx.Client) -> None:
        slow = b"netcdf x { variables: float v ;" + b"v:a = 1 ; " * 20_000 + b"}"
        answered = 0
        with ThreadPoolExecutor(1) as aside:
            read = aside.submit(web.post, "/annotate", content=slow)
            while not read.done():
                assert web.get("/health").status_code == 200
                answered += 1
        assert read.result().status_code == 200
        # Not only the one that came before the file.
        assert answered > 2
