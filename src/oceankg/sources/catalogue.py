"""What the catalogues share: a product with its words, agents, period and extent, as it gathers."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import isodate
from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids
from oceankg.model import Facts, LeftOut
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, FOAF, GEO, OKG, RDF, RDFS, SCHEMA, SKOS, XSD
from oceankg.rdf import text_of

Term = NamedNode | Literal

# The list of frequencies of the EU's Publications Office, which DCAT-AP prescribes.
FREQUENCY: Final = "http://publications.europa.eu/resource/authority/frequency/"

# The IRI of a product or dataset as parts between slashes: base, kind, catalogue, identifier.
_SEGMENTS = BASE.count("/") + 3

_LEVEL = re.compile(r"^(?:level[- ]|l)(\d[a-z]?)$", re.IGNORECASE)
_SECRET = re.compile(
    r"passw|pwd|token|secret|signature|credential|api_?key|sess|login"
    r"|(?:^|[?&#;])(?:user|pass|auth|key\b|sig\b|sid\b)",
    re.IGNORECASE,
)
_QUERY = re.compile(r"(?<=\S)[?#;&][^\s'\"]*=[^\s'\"]*")
# A name at a host with a dot: "@" alone stands in addresses of data sets too.
_EMAIL = re.compile(r"\S+@[\w-]+\.\w\S*")
_USER = re.compile(r"(?<=//)[^/?#\s]*@")
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


class Gathering:
    """What a recording says of a catalogue, as it gathers: products, words, agents, left out."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.iri = NamedNode(f"{BASE}catalogue/{name}")
        self.triples: list[Triple] = [
            Triple(self.iri, RDF.type, DCAT.Catalog),
            Triple(self.iri, DCT.title, Literal(title, language="en")),
        ]
        self.left_out: list[LeftOut] = []
        self._scheme = NamedNode(f"{BASE}word/{name}")
        self._scheme_title = Literal(f"Words of the catalogue: {title}", language="en")
        self._spellings: dict[NamedNode, list[str]] = {}
        self._agents: dict[NamedNode, str] = {}

    def word(self, text: str) -> NamedNode:
        """The concept of a word; spellings that `ids.slug` takes for one are one concept."""
        iri = NamedNode(ids.word(self.name, text))
        spellings = self._spellings.setdefault(iri, [])
        if text not in spellings:
            spellings.append(text)
        return iri

    def agent(self, name: str) -> NamedNode:
        """The organisation of a name; the first spelling is its name."""
        name = masked(name)
        iri = NamedNode(f"{BASE}organisation/{ids.slug(name)}")
        self._agents.setdefault(iri, name)
        return iri

    def leave(self, item: str, reason: str) -> None:
        """Note that something offered is not held, without the e-mail addresses and keys in it."""
        self.left_out.append(LeftOut(masked(item), masked(reason)))

    def facts(self) -> Facts:
        """All that was gathered; the same fact is held once."""
        triples = [*self.triples, *self._word_triples(), *self._agent_triples()]
        return Facts(tuple(dict.fromkeys(triples)), tuple(self.left_out))

    def _word_triples(self) -> Iterable[Triple]:
        if self._spellings:
            yield Triple(self._scheme, RDF.type, SKOS.ConceptScheme)
            yield Triple(self._scheme, DCT.title, self._scheme_title)
        for word, (first, *others) in self._spellings.items():
            yield Triple(word, RDF.type, SKOS.Concept)
            yield Triple(word, SKOS.prefLabel, Literal(first))
            yield Triple(word, SKOS.inScheme, self._scheme)
            for other in others:
                yield Triple(word, SKOS.altLabel, Literal(other))

    def _agent_triples(self) -> Iterable[Triple]:
        for agent, name in self._agents.items():
            yield Triple(agent, RDF.type, FOAF.Organization)
            yield Triple(agent, FOAF.name, Literal(name))


class Resource:
    """What a catalogue says of one thing that it holds, as it gathers: a product or a dataset."""

    def __init__(
        self,
        catalogue: Gathering,
        iri: str,
        identifier: str,
        title: str,
        language: str | None,
    ) -> None:
        self.catalogue, self.identifier = catalogue, identifier
        self.iri = NamedNode(iri)
        self.say(RDF.type, DCAT.Dataset)
        self.say(DCT.identifier, Literal(identifier))
        self.say(DCT.title, Literal(" ".join(masked(title).split()), language=language))

    def say(self, property_: NamedNode, value: Term, about: NamedNode | None = None) -> None:
        """State one fact, of the resource itself unless `about` is given.

        What holds an e-mail address or a key is no fact, whatever reader offers it.
        """
        if is_private(value.value):
            self.leave(property_.value.rsplit("/", 1)[-1], "it holds an e-mail address or a key")
            return
        self.catalogue.triples.append(Triple(about or self.iri, property_, value))

    def leave(self, field: str, reason: str) -> None:
        """Note that a field of this resource is not held."""
        self.catalogue.leave(f"{self.identifier}, {field}", reason)

    def report(self, words: Iterable[str]) -> None:
        """Say which words the record gives for what it holds."""
        for word in words:
            if is_private(word):
                self.leave("words", "it holds an e-mail address")
            elif word.strip():
                self.say(OKG.reports, self.catalogue.word(" ".join(word.split())))

    def doi(self, text: str) -> None:
        """Say the DOI that the text holds, or note that it holds none."""
        if found := find_doi(text):
            self.say(BIBO.doi, Literal(found))
        else:
            self.leave("doi", f"no whole DOI: {text!r}")

    def period(self, start: str | None, end: str | None, *, ongoing: bool = False) -> None:
        """Say the period, in the precision stated; dates that are none are noted."""
        first, last = self._date("start", start), self._date("end", end)
        if first and last and _is_after(first, last):
            self.leave("period", f"it ends before it starts: {start} to {end}")
            return
        if not (first or last or ongoing):
            return
        node = NamedNode(f"{self.iri.value}/period")
        self.say(DCT.temporal, node)
        self.say(RDF.type, DCT.PeriodOfTime, node)
        if first:
            self.say(DCAT.startDate, first, node)
        if last:
            self.say(DCAT.endDate, last, node)
        if ongoing:
            self.say(OKG.ongoing, Literal(value=True), node)

    def _date(self, field: str, text: str | None) -> Literal | None:
        if text is None:
            return None
        found = read_date(text)
        if found is None:
            self.leave(field, f"no date: {text!r}")
        return found

    def extent(self, box: Sequence[float] | None, label: str | None = None) -> None:
        """Say the extent as a box (west, south, east, north), as words, or as both."""
        drawn = draw_box(box) if box is not None else None
        if box is not None and drawn is None:
            self.leave("bbox", f"no box on Earth: {list(box)}")
        if drawn is None and label is None:
            return
        node = NamedNode(f"{self.iri.value}/extent")
        self.say(DCT.spatial, node)
        self.say(RDF.type, DCT.Location, node)
        if drawn:
            self.say(DCAT.bbox, Literal(drawn, datatype=GEO.wktLiteral), node)
        if label:
            self.say(RDFS.label, Literal(label), node)

    def grid(self, *, metres: float | None = None, degrees: float | None = None) -> None:
        """Say the horizontal resolution in metres, in degrees, or in both."""
        if metres is not None:
            self.say(DCAT.spatialResolutionInMeters, number(metres))
        if degrees is not None:
            self.say(OKG.spatialResolutionInDegrees, number(degrees))

    def depths(self, shallowest: float, deepest: float) -> None:
        """Say the range of depths, in metres below the sea surface."""
        self.say(OKG.shallowest, number(shallowest))
        self.say(OKG.deepest, number(deepest))

    def step(self, duration: str) -> None:
        """Say a time step as an ISO 8601 duration, or note that it is none."""
        try:
            isodate.parse_duration(duration)
        except isodate.ISO8601Error:
            self.leave("time step", f"no duration: {duration!r}")
            return
        self.say(DCAT.temporalResolution, Literal(duration, datatype=XSD.duration))

    def updated(self, frequency: str) -> None:
        """Say how often it is updated, by the code of the EU list of frequencies (``DAILY``)."""
        self.say(DCT.accrualPeriodicity, NamedNode(FREQUENCY + frequency))

    def variable(self, name: str, standard_name: str = "", unit: str = "") -> None:
        """Say a variable: its name in the files, its CF standard name, its unit."""
        node = NamedNode(f"{self.iri.value}/variable/{quote(name, safe='-_.~')}")
        self.say(SCHEMA.variableMeasured, node)
        self.say(RDF.type, SCHEMA.PropertyValue, node)
        for property_, text in (
            (SCHEMA.name, name),
            (SCHEMA.unitText, unit),
            (OKG.standardName, standard_name),
        ):
            if text:
                self.say(property_, Literal(text), node)

    def access(self, text: str, *, title: str = "", format_: str = "", protocol: str = "") -> None:
        """Say an address at which the data are had, or note that the text holds none."""
        address = find_address(text)
        if address is None:
            self.leave("access", f"no http address: {text!r}")
            return
        name = hashlib.sha256(address.value.encode()).hexdigest()[:12]
        node = NamedNode(f"{self.iri.value}/access/{name}")
        self.say(DCAT.distribution, node)
        self.say(RDF.type, DCAT.Distribution, node)
        self.say(DCAT.accessURL, address, node)
        for property_, value in (
            (DCT.title, title),
            (DCT.format, format_),
            (DCT.conformsTo, protocol),
        ):
            if value:
                self.say(property_, Literal(value), node)


class More(Resource):
    """A resource of which a few things more are said; what it is is said elsewhere."""

    def __init__(self, catalogue: Gathering, iri: str, identifier: str) -> None:
        self.catalogue, self.identifier = catalogue, identifier
        self.iri = NamedNode(iri)


class Product(Resource):
    """One product of a catalogue, as its facts gather in the catalogue's `Gathering`."""

    def __init__(
        self, catalogue: Gathering, identifier: str, title: str, language: str | None
    ) -> None:
        super().__init__(
            catalogue, ids.product(catalogue.name, identifier), identifier, title, language
        )
        catalogue.triples.append(Triple(catalogue.iri, DCAT.dataset, self.iri))


class Dataset(Resource):
    """One dataset of a product, which is then a series."""

    def __init__(
        self, catalogue: Gathering, product: str, identifier: str, title: str, language: str | None
    ) -> None:
        super().__init__(
            catalogue, ids.dataset(catalogue.name, identifier), identifier, title, language
        )
        series = NamedNode(ids.product(catalogue.name, product))
        self.say(DCAT.inSeries, series)
        self.say(RDF.type, DCAT.DatasetSeries, series)


def settled(triples: Iterable[Triple]) -> Facts:
    """The facts of a source, but for datasets of a product that no record of it describes.

    Which products a catalogue holds is said by one of its files and which datasets by others, so
    this is for all of them together.
    """
    triples = tuple(triples)
    series = {t.subject: t.object for t in triples if t.predicate == DCAT.inSeries}
    held = {t.object for t in triples if t.predicate == DCAT.dataset} if series else set()
    homeless = {one: product for one, product in series.items() if product not in held}
    if not homeless:
        return Facts(triples)
    gone = {text_of(one) for one in homeless} | {text_of(p) for p in homeless.values()}
    counts = Counter(text_of(product) for product in homeless.values())
    return Facts(
        tuple(t for t in triples if not _is_about(text_of(t.subject), gone)),
        tuple(
            LeftOut(
                f"{unquote(product.rsplit('/', 1)[-1])}, datasets: {count}",
                "no record of the catalogue describes their product",
            )
            for product, count in sorted(counts.items())
        ),
    )


def _is_about(subject: str, gone: Container[str]) -> bool:
    """Whether a subject is one of those, or a node below one."""
    return "/".join(subject.split("/")[:_SEGMENTS]) in gone


def facet(kind: str, name: str) -> NamedNode:
    """A concept of ontologies/facets.ttl, e.g. ``region``, ``baltic``."""
    return NamedNode(f"{BASE}{kind}/{name}")


def number(value: float) -> Literal:
    """A number as xsd:decimal, to six decimals: what follows is float noise."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return Literal("0" if text == "-0" else text, datatype=XSD.decimal)


def find_address(text: str) -> NamedNode | None:
    """The http address that a text starts with, without user, password or key; None if none.

    An address that holds an e-mail address elsewhere is none.
    """
    try:
        parts = urlsplit((text.split() or [""])[0])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        host = parts.netloc.rpartition("@")[2]
        path, _, inside = parts.path.partition(";")
        if _SECRET.search(inside) or _USER.search(unquote(parts.path)):
            parts = parts._replace(path="" if _USER.search(unquote(path)) else path)
        fragment = "" if _SECRET.search(parts.fragment) else parts.fragment
        parts = parts._replace(netloc=host, query=_harmless(parts.query), fragment=fragment)
        address = urlunsplit(parts)
        return None if is_private(address) else NamedNode(address)
    except ValueError:
        return None


def holds_email(text: str) -> bool:
    """Whether an e-mail address stands in a text or an address, percent-encoded or not."""
    return "@" in unquote(text) and bool(_EMAIL.search(unquote(text)))


def is_private(text: str) -> bool:
    """Whether a text holds an e-mail address, or an address with a user, a password or a key."""
    return masked(text) != text


def masked(text: str) -> str:
    """A text for people, with an ellipsis for e-mail addresses, users, passwords and keys."""
    plain = unquote(text) if holds_email(text) else text
    plain = _EMAIL.sub("…", _USER.sub("", plain)) if "@" in plain else plain
    return _QUERY.sub(lambda m: "?…" if _SECRET.search(m[0]) else m[0], plain)


def _harmless(query: str) -> str:
    """A query string without parameters that say who asks; as it came when it has none."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not _SECRET.search(k) and not _USER.search(v)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def find_doi(text: str) -> str | None:
    """The DOI within a text such as ``10.24400/… (AVISO page)``, or None."""
    return next((found for part in text.split() if (found := ids.doi(part))), None)


def read_date(text: str) -> Literal | None:
    """A year, month, day or moment as xsd:gYear, xsd:gYearMonth or xsd:date; None if none."""
    try:
        if "T" in text:
            text = datetime.fromisoformat(text).date().isoformat()
        if not (match := _DATE.match(text)):
            return None
        year, month, day = match.groups()
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    datatype = XSD.date if day else XSD.gYearMonth if month else XSD.gYear
    return Literal(text, datatype=datatype)


def _is_after(one: Literal, other: Literal) -> bool:
    """Whether one date lies after another, as far as both are precise."""
    shared = min(len(one.value), len(other.value))
    return one.value[:shared] > other.value[:shared]


def read_level(text: str) -> str | None:
    """``Level 4``, ``level-4`` or ``L4`` as ``L4``; None when it is none of these."""
    match = _LEVEL.match(text.strip())
    return f"L{match[1].upper()}" if match else None


def draw_box(box: Sequence[float]) -> str | None:
    """A box as a WKT polygon, or None when it is none on Earth.

    Models count their outermost cells beyond the pole, so up to one degree is cut back to 90.
    Coordinates are kept to a millionth of a degree (0.1 m): what follows is float noise.
    """
    if len(box) != 4 or not all(math.isfinite(side) for side in box):
        return None
    west, south, east, north = box
    if not (-180.5 <= west < east <= 360 and -91 <= south < north <= 91):
        return None
    w, s, e, n = (f"{round(x, 6):.12g}" for x in (west, max(south, -90), east, min(north, 90)))
    return f"POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s}))"
