"""What metadata records say, in each standard; and what of them never comes into the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from helpers import OD1
from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import ADMS, BASE, BIBO, DCAT, DCT, FOAF, OKG, PROV, RDFS, SKOS
from oceankg.sources import read
from oceankg.sources.catalogue import FREQUENCY, find_address, is_private, masked
from oceankg.sources.telling import find_licence

ME = ids.product("odatis", "an-identifier")


def values(facts: Facts, predicate, about: str = ME) -> list[str]:
    return [
        t.object.value
        for t in facts.triples
        if t.predicate == predicate and t.subject.value == about
    ]


def reasons(facts: Facts) -> list[str]:
    return [f"{item.item}: {item.reason}" for item in facts.left_out]


# ------------------------------------------------------------------ ISO 19139 and ISO 19115-3

NS19139 = {
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gco": "http://www.isotc211.org/2005/gco",
    "gmx": "http://www.isotc211.org/2005/gmx",
    "gml": "http://www.opengis.net/gml/3.2",
    "xlink": "http://www.w3.org/1999/xlink",
}
NS19115 = {
    **{
        prefix: f"http://standards.iso.org/iso/19115/-3/{prefix}/{version}"
        for prefix, version in {
            "mdb": "2.0",
            "cit": "2.0",
            "gcx": "1.0",
            "gex": "1.0",
            "lan": "1.0",
            "mcc": "1.0",
            "mco": "1.0",
            "mrd": "1.0",
            "mri": "1.0",
            "mrl": "2.0",
            "mmi": "1.0",
            "gco": "1.0",
        }.items()
    },
    "gml": "http://www.opengis.net/gml/3.2",
    "xlink": "http://www.w3.org/1999/xlink",
}


def page(record: str, names: dict[str, str]) -> Recording:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in names.items())
    body = (
        f'<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" {spaces}>'
        f'<csw:SearchResults numberOfRecordsMatched="1" nextRecord="0">{record}'
        "</csw:SearchResults></csw:GetRecordsResponse>"
    )
    return Recording("page", body.encode(), "csw-records")


def string(text: str) -> str:
    return f"<gco:CharacterString>{text}</gco:CharacterString>"


def old(inside: str = "", *, top: str = "", citation: str = "", scope: str = "dataset") -> str:
    """A record in ISO 19139 with more inside its identification, beside it, and its citation."""
    return (
        f"<gmd:MD_Metadata><gmd:fileIdentifier>{string('an-identifier')}</gmd:fileIdentifier>"
        f"<gmd:language>{string('fre')}</gmd:language>"
        f'<gmd:hierarchyLevel><gmd:MD_ScopeCode codeListValue="{scope}"/></gmd:hierarchyLevel>'
        '<gmd:locale><gmd:PT_Locale id="EN"><gmd:languageCode><gmd:LanguageCode '
        'codeListValue="eng"/></gmd:languageCode></gmd:PT_Locale></gmd:locale>'
        "<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>"
        f"<gmd:title>{string('Un titre')}<gmd:PT_FreeText><gmd:textGroup>"
        '<gmd:LocalisedCharacterString locale="#EN">A title</gmd:LocalisedCharacterString>'
        "</gmd:textGroup></gmd:PT_FreeText></gmd:title>"
        f"{citation}</gmd:CI_Citation></gmd:citation>{inside}</gmd:MD_DataIdentification>"
        f"</gmd:identificationInfo>{top}</gmd:MD_Metadata>"
    )


def new(inside: str = "", *, top: str = "", citation: str = "") -> str:
    """The same in ISO 19115-3."""
    return (
        "<mdb:MD_Metadata><mdb:metadataIdentifier><mcc:MD_Identifier>"
        f"<mcc:code>{string('an-identifier')}</mcc:code></mcc:MD_Identifier>"
        "</mdb:metadataIdentifier><mdb:defaultLocale><lan:PT_Locale><lan:language>"
        '<lan:LanguageCode codeListValue="fre"/></lan:language></lan:PT_Locale>'
        '</mdb:defaultLocale><mdb:otherLocale><lan:PT_Locale id="EN"><lan:language>'
        '<lan:LanguageCode codeListValue="eng"/></lan:language></lan:PT_Locale></mdb:otherLocale>'
        "<mdb:identificationInfo><mri:MD_DataIdentification><mri:citation><cit:CI_Citation>"
        f"<cit:title>{string('Un titre')}<lan:PT_FreeText><lan:textGroup>"
        '<lan:LocalisedCharacterString locale="#EN">A title</lan:LocalisedCharacterString>'
        "</lan:textGroup></lan:PT_FreeText></cit:title>"
        f"{citation}</cit:CI_Citation></mri:citation>{inside}</mri:MD_DataIdentification>"
        f"</mdb:identificationInfo>{top}</mdb:MD_Metadata>"
    )


def read_old(inside: str = "", **more: str) -> Facts:
    return read(page(old(inside, **more), NS19139))


def read_new(inside: str = "", **more: str) -> Facts:
    return read(page(new(inside, **more), NS19115))


@pytest.mark.parametrize("facts", [read_old(), read_new()], ids=["19139", "19115-3"])
def test_a_title_stands_in_each_of_its_languages(facts):
    titles = {
        (t.object.value, t.object.language)
        for t in facts.triples
        if t.subject.value == ME and t.predicate == DCT.title
    }
    assert titles == {("Un titre", "fr"), ("A title", "en")}


def keywords(*words: str, list_: str = "", kind: str = "theme") -> str:
    said = "".join(f"<gmd:keyword>{word}</gmd:keyword>" for word in words)
    thesaurus = (
        f"<gmd:thesaurusName><gmd:CI_Citation><gmd:title>{string(list_)}</gmd:title>"
        "</gmd:CI_Citation></gmd:thesaurusName>"
        if list_
        else ""
    )
    return (
        f"<gmd:descriptiveKeywords><gmd:MD_Keywords>{said}<gmd:type>"
        f'<gmd:MD_KeywordTypeCode codeListValue="{kind}"/></gmd:type>{thesaurus}'
        "</gmd:MD_Keywords></gmd:descriptiveKeywords>"
    )


def anchor(iri: str, text: str = "its wording") -> str:
    return f'<gmx:Anchor xlink:href="{iri}">{text}</gmx:Anchor>'


def word(text: str) -> str:
    return ids.word("odatis", text)


@pytest.mark.parametrize(
    ("group", "reported"),
    [
        # An anchor is the concept that it names, in the spelling of the graph.
        (keywords(anchor("https://vocab.nerc.ac.uk/collection/P02/current/TEMP")), ["P02/TEMP"]),
        # OWSLib passes over the anchors of a group that has plain words too; here neither is lost.
        (
            keywords(string("salinity"), anchor(f"{OD1}CURR/")),
            [word("salinity"), "OD1/CURR"],
        ),
        # A label is a concept only where the record says from which list it is.
        (keywords(string("Courants"), list_="ODATIS aggregation parameters"), ["OD1/CURR"]),
        (keywords(string("Courants")), [word("Courants")]),
        (
            keywords(string("sea_water_salinity"), list_="CF standard names"),
            [word("sea_water_salinity")],
        ),
        # A list that the graph does not speak of: the wording is what is reported.
        (
            keywords(
                anchor("https://registry.example.org/GCMD/8afa", "/Ocean Currents"), list_="GCMD"
            ),
            [word("/Ocean Currents")],
        ),
        (keywords(string("Télédétection"), list_="Thèmes Sextant"), []),
        (keywords(string("SARAL"), kind="platform"), []),
        (keywords(string("")), []),
    ],
)
def test_what_a_keyword_is_depends_on_its_list(group, reported):
    expected = [w if w.startswith("http") else ids.nvs_concept(*w.split("/")) for w in reported]
    assert sorted(values(read_old(group), OKG.reports)) == sorted(expected)


def test_keywords_that_are_no_parameters_have_their_own_places():
    facts = read_old(
        keywords(string("Télédétection"), list_="Thèmes Sextant")
        + keywords(string("CDS-SAT-AVISO"), list_="odatis_centre_donnees")
        + keywords(string("/Données d'observation/in-situ"), list_="Type de jeux de donnée ODATIS")
        + keywords(string("level-4"), list_="myocean.processing-level")
        + keywords(string("Mediterranean Sea"), string("Rade de Brest"), kind="place")
    )
    assert values(facts, DCAT.keyword) == ["Télédétection"]
    assert values(facts, OKG.dataCentre) == [f"{BASE}centre/aviso"]
    assert values(facts, DCT.type) == [f"{BASE}kind/in-situ"]
    assert values(facts, OKG.processingLevel) == ["L4"]
    assert f"{BASE}region/mediterranean" in values(facts, DCT.spatial)
    assert values(facts, RDFS.label, f"{ME}/extent") == ["Rade de Brest"]
    assert values(facts, OKG.reports) == []


def width(text: str, unit: str) -> str:
    return (
        f'<gmd:spatialResolution><gmd:MD_Resolution><gmd:distance><gco:Distance uom="{unit}">{text}'
        "</gco:Distance></gmd:distance></gmd:MD_Resolution></gmd:spatialResolution>"
    )


SCALE = (
    "<gmd:spatialResolution><gmd:MD_Resolution><gmd:equivalentScale><gmd:MD_RepresentativeFraction>"
    "<gmd:denominator><gco:Integer>50000</gco:Integer></gmd:denominator>"
    "</gmd:MD_RepresentativeFraction></gmd:equivalentScale></gmd:MD_Resolution>"
    "</gmd:spatialResolution>"
)


@pytest.mark.parametrize(
    ("said", "metres", "degrees"),
    [
        (width("2.5", "km"), ["2500"], []),
        (width("250", "m"), ["250"], []),
        (width("1", "urn:ogc:def:uom:EPSG::9001"), ["1"], []),
        (width("0.25", "deg"), [], ["0.25"]),
        (width("0.25", "http://www.opengis.net/def/uom/EPSG/0/9102"), [], ["0.25"]),
        (width("4", "km") + width("0.04", "°"), ["4000"], ["0.04"]),
        (width("4", "km") + width("1", "km"), ["1000"], []),
        (width("4", ""), [], []),
        (width("4", "cubit"), [], []),
        (width("fine", "m"), [], []),
        (width("-1", "m"), [], []),
        (width("nan", "m"), [], []),
        (SCALE, [], []),  # the denominator of a map's scale is no width
    ],
)
def test_a_resolution_is_taken_in_units_that_are_known(said, metres, degrees):
    facts = read_old(said)
    assert values(facts, DCAT.spatialResolutionInMeters) == metres
    assert values(facts, OKG.spatialResolutionInDegrees) == degrees
    complained = any("resolution" in reason for reason in reasons(facts))
    assert complained != bool(metres or degrees or said == SCALE)


def vertical(least: str, most: str, system: str = "", unit: str = "") -> str:
    crs = f'<gmd:verticalCRS xlink:title="{system}" uom="{unit}"/>' if system or unit else ""
    return (
        "<gmd:extent><gmd:EX_Extent><gmd:verticalElement><gmd:EX_VerticalExtent>"
        f"<gmd:minimumValue><gco:Real>{least}</gco:Real></gmd:minimumValue>"
        f"<gmd:maximumValue><gco:Real>{most}</gco:Real></gmd:maximumValue>{crs}"
        "</gmd:EX_VerticalExtent></gmd:verticalElement></gmd:EX_Extent></gmd:extent>"
    )


@pytest.mark.parametrize(
    ("said", "depths"),
    [
        (vertical("0", "2000", "depth below mean sea level"), [("0", "2000")]),
        (vertical("0", "2000", "EPSG:5715"), [("0", "2000")]),
        (vertical("-2000", "0"), [("0", "2000")]),
        (vertical("-200", "-10", "height", "m"), [("10", "200")]),
        (vertical("0", "2000"), []),  # up or down?
        (vertical("0", "2000", "depth", "ft"), []),
        (vertical("-5", "20"), []),
        (vertical("deep", "deeper"), []),
        (vertical("0", "inf", "depth"), []),
    ],
)
def test_depths_are_taken_where_it_is_plain_which_way_is_down(said, depths):
    facts = read_old(said)
    found = zip(values(facts, OKG.shallowest), values(facts, OKG.deepest), strict=True)
    assert [*found] == depths
    assert bool(depths) != any("vertical extent" in r for r in reasons(facts))


def period(start: str, end: str) -> str:
    return (
        "<gmd:extent><gmd:EX_Extent><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent>"
        f"<gml:TimePeriod>{start}{end}</gml:TimePeriod>"
        "</gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("<gml:beginPosition>1993-01</gml:beginPosition>", "", (["1993-01"], [], [])),
        (
            "<gml:beginPosition>1993</gml:beginPosition>",
            '<gml:endPosition indeterminatePosition="now"/>',
            (["1993"], [], ["true"]),
        ),
        (
            "<gml:beginPosition>1993-01-02T03:04:05Z</gml:beginPosition>",
            "<gml:endPosition>soon</gml:endPosition>",
            (["1993-01-02"], [], []),
        ),
        (
            "<gml:begin><gml:TimeInstant><gml:timePosition>1993</gml:timePosition>"
            "</gml:TimeInstant></gml:begin>",
            "<gml:end><gml:TimeInstant><gml:timePosition>1994</gml:timePosition>"
            "</gml:TimeInstant></gml:end>",
            (["1993"], ["1994"], []),
        ),
    ],
)
def test_a_period_is_taken_as_precise_as_it_is(start, end, expected):
    facts = read_old(period(start, end))
    node = f"{ME}/period"
    assert (
        values(facts, DCAT.startDate, node),
        values(facts, DCAT.endDate, node),
        values(facts, OKG.ongoing, node),
    ) == expected


def test_the_rest_of_a_record_in_iso_19139():
    facts = read_old(
        '<gmd:status><gmd:MD_ProgressCode codeListValue="completed"/></gmd:status>'
        "<gmd:resourceMaintenance><gmd:MD_MaintenanceInformation><gmd:maintenanceAndUpdateFrequency>"
        '<gmd:MD_MaintenanceFrequencyCode codeListValue="fortnightly"/>'
        "</gmd:maintenanceAndUpdateFrequency></gmd:MD_MaintenanceInformation>"
        "</gmd:resourceMaintenance><gmd:resourceConstraints><gmd:MD_LegalConstraints>"
        f"<gmd:otherConstraints>{anchor('http://creativecommons.org/licenses/by-nc/4.0/legalcode')}"
        "</gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints>"
        "<gmd:aggregationInfo><gmd:MD_AggregateInformation><gmd:aggregateDataSetName>"
        f"<gmd:CI_Citation><gmd:title>{string('SEALEVEL_GLO_PHY_L4_MY_008_047')}</gmd:title>"
        "</gmd:CI_Citation></gmd:aggregateDataSetName></gmd:MD_AggregateInformation>"
        "</gmd:aggregationInfo>",
        citation=f"<gmd:edition>{string('v2')}</gmd:edition><gmd:identifier><gmd:MD_Identifier>"
        f"<gmd:code>{string('https://doi.org/10.24400/ABC')}</gmd:code></gmd:MD_Identifier>"
        "</gmd:identifier>",
        top="<gmd:dataQualityInfo><gmd:DQ_DataQuality><gmd:lineage><gmd:LI_Lineage><gmd:statement>"
        f"{string('Made from https://doi.org/10.48670/moi-00148, see 10.24400/abc.')}"
        "</gmd:statement></gmd:LI_Lineage></gmd:lineage></gmd:DQ_DataQuality></gmd:dataQualityInfo>"
        f"<gmd:parentIdentifier>{string('a-parent')}</gmd:parentIdentifier>",
    )
    assert values(facts, ADMS.status)[0].endswith("/dataset-status/COMPLETED")
    assert values(facts, DCT.accrualPeriodicity) == [f"{FREQUENCY}BIWEEKLY"]
    assert values(facts, DCT.license) == ["https://creativecommons.org/licenses/by-nc/4.0/"]
    assert values(facts, DCAT.version) == ["v2"]
    assert values(facts, BIBO.doi) == ["10.24400/abc"]
    assert values(facts, PROV.wasDerivedFrom) == [f"{ids.DOI}10.48670/moi-00148"]
    assert values(facts, DCT.relation) == [ids.product("cmems", "SEALEVEL_GLO_PHY_L4_MY_008_047")]
    assert values(facts, DCT.isPartOf) == [ids.product("odatis", "a-parent")]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (old(scope="service"), "of another kind: service"),
        (old(scope="nonGeographicDataset"), "of another kind: nonGeographicDataset"),
        (old().replace("Un titre", "").replace("A title", ""), "no title"),
        (old().replace("an-identifier", ""), "no identifier"),
        (old().replace("Un titre", "[A SUPPRIMER] Un titre"), "marked for deletion"),
        (old().replace("an-identifier", "SST_GLO_SST_L4_NRT_OBSERVATIONS_010_001"), "archived"),
        ('<csw:Record xmlns:csw="urn:x"/>', "in another schema: Record"),
    ],
)
def test_a_record_that_is_no_product_is_left_out_with_the_reason(record, reason):
    facts = read(page(record, NS19139))
    assert [t for t in facts.triples if t.predicate == DCAT.dataset] == []
    assert any(reason in said for said in reasons(facts))


def test_a_record_with_a_feature_catalogue_or_a_bad_polygon_is_read_all_the_same():
    # OWSLib fails on both.
    catalogue = (
        '<mdb:contentInfo xmlns:mrc="http://standards.iso.org/iso/19115/-3/mrc/2.0" '
        'xmlns:gfc="http://standards.iso.org/iso/19110/gfc/1.1"><mrc:MD_FeatureCatalogue>'
        "<mrc:featureCatalogue><gfc:FC_FeatureCatalogue/></mrc:featureCatalogue>"
        "</mrc:MD_FeatureCatalogue></mdb:contentInfo>"
    )
    assert values(read_new(top=catalogue), DCT.title)
    polygon = (
        "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_BoundingPolygon><gmd:polygon>"
        "<gml:Polygon><gml:exterior><gml:LinearRing><gml:pos>here there</gml:pos></gml:LinearRing>"
        "</gml:exterior></gml:Polygon></gmd:polygon></gmd:EX_BoundingPolygon>"
        "</gmd:geographicElement></gmd:EX_Extent></gmd:extent>"
    )
    assert values(read_old(polygon), DCT.title)


def online(url: str, use: str, protocol: str) -> str:
    return (
        "<gmd:onLine><gmd:CI_OnlineResource>"
        f"<gmd:linkage><gmd:URL>{url}</gmd:URL></gmd:linkage><gmd:protocol>{string(protocol)}"
        f'</gmd:protocol><gmd:function><gmd:CI_OnLineFunctionCode codeListValue="{use}"/>'
        "</gmd:function></gmd:CI_OnlineResource></gmd:onLine>"
    )


def test_where_a_link_leads_depends_on_what_it_is_for():
    links = (
        online("https://doi.org/10.24400/abc", "", "DOI"),
        online("https://example.org/about", "information", "WWW:LINK"),
        online("https://example.org/more", "", "WWW:LINK-1.0-http--link"),
        online("https://example.org/data", "download", "WWW:LINK"),
        online("https://example.org/wms", "", "OGC:WMS"),
        online("https://example.org/picture", "browseGraphic", "WWW:LINK"),
    )
    facts = read_old(
        top="<gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions>"
        f"<gmd:MD_DigitalTransferOptions>{''.join(links)}</gmd:MD_DigitalTransferOptions>"
        "</gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>"
    )
    assert values(facts, BIBO.doi) == ["10.24400/abc"]
    assert values(facts, DCAT.landingPage) == ["https://example.org/about"]
    assert values(facts, FOAF.page) == ["https://example.org/more"]
    assert [t.object.value for t in facts.triples if t.predicate == DCAT.accessURL] == [
        "https://example.org/data",
        "https://example.org/wms",
    ]


def test_the_real_record_of_sextant(shared):
    file = shared / "odatis" / "sextant.iso19115-3.dataset.xml"
    facts = read(page(file.read_text("utf-8").split("?>", 1)[1], {}))
    me = ids.product("odatis", "74ce72b9-0196-4eca-abfe-8600f69bd5c4")

    def said(predicate, about=me):
        return values(facts, predicate, about)

    assert sorted(said(DCT.title)) == [
        "Position des fronts du Courant Circumpolaire Antarctique",
        "Position of the Antarctic Circumpolar Current fronts",
    ]
    assert said(BIBO.doi) == ["10.24400/527896/a01-2023.004"]
    assert {f"{OD1}CURR/", f"{OD1}SEALVL/", word("front positions")} <= {*said(OKG.reports)}
    assert said(OKG.dataCentre) == [f"{BASE}centre/aviso"]
    assert said(DCAT.temporalResolution) == ["P7D"]
    assert (said(DCAT.startDate, f"{me}/period"), said(DCAT.endDate, f"{me}/period")) == (
        ["1993-01"],
        ["2023-12"],
    )
    assert said(DCAT.bbox, f"{me}/extent")[0].startswith("POLYGON((-180 -66,")
    assert said(DCT.license)[0].endswith("License_Aviso.pdf")
    assert values(facts, DCT.modified, f"{me}/record") == ["2024-09-17T13:54:59.711014Z"]
    assert len(said(DCAT.distribution)) == 6
    assert facts.left_out == ()
    assert "contact@example.org" in file.read_text("utf-8")
    assert not any(
        "@" in str(t) for t in facts.triples if t.object != t.predicate and "@" in (t.object.value)
    )


@pytest.mark.parametrize(
    ("text", "address", "iri"),
    [
        ("CC BY 4.0", "", "https://creativecommons.org/licenses/by/4.0/"),
        ("Licence : CC-BY-NC 4.0 (voir le site)", "", "https://creativecommons.org/licenses/by-nc/4.0/"),
        ("", "https://creativecommons.org/licenses/by-sa/3.0/fr/", "https://creativecommons.org/licenses/by-sa/3.0/"),
        ("", "https://creativecommons.org/publicdomain/zero/1.0/", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("Licence ouverte Etalab v2.0", "", "https://spdx.org/licenses/etalab-2.0"),
        ("Terms: https://example.org/License.pdf.", "", "https://example.org/License.pdf"),
        ("Terms: https://a:b@example.org/License.pdf", "", "https://example.org/License.pdf"),
        ("Creative Commons", "", None),
        ("None", "", None),
    ],
)  # fmt: skip
def test_a_licence_is_the_one_that_is_named_with_its_version(text, address, iri):
    assert find_licence(text, address) == iri


# ------------------------------------------------------------------ Dublin Core and DataCite


def oai(metadata: str) -> Recording:
    body = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>'
        "<identifier>oai:seanoe.org:42182</identifier><datestamp>2024-01-02</datestamp></header>"
        f"<metadata>{metadata}</metadata></record></ListRecords></OAI-PMH>"
    )
    return Recording("page", body.encode(), "oai-records", {"before": "seanoe:"})


DUBLIN_CORE = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
    xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title xml:lang="en">Argo float data</dc:title><dc:creator>Barret Jeanne</dc:creator>
  <dc:contributor>Barret Jeanne</dc:contributor><dc:subject>salinity</dc:subject>
  <dc:publisher>SEANOE</dc:publisher><dc:type>dataset</dc:type><dc:date>2000-05-06</dc:date>
  <dc:identifier>https://doi.org/10.17882/42182</dc:identifier><dc:format>NetCDF</dc:format>
  <dc:coverage>northlimit=60; southlimit=-60.5; westlimit=-180; eastlimit=180</dc:coverage>
  <dc:coverage>start=1999; end=2020-01</dc:coverage><dc:coverage>Rade de Brest</dc:coverage>
  <dc:rights>CC BY 4.0</dc:rights><dc:description>Nobody copies this.</dc:description>
</oai_dc:dc>"""
DATACITE = """<resource xmlns="http://datacite.org/schema/kernel-4">
  <identifier identifierType="DOI">10.17882/42182</identifier>
  <creators><creator><creatorName nameType="Personal">Barret, Jeanne</creatorName></creator>
    <creator><creatorName nameType="Organizational">Argo</creatorName></creator>
    <creator><creatorName>Barret, Jeanne</creatorName></creator></creators>
  <titles><title xml:lang="en">Argo float data</title>
    <title titleType="AlternativeTitle">GDAC</title></titles>
  <publisher>SEANOE</publisher><publicationYear>2000</publicationYear>
  <resourceType resourceTypeGeneral="Dataset"/>
  <subjects><subject valueURI="http://vocab.nerc.ac.uk/collection/P02/current/PSAL/"
    subjectScheme="P02">Salinity</subject><subject>profiles</subject></subjects>
  <dates><date dateType="Collected">1999/2020-01</date></dates><version>3</version>
  <rightsList><rights rightsURI="https://creativecommons.org/licenses/by/4.0/">CC</rights></rightsList>
  <relatedIdentifiers>
    <relatedIdentifier relationType="IsDerivedFrom">10.24400/ABC</relatedIdentifier>
    <relatedIdentifier relationType="IsCitedBy">10.1000/article</relatedIdentifier>
    <relatedIdentifier relationType="IsPartOf">10.24400/whole</relatedIdentifier>
  </relatedIdentifiers>
  <geoLocations><geoLocation><geoLocationPlace>Rade de Brest</geoLocationPlace><geoLocationBox>
    <westBoundLongitude>-180</westBoundLongitude><eastBoundLongitude>180</eastBoundLongitude>
    <southBoundLatitude>-60.5</southBoundLatitude><northBoundLatitude>60</northBoundLatitude>
  </geoLocationBox></geoLocation></geoLocations>
</resource>"""
ARGO = ids.product("odatis", "10.17882/42182")


@pytest.mark.parametrize("metadata", [DUBLIN_CORE, DATACITE], ids=["dublin core", "datacite"])
def test_both_forms_of_a_record_of_seanoe_say_the_same_of_the_same_product(metadata):
    facts = read(oai(metadata))
    assert values(facts, DCT.title, ARGO) == ["Argo float data"]
    assert values(facts, BIBO.doi, ARGO) == ["10.17882/42182"]
    assert values(facts, DCAT.startDate, f"{ARGO}/period") == ["1999"]
    assert values(facts, DCAT.endDate, f"{ARGO}/period") == ["2020-01"]
    assert values(facts, DCAT.bbox, f"{ARGO}/extent")[0].startswith("POLYGON((-180 -60.5,")
    assert values(facts, RDFS.label, f"{ARGO}/extent") == ["Rade de Brest"]
    assert values(facts, DCT.license, ARGO) == ["https://creativecommons.org/licenses/by/4.0/"]
    assert values(facts, DCT.publisher, ARGO) == [f"{BASE}organisation/seanoe"]
    assert not [t for t in facts.triples if "Barret" in t.object.value]


def test_datacite_tells_more():
    facts = read(oai(f'<oai_datacite xmlns="urn:x"><payload>{DATACITE}</payload></oai_datacite>'))
    reported = [ids.nvs_concept("P02", "PSAL"), word("profiles")]
    assert sorted(values(facts, OKG.reports, ARGO)) == sorted(reported)
    assert values(facts, DCT.creator, ARGO) == [f"{BASE}organisation/argo"]
    assert values(facts, SKOS.altLabel, ARGO) == ["GDAC"]
    assert values(facts, PROV.wasDerivedFrom, ARGO) == [f"{ids.DOI}10.24400/abc"]
    assert values(facts, DCT.relation, ARGO) == [f"{ids.DOI}10.24400/whole"]
    assert values(facts, DCAT.version, ARGO) == ["3"]


# ------------------------------------------------------------------ OGC API Records

FEATURE = {
    "id": "an-identifier",
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[-10, 40], [5, 40], [5, 50.5], [-10, 50.5], [-10, 40]]],
    },
    "time": {"interval": ["2001-02-03", ".."], "resolution": "P1D"},
    "properties": {
        "type": "dataset",
        "title": "A title",
        "language": {"code": "en"},
        "recordUpdated": "2024-01-02T03:04:05Z",
        "keywords": ["salinity"],
        "themes": [
            {"scheme": "https://vocab.nerc.ac.uk/collection/OD1", "concepts": [{"id": "Currents"}]},
            {"scheme": "themes", "concepts": [{"id": "c", "title": "Remote sensing"}]},
        ],
        "externalIds": [{"scheme": "https://doi.org", "value": "10.24400/abc"}],
        "contacts": [
            {"name": "Barret, Jeanne", "organization": "Ifremer", "roles": ["originator"]},
            {"name": "Barret, Jeanne", "organization": "SEANOE", "roles": [{"name": "publisher"}]},
        ],
        "license": "CC-BY-4.0",
        "formats": [{"name": "NetCDF"}],
    },
    "links": [
        {"rel": "enclosure", "href": "https://data.example.org/x.nc", "type": "application/netcdf"},
        {"rel": "about", "href": "https://example.org/about"},
        {"rel": "self", "href": "https://example.org/self"},
    ],
}


def ogc(*features: object) -> Recording:
    return Recording("page", json.dumps({"features": features}).encode(), "ogc-records")


def test_a_record_in_geojson():
    facts = read(ogc(FEATURE))
    assert values(facts, DCT.title) == ["A title"]
    assert values(facts, BIBO.doi) == ["10.24400/abc"]
    assert sorted(values(facts, OKG.reports)) == [f"{OD1}CURR/", word("salinity")]
    assert values(facts, DCAT.keyword) == ["Remote sensing"]
    assert values(facts, DCAT.startDate, f"{ME}/period") == ["2001-02-03"]
    assert values(facts, OKG.ongoing, f"{ME}/period") == ["true"]
    assert values(facts, DCAT.temporalResolution) == ["P1D"]
    assert values(facts, DCAT.bbox, f"{ME}/extent") == [
        "POLYGON((-10 40,5 40,5 50.5,-10 50.5,-10 40))"
    ]
    assert values(facts, DCT.creator) == [f"{BASE}organisation/ifremer"]
    assert values(facts, DCT.publisher) == [f"{BASE}organisation/seanoe"]
    assert values(facts, DCT.license) == ["https://creativecommons.org/licenses/by/4.0/"]
    assert values(facts, DCAT.landingPage) == ["https://example.org/about"]
    assert [t.object.value for t in facts.triples if t.predicate == DCAT.accessURL] == [
        "https://data.example.org/x.nc"
    ]
    assert [t.object.value for t in facts.triples if t.predicate == FOAF.name] == [
        "Ifremer",
        "SEANOE",
    ]


# Any JSON where a record has something of its own kind.
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from([*FEATURE]), st.sampled_from([*FEATURE["properties"]]), JUNK, JUNK)
@settings(max_examples=60)
def test_whatever_stands_in_a_feature_it_is_read_or_refused(outer, inner, one, other):
    feature = FEATURE | {"properties": FEATURE["properties"] | {inner: other}} | {outer: one}
    read(ogc(feature))


# ------------------------------------------------------------------ what never comes in

PERSON = "Barret"
EMAILS = st.sampled_from(
    [
        "jeanne@mail.invalid",
        "j.b+x@mail.invalid",
        "<jeanne@mail.invalid>",
        "mailto:jeanne@mail.invalid",
        "o'barret@mail.invalid",
        "jeanne%40mail.invalid",
    ]
)
SECRET = "hunter2"
ADDRESSES = st.sampled_from(
    [
        f"https://jeanne:{SECRET}@data.invalid/x",
        f"ftp://jeanne:{SECRET}@data.invalid/x",
        f"https://data.invalid/x?password={SECRET}&a=1",
        f"https://data.invalid/x?a=1&token={SECRET}",
        f"https://data.invalid/x?api_key={SECRET}",
        f"https://data.invalid/x?user={SECRET}",
        f"https://data.invalid/x#access_token={SECRET}",
        f"https://data.invalid/x;jsessionid={SECRET}",
        f"https://data.invalid/go?to=https://jeanne:{SECRET}@other.invalid/",
        f"https://data.invalid/https://jeanne:{SECRET}@other.invalid/",
        f"https://jeanne:{SECRET}/x@data.invalid/",
        "https://data.invalid/x?by=jeanne@mail.invalid",
        "https://data.invalid/jeanne%40mail.invalid/x",
        "mailto:jeanne@mail.invalid",
    ]
)


def assert_clean(facts: Facts) -> None:
    said = [unquote(str(t)) for t in facts.triples]
    said += [unquote(f"{i.item} {i.reason}") for i in facts.left_out]
    leaked = [s for s in said if re.search(rf"mail\.invalid|{SECRET}|{PERSON}", s)]
    assert leaked == []


def responsible(prefix: str) -> str:
    return (
        "<gmd:pointOfContact><gmd:CI_ResponsibleParty>"
        f"<gmd:individualName>{string(PERSON)}</gmd:individualName>"
        f"<gmd:organisationName>{string('Ifremer')}</gmd:organisationName>"
        f"<gmd:positionName>{string(PERSON)}</gmd:positionName><gmd:role>"
        f'<gmd:CI_RoleCode codeListValue="{prefix}"/></gmd:role></gmd:CI_ResponsibleParty>'
        "</gmd:pointOfContact>"
    )


RICH_OLD = old(
    responsible("originator")
    + responsible("publisher")
    + f"<gmd:abstract>{string(PERSON)}</gmd:abstract>"
    + keywords(string("salinity"), anchor(f"{OD1}CURR/"))
    + keywords(string("CDS-AVISO"), list_="odatis_centre_donnees")
    + keywords(string("Rade de Brest"), kind="place")
    + "<gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:otherConstraints>"
    + anchor("https://example.org/licence", "the licence")
    + "</gmd:otherConstraints><gmd:useLimitation>"
    + string("open access")
    + "</gmd:useLimitation></gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    + period(
        "<gml:beginPosition>1993</gml:beginPosition>", "<gml:endPosition>1994</gml:endPosition>"
    )
    + width("4", "km")
    + vertical("0", "10", "depth", "m"),
    citation=f"<gmd:alternateTitle>{string('Another')}</gmd:alternateTitle>"
    f"<gmd:edition>{string('v2')}</gmd:edition><gmd:identifier><gmd:MD_Identifier><gmd:code>"
    f"{anchor('https://doi.org/10.24400/abc', '10.24400/abc')}</gmd:code></gmd:MD_Identifier>"
    "</gmd:identifier>",
    top="<gmd:distributionInfo><gmd:MD_Distribution><gmd:distributionFormat><gmd:MD_Format>"
    f"<gmd:name>{string('NetCDF')}</gmd:name></gmd:MD_Format></gmd:distributionFormat>"
    "<gmd:transferOptions><gmd:MD_DigitalTransferOptions>"
    + "".join(
        "<gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>https://example.org/x</gmd:URL>"
        f"</gmd:linkage><gmd:protocol>{string('WWW:LINK')}</gmd:protocol>"
        f"<gmd:name>{string('a name')}</gmd:name><gmd:function>"
        f'<gmd:CI_OnLineFunctionCode codeListValue="{use}"/></gmd:function>'
        "</gmd:CI_OnlineResource></gmd:onLine>"
        for use in ("download", "information", "")
    )
    + "</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution>"
    "</gmd:distributionInfo><gmd:dataQualityInfo><gmd:DQ_DataQuality><gmd:lineage><gmd:LI_Lineage>"
    f"<gmd:statement>{string('Made from 10.24400/xyz')}</gmd:statement></gmd:LI_Lineage>"
    "</gmd:lineage></gmd:DQ_DataQuality></gmd:dataQualityInfo>"
    f"<gmd:parentIdentifier>{string('a-parent')}</gmd:parentIdentifier>",
)
RICH_NEW = new(
    "<mri:pointOfContact><cit:CI_Responsibility><cit:role><cit:CI_RoleCode "
    'codeListValue="originator"/></cit:role><cit:party><cit:CI_Organisation>'
    f"<cit:name>{string('Ifremer')}</cit:name><cit:individual><cit:CI_Individual>"
    f"<cit:name>{string(PERSON)}</cit:name></cit:CI_Individual></cit:individual>"
    "</cit:CI_Organisation></cit:party></cit:CI_Responsibility></mri:pointOfContact>"
    "<mri:pointOfContact><cit:CI_Responsibility><cit:role><cit:CI_RoleCode "
    'codeListValue="author"/></cit:role><cit:party><cit:CI_Individual>'
    f"<cit:name>{string(PERSON)}</cit:name></cit:CI_Individual></cit:party>"
    "</cit:CI_Responsibility></mri:pointOfContact><mri:descriptiveKeywords><mri:MD_Keywords>"
    f"<mri:keyword>{string('salinity')}</mri:keyword><mri:keyword>"
    f'<gcx:Anchor xlink:href="{OD1}CURR/">Courants</gcx:Anchor></mri:keyword>'
    "</mri:MD_Keywords></mri:descriptiveKeywords><mri:resourceConstraints><mco:MD_LegalConstraints>"
    f"<mco:otherConstraints>{string('the licence')}</mco:otherConstraints>"
    "</mco:MD_LegalConstraints></mri:resourceConstraints>",
    citation=f"<cit:edition>{string('v2')}</cit:edition><cit:identifier><mcc:MD_Identifier>"
    f"<mcc:code>{string('10.24400/abc')}</mcc:code></mcc:MD_Identifier></cit:identifier>",
    top="<mdb:metadataLinkage><cit:CI_OnlineResource><cit:linkage>"
    + string("https://example.org/record")
    + "</cit:linkage></cit:CI_OnlineResource></mdb:metadataLinkage><mdb:distributionInfo>"
    "<mrd:MD_Distribution><mrd:transferOptions><mrd:MD_DigitalTransferOptions><mrd:onLine>"
    f"<cit:CI_OnlineResource><cit:linkage>{string('https://example.org/x')}</cit:linkage>"
    f"<cit:protocol>{string('OGC:WMS')}</cit:protocol><cit:name>{string('a name')}</cit:name>"
    "</cit:CI_OnlineResource></mrd:onLine></mrd:MD_DigitalTransferOptions></mrd:transferOptions>"
    "</mrd:MD_Distribution></mdb:distributionInfo><mdb:resourceLineage><mrl:LI_Lineage>"
    f"<mrl:statement>{string('Made from 10.24400/xyz')}</mrl:statement></mrl:LI_Lineage>"
    "</mdb:resourceLineage>",
)
PAGES: dict[str, Recording] = {
    "ISO 19139": page(RICH_OLD, NS19139),
    "ISO 19115-3": page(RICH_NEW, NS19115),
    "Dublin Core": oai(DUBLIN_CORE),
    "DataCite": oai(DATACITE),
}


# What makes a record one. Where it is spared, the rest of the record must still stand clean.
OWN = frozenset({"an-identifier", "A title", "Un titre", "Argo float data", "dataset", "record"})


def planter(draw: Callable) -> Callable[[str], str]:
    """What plants something private in a text, in some runs in those that make a record too."""
    spared = OWN if draw(st.booleans()) else frozenset()
    return lambda text: text if text in spared else dirty(text, draw)


def planted(content: bytes, draw: Callable) -> bytes:
    """A page with something private in some of its texts and attributes."""
    root, plant = etree.fromstring(content), planter(draw)
    for element in root.iter():
        if element.text and element.text.strip():
            element.text = plant(element.text)
        for name, value in element.attrib.items():
            if value.startswith("http"):
                element.set(name, plant(value))
    return etree.tostring(root)


def dirty(text: str, draw: Callable) -> str:
    match draw(st.integers(0, 4)):
        case 0:
            return text
        case 1:
            return f"{text} {draw(EMAILS)}"
        case 2:
            return draw(EMAILS)
        case 3:
            return f"{text} {draw(ADDRESSES)}"
        case _:
            return draw(ADDRESSES)


@pytest.mark.parametrize("standard", PAGES)
@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_planted_in_a_record_no_fact_holds_it(standard, data):
    recording = PAGES[standard]
    content = planted(recording.content, data.draw)
    assert_clean(read(Recording("page", content, recording.format, recording.options)))


@given(st.data())
@settings(max_examples=60)
def test_whatever_is_planted_in_a_feature_no_fact_holds_it(data):
    spoil = planter(data.draw)

    def plant(value: object) -> object:
        if isinstance(value, str):
            return spoil(value)
        if isinstance(value, list):
            return [plant(part) for part in value]
        if isinstance(value, dict):
            return {key: plant(part) for key, part in value.items()}
        return value

    assert_clean(read(ogc(plant(FEATURE))))


def test_what_is_planted_in_no_other_field_leaves_the_record_itself():
    content = PAGES["ISO 19139"].content.replace(b"a name", b"write to jeanne@mail.invalid")
    facts = read(Recording("page", content, "csw-records"))
    assert sorted(values(facts, DCT.title)) == ["A title", "Un titre"]
    assert any("e-mail" in reason for reason in reasons(facts))
    assert_clean(facts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no address: 'https://a:b@host/x'", "no address: 'https://host/x'"),
        ("write to jeanne@mail.invalid, please", "write to … please"),
        ("https://host/x?token=abc", "https://host/x?…"),
        ("https://host/x?service=WMS&version=1.3.0", "https://host/x?service=WMS&version=1.3.0"),
        ("level 4 @ 25 km", "level 4 @ 25 km"),
    ],
)
def test_what_is_said_of_what_was_left_out_is_masked(text, shown):
    assert masked(text) == shown
    assert is_private(text) == (text != shown)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://a:b@host/x?service=WMS&password=c", "https://host/x?service=WMS"),
        ("https://host/x;jsessionid=abc?b=1", "https://host/x?b=1"),
        ("https://host/x#token=abc", "https://host/x"),
        ("https://host/a;v=1/b#part", "https://host/a;v=1/b#part"),
        ("https://host/x?by=jeanne@mail.invalid", None),
        ("mailto:jeanne@mail.invalid", None),
    ],
)
def test_an_address_is_kept_without_what_says_who_asks(text, kept):
    found = find_address(text)
    assert (found and found.value) == kept


# ------------------------------------------------------------------ broken bytes


@st.composite
def mutated(draw: Callable, content: bytes) -> bytes:
    """Bytes of which some were changed, left out, doubled or cut off."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(found) - 1))
        many = draw(st.integers(1, 60))
        match draw(st.integers(0, 3)):
            case 0:
                found[at] = draw(st.integers(0, 255))
            case 1:
                del found[at : at + many]
            case 2:
                found[at:at] = found[at : at + many]
            case _:
                del found[at + 1 :]
        if not found:
            return b""
    return bytes(found)


@pytest.mark.parametrize("standard", [*PAGES, "OGC"])
@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_bytes_that_were_changed_are_read_or_refused_with_file_place_and_remedy(standard, data):
    recording = PAGES[standard] if standard in PAGES else ogc(FEATURE)
    content = data.draw(mutated(recording.content))
    told = refused(Recording("page", content, recording.format, recording.options))
    assert told is None or (told.file == "page" and told.place and told.remedy)


@pytest.mark.parametrize("standard", PAGES)
@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_elements_that_were_moved_emptied_or_changed_are_read_or_refused(standard, data):
    recording = PAGES[standard]
    root = etree.fromstring(recording.content)
    elements = [*root.iter()]
    for _ in range(data.draw(st.integers(1, 5))):
        one = data.draw(st.sampled_from(elements))
        match data.draw(st.integers(0, 4)):
            case 0 if one.getparent() is not None:
                one.getparent().remove(one)
            case 1:
                one.clear()
            case 2:
                one.text = data.draw(
                    st.sampled_from(["", "nan", "1e999", "-", "9999-99-99", "é" * 9])
                )
            case 3:
                one.tag = data.draw(st.sampled_from(elements)).tag
            case _:
                one.append(deepcopy(data.draw(st.sampled_from(elements))))
    refused(Recording("page", etree.tostring(root), recording.format, recording.options))


def refused(recording: Recording) -> SourceError | None:
    try:
        read(recording)
    except SourceError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no element found"),
        (b"<a", "unclosed token"),
        (b"<html/>", "the root is <html>"),
        (b'<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>', "declares entities"),
        (b"<GetRecordsResponse/>", "without results"),
        (b"<a>" * 400 + b"</a>" * 400, "the root is <a>"),
        (
            b"<GetRecordsResponse>" + b"<a>" * 400 + b"</a>" * 400 + b"</GetRecordsResponse>",
            "depth",
        ),
    ],
)
def test_what_is_no_page_is_refused(content, message):
    with pytest.raises(SourceError, match=message):
        read(Recording("page", content, "csw-records"))
