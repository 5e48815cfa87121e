"""Headers of real files, whole and broken: each format reads the same, or says why not."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
import xarray
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from files import oceansites
from oceankg import headers
from oceankg.errors import HeaderError, HeaderTooLargeError
from oceankg.headers import Header, Limits, apart
from oceankg.headers.contract import clean

FORMATS = ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA", "NETCDF4_CLASSIC")


def grouped(path: Path) -> bytes:
    """A netCDF 4 file with groups and types of its own."""
    with netCDF4.Dataset(path, "w") as data:
        data.createDimension("n", 3)
        cloud = data.createEnumType(np.uint8, "cloud", {"clear": 0, "cumulus": 1})
        many = data.createVLType(np.int32, "many")
        pair = data.createCompoundType(np.dtype([("x", "f8"), ("y", "i4")]), "pair")
        for name, kind in (("e", cloud), ("v", many), ("c", pair), ("s", str), ("h", "S1")):
            data.createVariable(name, kind, ("n",))
        inner = data.createGroup("science/left")
        inner.title = "inner"
        inner.createDimension("t", None)
        chl = inner.createVariable("chl a", "f8", ("t", "n"))
        chl.setncatts({"units": "mg m-3", "list": ["a", 'b"c']})
    return path.read_bytes()


def ncdump(path: Path) -> bytes:
    if shutil.which("ncdump") is None:
        pytest.skip("needs ncdump")
    return subprocess.run(["ncdump", "-h", path], capture_output=True, check=True).stdout


def attributes(header: Header, name: str) -> dict[str, object]:
    return dict(next(v.attributes for v in header.variables if v.name == name))


class TestNetcdf:
    @pytest.mark.parametrize("form", [*FORMATS, "NETCDF4"])
    def test_all_kinds_read_the_same(self, form: str, tmp_path: Path) -> None:
        header = headers.read("a.nc", oceansites(tmp_path / "a.nc", form))
        assert header.format == ("netCDF 3" if form.startswith("NETCDF3") else "netCDF 4")
        first = header.variables[:5]
        assert [v.name for v in first] == ["TIME", "DEPTH", "LATITUDE", "TEMP", "TEMP_QC"]
        assert [v.type for v in first] == ["double", "float", "float", "float", "byte"]
        assert [v.is_coordinate for v in first] == [True, True, True, False, False]
        assert header.dimensions == {"TIME": None, "DEPTH": 3, "LATITUDE": 1}
        assert header.text("title") == 'The "deep"\nmooring, 100 %'
        assert attributes(header, "TEMP")["valid_range"] == (-2.5, 40.0)
        assert attributes(header, "TEMP_QC")["flag_values"] == (0, 1, 4, 9)

    def test_groups_and_types_of_its_own(self, tmp_path: Path) -> None:
        header = headers.read("g.nc", grouped(tmp_path / "g.nc"))
        types = {v.name: v.type for v in header.variables}
        assert types == {
            "e": "cloud",
            "v": "many",
            "c": "pair",
            "s": "string",
            "h": "char",
            "/science/left/chl a": "double",
        }
        inner = header.variables[-1]
        assert (inner.group, inner.short_name) == ("/science/left", "chl a")
        assert inner.attributes == {"units": "mg m-3", "list": ("a", 'b"c')}

    def test_what_xarray_writes(self, tmp_path: Path) -> None:
        data = xarray.Dataset(
            {"sst": ("time", np.ones(2, "f4"), {"units": "K", "long_name": "température"})},
            {"time": np.array(["2020-01-01", "2020-01-02"], "M8[ns]")},
        )
        data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
        header = headers.read("x.nc", (tmp_path / "x.nc").read_bytes())
        sst = attributes(header, "sst")
        assert (sst["long_name"], sst["_FillValue"]) == ("température", "nan")
        assert "since" in str(attributes(header, "time")["units"])

    @pytest.mark.parametrize("make", [oceansites, grouped])
    def test_its_cdl_reads_the_same(self, make: object, tmp_path: Path) -> None:
        content = make(tmp_path / "a.nc")
        ours, theirs = (
            headers.read("a.nc", content),
            headers.read("a.cdl", ncdump(tmp_path / "a.nc")),
        )
        assert theirs.variables == ours.variables
        assert theirs.attributes == ours.attributes
        if make is oceansites:
            assert theirs.dimensions == ours.dimensions

    def test_apart_it_reads_the_same_from_memory_and_disk(self, tmp_path: Path) -> None:
        content = grouped(tmp_path / "g.nc")
        apart_ = apart.read("g.nc", content)
        assert apart_ == headers.read("g.nc", content)
        assert apart.read_path(tmp_path / "g.nc") == apart_

    def test_a_large_file_on_disk_is_read_and_in_memory_refused(self, tmp_path: Path) -> None:
        content = oceansites(tmp_path / "a.nc")
        small = Limits(content=len(content) - 1)
        assert apart.read_path(tmp_path / "a.nc", small).variables
        with pytest.raises(HeaderTooLargeError, match=r"^a\.nc: .*more than .*Remedy: .*ncdump -h"):
            apart.read("a.nc", content, small)


class TestHostileNetcdf:
    def test_a_link_to_another_file_is_not_followed(self, tmp_path: Path) -> None:
        with netCDF4.Dataset(tmp_path / "secret.nc", "w") as secret:
            secret.createVariable("SECRET", "f4", ())
        with h5py.File(tmp_path / "link.nc", "w") as file:
            file["x"] = [1.0]
            file["leak"] = h5py.ExternalLink(str(tmp_path / "secret.nc"), "/")
        content = (tmp_path / "link.nc").read_bytes()
        # In this process the library would follow it.
        assert "SECRET" in str(headers.read("link.nc", content))
        with pytest.raises(HeaderError, match=r"^link\.nc, header: "):
            apart.read("link.nc", content)

    def test_groups_without_end_are_refused(self, tmp_path: Path) -> None:
        with h5py.File(tmp_path / "deep.nc", "w") as file:
            group = file
            for _ in range(200):
                group = group.create_group("g")
            group["x"] = [1]
        with pytest.raises(HeaderTooLargeError, match="groups stand more than"):
            apart.read("deep.nc", (tmp_path / "deep.nc").read_bytes())

    def test_more_variables_than_anyone_needs(self, tmp_path: Path) -> None:
        with netCDF4.Dataset(tmp_path / "many.nc", "w", format="NETCDF3_CLASSIC") as data:
            for n in range(5_001):
                data.createVariable(f"v{n}", "i1", ())
        with pytest.raises(HeaderTooLargeError, match="more than 5000 variables"):
            apart.read("many.nc", (tmp_path / "many.nc").read_bytes())

    def test_memory_and_time_are_limited(self, tmp_path: Path) -> None:
        content = oceansites(tmp_path / "a.nc")
        with pytest.raises(HeaderTooLargeError, match=r"more than 0\.01 s"):
            apart.read("a.nc", content, Limits(seconds=0.01))
        with pytest.raises(HeaderError, match=r"^a\.nc"):
            apart.read("a.nc", content, Limits(memory=1024))

    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_a_cut_or_altered_file_is_a_header_or_an_error(
        self, data: st.DataObject, tmp_path: Path
    ) -> None:
        form = data.draw(st.sampled_from(["NETCDF3_CLASSIC", "NETCDF4"]))
        content = bytearray(oceansites(tmp_path / "a.nc", form))
        if data.draw(st.booleans()):
            del content[data.draw(st.integers(1, len(content) - 1)) :]
        for _ in range(data.draw(st.integers(0, 30))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
        _reads_or_refuses(bytes(content), apart.read)


def _reads_or_refuses(content: bytes, read: Callable[..., Header] = headers.read) -> None:
    header = None
    with suppress(HeaderError):
        header = read("x", content)
    if header is not None:
        assert header.variables
        # Whatever was in it can be sent on.
        json.dumps([dict(v.attributes) for v in header.variables], allow_nan=False).encode()


class TestCdl:
    def test_what_stands_beside_the_header_is_passed_over(self) -> None:
        header = headers.read(
            "x.cdl",
            b"""// a comment with netcdf x { in it
            netcdf a\\ b { types: compound pair { int x ; float y(3) ; } ;
              byte enum cloud { clear = 0, cumulus = 1 } ; opaque(11) raw ; int(*) many ;
            dimensions: t = UNLIMITED ; x = 2, y = 3 ;
            variables: double a(t), b ; pair c ; float data(x) ;
              a:units = "K" ; // kelvin; {really}
              a:long = "one, ", "two" ; string a:list = "one", "two" ;
              a:mixed = 1b, 2.5f, -3, 1e3, 0LL, NaNf ; data :note = 'x' ; pair a:p = {1, {2, 3}} ;
              :title = "t" ; string :also = "u" ;
            data: a = 1, 2, _ ; // (0) ;
              b = 3 ; c = "}", ";" ;
            group: g { variables: float a(x) ; a:units = "m" ; }
            }""",
        )
        assert [v.name for v in header.variables] == ["a", "b", "c", "data", "/g/a"]
        assert header.dimensions == {"t": None, "x": 2, "y": 3}
        assert header.attributes == {"title": "t", "also": "u"}
        a = attributes(header, "a")
        assert (a["units"], a["long"], a["list"]) == ("K", "one, two", ("one", "two"))
        assert attributes(header, "/g/a") == {"units": "m"}
        assert attributes(header, "data") == {"note": "x"}

    def test_a_cut_file_names_the_place(self, tmp_path: Path) -> None:
        oceansites(tmp_path / "a.nc")
        cut = ncdump(tmp_path / "a.nc").rstrip().removesuffix(b"}")
        with pytest.raises(HeaderError, match=r"^a\.cdl, .*cut off.*Remedy: "):
            headers.read("a.cdl", cut)
        with pytest.raises(HeaderError, match=r"line 2, column 3"):
            headers.read("a.cdl", b"netcdf x {\n  ; }")

    def test_braces_without_end_end(self) -> None:
        _reads_or_refuses(b"netcdf x { types: " + b"{" * 100_000)
        _reads_or_refuses(b"netcdf x {" + b"group: g {" * 3_000 + b"}" * 3_001)
        with pytest.raises(HeaderTooLargeError, match="more than 8388608"):
            headers.read("x.cdl", b"netcdf x { variables: " + b"float a ;" * 1_000_000)


DAS = """Attributes {
 s {
  time {
    String _CoordinateAxisType "Time";
    Float64 actual_range 1.0e+9, 1.6e+9;
    String units "seconds since 1970-01-01T00:00:00Z";
  }
  TEMP {
    Float32 _FillValue NaN;
    String long_name "Sea temperature, \\"in situ\\"
and more";
    String units "degree_C";
  }
 }
  NC_GLOBAL {
    String cdm_data_type "TimeSeries";
    Float64 geospatial_vertical_max 20.0;
  }
}
"""
INFO = """Row Type,Variable Name,Attribute Name,Data Type,Value
attribute,NC_GLOBAL,cdm_data_type,String,TimeSeries
attribute,NC_GLOBAL,geospatial_vertical_max,double,20.0
variable,time,,double,
attribute,time,_CoordinateAxisType,String,Time
attribute,time,actual_range,double,"1.0e+9, 1.6e+9"
attribute,time,units,String,seconds since 1970-01-01T00:00:00Z
variable,TEMP,,float,
attribute,TEMP,_FillValue,float,NaN
attribute,TEMP,long_name,String,"Sea temperature, ""in situ""
and more"
attribute,TEMP,units,String,degree_C
"""


class TestErddap:
    def test_das_and_info_say_the_same(self) -> None:
        das = headers.read("x.das", DAS.encode())
        table = headers.read("index.csv", INFO.encode())
        names, *rows = (line for line in __import__("csv").reader(INFO.splitlines(keepends=True)))
        as_json = json.dumps({"table": {"columnNames": names, "rows": rows}})
        assert headers.read("index.json", as_json.encode()).variables == table.variables
        assert das.attributes == table.attributes
        assert das.attributes["geospatial_vertical_max"] == 20.0
        assert [dict(v.attributes) for v in das.variables] == [
            dict(v.attributes) for v in table.variables
        ]
        assert attributes(das, "TEMP")["long_name"] == 'Sea temperature, "in situ"\nand more'
        assert [v.type for v in table.variables] == ["double", "float"]

    def test_a_grid_has_dimensions(self) -> None:
        grid = """Row Type,Variable Name,Attribute Name,Data Type,Value
dimension,time,,double,"nValues=27, evenlySpaced=false, averageSpacing=30 days"
dimension,latitude,,float,"nValues=180, evenlySpaced=true"
variable,sst,,short,"time, latitude"
"""
        header = headers.read("index.csv", grid.encode())
        assert header.dimensions == {"time": 27, "latitude": 180}
        assert [v.is_coordinate for v in header.variables] == [True, True, False]
        assert header.variables[2].dimensions == ("time", "latitude")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (DAS[:-30].encode(), "cut off"),
            (b'Error {\n code=404;\n message="no";\n}', "message of an error"),
            (b'{"table": {"columnNames": ["a"], "rows": []}}', "not the information"),
            (b'{"table": ', "line 1, column"),
            (b"[" * 100_000, "none of those"),
            (b'{"table":' * 50_000, "no"),
            ((INFO + "attribute,TEMP\n").encode(), "row 13"),
            (b"<html><body>ERDDAP</body></html>", "not <netcdf>"),
        ],
    )
    def test_what_is_no_answer_of_it_is_refused(self, content: bytes, said: str) -> None:
        with pytest.raises(HeaderError, match=said):
            headers.read("x", content)


class TestNcml:
    def test_attributes_of_all_kinds(self) -> None:
        header = headers.read(
            "x.nc",
            """<?xml version="1.0"?>
            <netcdf xmlns="http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2" location="x">
              <dimension name="t" length="4" isUnlimited="true"/><dimension name="x" length="5"/>
              <attribute name="title" value="a &lt; b"/>
              <variable name="t" shape="t" type="int">
                <attribute name="units" value="days since 2000-01-01"/></variable>
              <variable name="T" shape="t x" type="float">
                <attribute name="valid_range" type="float" value="-2.0 40.0"/>
                <attribute name="names" separator="|" value="a b|c"/>
                <attribute name="long_name">température</attribute></variable>
              <group name="g"><variable name="T" type="String"/></group>
            </netcdf>""".encode(),
        )
        assert (header.format, header.attributes) == ("NcML", {"title": "a < b"})
        assert header.dimensions == {"t": None, "x": 5}
        assert [v.name for v in header.variables] == ["t", "T", "/g/T"]
        assert attributes(header, "T") == {
            "valid_range": (-2.0, 40.0),
            "names": ("a b", "c"),
            "long_name": "température",
        }

    @pytest.mark.parametrize(
        "content",
        [
            b'<!DOCTYPE n [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><netcdf>&c;</netcdf>',
            b"<netcdf><variable name='x'>",
            b"<netcdf/>",
            b"<?xml version='1.0' encoding='nonsense'?><netcdf/>",
            b"<a>" * 200_000,
            b"<netcdf><variable/></netcdf>",
        ],
    )
    def test_what_is_broken_or_hostile_is_refused(self, content: bytes) -> None:
        with pytest.raises(HeaderError, match=r"^x\.ncml.*Remedy: "):
            headers.read("x.ncml", content)


ODV = """//SDN_parameter_mapping
//<subject>SDN:LOCAL:PRES</subject><object>SDN:P01::PRESPR01</object><units>SDN:P06::UPDB</units>
//<subject>SDN:LOCAL:Temperature</subject><object>SDN:P01::TEMPPR01</object>\
<units>SDN:P06::UPAA</units><instrument>SDN:L22::TOOL0669</instrument>
//<DataType>Profiles</DataType>
//
Cruise\tStation\tType\tyyyy-mm-ddThh:mm:ss.sss\tLongitude [degrees_east]\t\
Latitude [degrees_north]\tBot. Depth [m]\tPRES [db]\tQV:SEADATANET\t\
Temperature [degC]\tQV:SEADATANET\tQV:ODV:Salinity
A\t1\tC\t2001-02-03T00:00:00.000\t-4.1\t47.5\t100\t5.0\t1\t11.2\t1\t1
"""


class TestOdv:
    def test_terms_units_and_flags_of_columns(self) -> None:
        header = headers.read("x.txt", ODV.encode())
        assert header.format == "ODV"
        assert header.attributes == {"DataType": "Profiles"}
        assert attributes(header, "Temperature") == {
            "units": "degC",
            "sdn_parameter_urn": "SDN:P01::TEMPPR01",
            "sdn_uom_urn": "SDN:P06::UPAA",
            "sdn_instrument_urn": "SDN:L22::TOOL0669",
        }
        flags = {v.name: v.flag_of for v in header.variables if v.flag_of}
        assert flags == {
            "QV:SEADATANET:PRES": "PRES",
            "QV:SEADATANET:Temperature": "Temperature",
            "QV:ODV:Salinity": "Salinity",
        }
        assert attributes(header, "Longitude") == {"units": "degrees_east"}

    def test_comments_alone_are_no_file(self) -> None:
        with pytest.raises(HeaderError, match="no line of column labels"):
            headers.read("x.txt", b"//SDN_parameter_mapping\n//\n")


class TestCsv:
    @pytest.mark.parametrize(
        "content",
        [
            "time,TEMP,note\nUTC,degree_C,\n2020-01-01T00:00:00Z,4.5,x\n2020-01-02T00:00:00Z,5,\n",
            "time (UTC),TEMP (degree_C),note\n2020-01-01T00:00:00Z,4.5,x\n",
            "# made by hand\ntime [UTC];TEMP [degree_C];note\n2020-01-01T00:00:00Z;4.5;x\n",
            "/* what\nit is */\ntime [UTC]\tTEMP [degree_C]\tnote\n2020-01-01\t4.5\tx\n",
        ],
    )
    def test_units_in_a_row_of_their_own_or_in_the_labels(self, content: str) -> None:
        header = headers.read("x.csv", content.encode())
        assert [(v.name, v.text("units")) for v in header.variables] == [
            ("time", "UTC"),
            ("TEMP", "degree_C"),
            ("note", None),
        ]
        assert [v.type for v in header.variables] == ["string", "double", "string"]

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (
                "BOTTLE,20190101ODF\n# made by hand, at sea\nEXPOCODE,CTDPRS,CTDPRS_FLAG_W,OXYGEN\n"
                ",DBAR,,UMOL/KG\n33RO,3.0,2,210.5\n33RO,5.0,2,210.1\nEND_DATA\n",
                [("EXPOCODE", None), ("CTDPRS", "DBAR"), ("CTDPRS_FLAG_W", None)],
            ),
            (
                "SOCAT data report created: 2024-06-18\nby A, B and C\n\nExplanation: all\n"
                "Expocode\tlongitude [dec.deg.E]\tSST [deg.C]\n06AQ\t3.5\t11.2\n",
                [("Expocode", None), ("longitude", "dec.deg.E"), ("SST", "deg.C")],
            ),
        ],
    )
    def test_prose_before_the_table(self, content: str, expected: list) -> None:
        header = headers.read("x.csv", content.encode())
        assert [(v.name, v.text("units")) for v in header.variables][:3] == expected

    def test_a_row_of_words_is_no_row_of_units(self) -> None:
        header = headers.read("x.csv", b"name,kind\nfoo,bar\nbaz,quux\n")
        assert [v.text("units") for v in header.variables] == [None, None]
        missing = headers.read("x.csv", b"id,t\na,NA\nb,1.5\n")
        assert [v.text("units") for v in missing.variables] == [None, None]

    def test_what_stands_in_brackets_is_a_unit_only_if_it_reads_as_one(self) -> None:
        header = headers.read("x.csv", b"pH (total),fCO2 (uatm),depth (m)\n8.1,400,1\n")
        assert [(v.name, v.text("units")) for v in header.variables] == [
            ("pH (total)", None),
            ("fCO2", "uatm"),
            ("depth", "m"),
        ]

    def test_old_encodings_and_doubled_names(self) -> None:
        header = headers.read("x.csv", "Température [°C],x,x,\n1,2,3,4\n".encode("cp1252"))
        assert [v.name for v in header.variables] == ["Température", "x", "x (column 3)"]
        assert header.variables[0].text("units") == "°C"
        utf16 = headers.read("x.csv", "a,b\n1,2\n".encode("utf-16"))
        assert [v.name for v in utf16.variables] == ["a", "b"]

    @pytest.mark.parametrize("content", [b"1,2,3\n4,5,6\n", b'a,"b\n1,2', b",,,\n1,2,3\n"])
    def test_a_table_without_names_is_refused(self, content: bytes) -> None:
        with pytest.raises(HeaderError, match=r"^x\.csv, line \d"):
            headers.read("x.csv", content)


class TestAnything:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "it is empty"),
            (b"  \n", "it is empty"),
            (b"\x1f\x8b\x08rest", "packed"),
            (b"PK\x03\x04rest", "packed"),
            (b"GRIB\x00\x01\x02", "no text"),
            (b"just some words", "none of those"),
        ],
    )
    def test_what_is_of_no_format_is_refused(self, content: bytes, said: str) -> None:
        with pytest.raises(HeaderError, match=rf"^x\.nc, .*{said}.*Remedy: "):
            headers.read("x.nc", content)

    def test_a_wrong_ending_does_not_matter(self, tmp_path: Path) -> None:
        assert headers.read("x.csv", oceansites(tmp_path / "a")).format == "netCDF 4"
        assert headers.read("x.nc", INFO.encode()).format == "ERDDAP info"

    def test_values_are_clean_and_bounded(self) -> None:
        assert clean("a\x00b\x1b[31m\ud800\0\0") == "a\ufffdb\ufffd[31m\ufffd"
        assert len(clean("x" * 100_000)) == 8_192
        with pytest.raises(HeaderTooLargeError, match="a name of"):
            headers.read("x.csv", b"a," + b"b" * 100_000)

    STARTS = (
        b"",
        b"netcdf x {",
        b"netcdf x { variables: float a ; a:b = ",
        b"Attributes {",
        b"<netcdf>",
        b"//<subject>",
        b"Cruise\tStation\tType\t",
        b"Row Type,Variable Name,Attribute Name,Data Type,Value\n",
        b'{"table": {',
        b"a,b\n",
    )

    @given(start=st.sampled_from(STARTS), rest=st.binary(max_size=200))
    def test_any_bytes_are_a_header_or_an_error(self, start: bytes, rest: bytes) -> None:
        _reads_or_refuses(start + rest)

    @given(start=st.sampled_from(STARTS), rest=st.text(max_size=200))
    def test_any_text_is_a_header_or_an_error(self, start: bytes, rest: str) -> None:
        _reads_or_refuses(start + rest.encode("utf-8", "surrogatepass"))

    @given(data=st.data())
    def test_a_cut_or_altered_text_is_a_header_or_an_error(self, data: st.DataObject) -> None:
        text = data.draw(st.sampled_from([DAS, INFO, ODV]))
        at, to = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        _reads_or_refuses((text[:at] + data.draw(st.text(max_size=5)) + text[to:]).encode("utf-8"))

    @settings(max_examples=3)
    @given(st.binary(max_size=100))
    def test_any_bytes_read_apart_are_a_header_or_an_error(self, rest: bytes) -> None:
        _reads_or_refuses(b"\x89HDF\r\n\x1a\n" + rest, apart.read)
        _reads_or_refuses(b"CDF\x01" + rest, apart.read)
        _reads_or_refuses(rest, apart.read)
