"""The GraphQL endpoint over the read model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import strawberry
from fastapi import APIRouter, HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter

from oceankg import compare as comparing
from oceankg import evidence, read, resolve
from oceankg import search as searching
from oceankg.errors import UnknownTermError
from oceankg.faces import pages
from oceankg.faces.negotiate import HTML, JSON, choose, whole_body
from oceankg.serving import Opened, Serving

MOST = 500
MAX_LENGTH = 1000
EXAMPLE = """{
  compare(q: "Oxygen") {
    label
    odatis { product { id title doi } }
    cmems { product { id title doi } }
  }
}"""


class Lifted:
    """A GraphQL type whose plain fields are those of a value of the same names."""

    @classmethod
    def of(cls, value: Any, /, **more: Any) -> Self:  # noqa: ANN401  (any value of the read model)
        names = {f.name for f in fields(cls) if f.init}  # type: ignore[arg-type]
        own = {f.name: getattr(value, f.name) for f in fields(value) if f.name in names}
        return cls(**(own | more))


@strawberry.type(description="A statement on the way to an essential variable.")
class Step(Lifted):
    """See `oceankg.evidence.Step`."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    source: str
    mapping: str | None
    asserted_by: str | None
    justification: str | None
    confidence: float | None


@strawberry.type(description="An essential variable that something serves, and the way there.")
class ServedVariable:
    """See `oceankg.evidence.Served`."""

    iri: str
    label: str
    sure: bool
    path: list[Step]
    query: str | None
    sparql: str | None

    @classmethod
    def of(cls, value: evidence.Served) -> Self:
        """Lift a value."""
        return cls(
            iri=value.iri,
            label=value.label,
            sure=value.sure,
            path=[Step.of(step) for step in value.path],
            query=value.query,
            sparql=value.sparql,
        )


@strawberry.type(description="A tie to a record of the other catalogue.")
class Relation(Lifted):
    """See `oceankg.read.Relation`."""

    other: str
    role: str
    evidence: str


@strawberry.type(description="An address at which data are had.")
class Access(Lifted):
    """See `oceankg.read.Access`."""

    url: str
    title: str
    format: str
    protocol: str


@strawberry.type(description="A dataset of a product; null is not stated.")
class Dataset(Lifted):
    """See `oceankg.read.Dataset`."""

    iri: str
    id: strawberry.ID
    title: str
    version: str | None
    steps: list[str]
    resolution_metres: float | None
    resolution_degrees: float | None
    start: str | None
    end: str | None
    status: str | None
    access: list[Access]


@strawberry.type(description="The part of a record on which a normalised value rests.")
class Basis(Lifted):
    """See `oceankg.read.Basis`."""

    property: str
    value: str
    basis: str


@strawberry.type(description="What a product has that no product of the other catalogue has.")
class Advantage(Lifted):
    """See `oceankg.compare.attributes.Advantage`."""

    attribute: str
    value: str
    best: str


@strawberry.type(description="A product as its catalogue states it; null is not stated.")
class Product(Lifted):
    """See `oceankg.read.Product`."""

    iri: str
    id: strawberry.ID
    catalogue: str
    title: str
    title_is_description: bool
    kinds: list[str]
    level: str | None
    time_scales: list[str]
    start: str | None
    end: str | None
    ongoing: bool
    time_step: str | None
    regions: list[str]
    places: list[str]
    bbox: str | None
    resolution: str | None
    doi: str | None
    licence: str | None
    producers: list[str]
    publisher: str | None
    data_centre: str | None
    landing_page: str | None
    sources: list[str]
    steps: list[str]
    resolution_metres: float | None
    resolution_degrees: float | None
    vertical: list[str]
    shallowest: float | None
    deepest: float | None
    units: list[str]
    update: str | None
    latency: str | None
    open_licence: bool | None
    stage: str | None
    version: str | None
    formats: list[str]
    quality_documents: list[str]
    relations: list[Relation]
    model: strawberry.Private[read.ReadModel]
    value: strawberry.Private[read.Product]

    @classmethod
    def lift(cls, model: read.ReadModel, value: read.Product) -> Self:
        """Lift a product."""
        relations = [Relation.of(r) for r in value.relations]
        return cls.of(value, model=model, value=value, relations=relations)

    @strawberry.field(description="Where it is had.")
    def access(self) -> list[Access]:
        """As stated."""
        return [Access.of(a) for a in self.value.access]

    @strawberry.field(description="Its datasets.")
    def datasets(self) -> list[Dataset]:
        """As stated."""
        return [Dataset.of(d, access=[Access.of(a) for a in d.access]) for d in self.value.datasets]

    @strawberry.field(description="On what each value rests that the record does not itself state.")
    def bases(self) -> list[Basis]:
        """As normalised."""
        return [Basis.of(b) for b in self.value.bases]

    @strawberry.field(description="The words and concepts that the record itself names.")
    def reports(self) -> list[Concept]:
        """As reported."""
        return _concepts(self.model, self.value.reports)

    @strawberry.field(description="The concepts that those were taken to mean.")
    def measures(self) -> list[Concept]:
        """As linked."""
        return _concepts(self.model, self.value.measures)

    @strawberry.field(description="The essential variables that it serves.")
    def essential_variables(self) -> list[Concept]:
        """As derived."""
        return _concepts(self.model, self.value.serves)


@strawberry.type(description="A concept of a vocabulary.")
class Concept(Lifted):
    """See `oceankg.read.Concept`."""

    iri: str
    scheme: str
    notations: list[str]
    alternatives: list[str]
    deprecated: bool
    replaced_by: list[str]
    model: strawberry.Private[read.ReadModel]
    value: strawberry.Private[read.Concept]

    @classmethod
    def lift(cls, model: read.ReadModel, value: read.Concept) -> Self:
        """Lift a concept."""
        return cls.of(value, model=model, value=value)

    @strawberry.field(description="The label in a language, or in the next best.")
    def label(self, language: str = "en") -> str:
        """With fall-back to English, French, or any."""
        return self.value.label(language)

    @strawberry.field(description="The essential variables it serves, with the path.")
    def essential_variables(self, language: str = "en") -> list[ServedVariable]:
        """By the climb along the mappings."""
        served = evidence.served_by(self.model, self.iri, language)
        return [ServedVariable.of(s) for s in served]


@strawberry.input(description="What is known of a variable besides its name.")
class VariableInput:
    """See `oceankg.resolve.Term`."""

    units: str | None = None
    long_name: str | None = None
    standard_name: str | None = None
    depth: float | None = None
    platform: str | None = None


@strawberry.type(description="A concept that a term may mean.")
class Candidate(Lifted):
    """See `oceankg.resolve.Candidate`."""

    iri: str
    label: str
    scheme: str
    notation: str | None
    deprecated: bool
    replaced_by: list[str]
    matched_in: str
    matched_field: str
    matched_text: str
    score: float
    essential_variables: list[ServedVariable]
    against: list[str]


@strawberry.type(description="What a term means.")
class Resolution:
    """See `oceankg.resolve.Resolution`."""

    q: str
    candidates: list[Candidate]
    essential_variable: ServedVariable | None
    reason: str
    none: str | None
    suggestions: list[str]

    @classmethod
    def of(cls, value: resolve.Resolution) -> Self:
        """Lift a value."""
        best = value.essential_variable
        return cls(
            q=value.q,
            candidates=[
                Candidate.of(
                    c, essential_variables=[ServedVariable.of(s) for s in c.essential_variables]
                )
                for c in value.candidates
            ],
            essential_variable=ServedVariable.of(best) if best else None,
            reason=value.reason,
            none=value.none,
            suggestions=list(value.suggestions),
        )


@strawberry.type(description="A product that measures a parameter, and why.")
class Row:
    """See `oceankg.compare.Row`."""

    product: Product
    sure: bool
    paths: list[list[Step]]
    differs: list[Advantage]


@strawberry.type(description="The products of both catalogues for a parameter.")
class Comparison:
    """See `oceankg.compare.Comparison`."""

    iri: str
    parameter: str
    label: str
    snapshot: str
    essential_variables: list[ServedVariable]
    odatis: list[Row]
    cmems: list[Row]

    @classmethod
    def lift(cls, model: read.ReadModel, value: comparing.Comparison) -> Self:
        """Lift a comparison."""
        return cls(
            iri=value.iri,
            parameter=value.parameter,
            label=value.label,
            snapshot=value.snapshot,
            essential_variables=[ServedVariable.of(s) for s in value.essential_variables],
            **{
                name: [
                    Row(
                        product=Product.lift(model, row.product),
                        sure=row.sure,
                        paths=[[Step.of(s) for s in path] for path in row.paths],
                        differs=[Advantage.of(a) for a in row.differs],
                    )
                    for row in rows
                ]
                for name, rows in value.catalogues.items()
            },
        )


@strawberry.type(description="A centre, consortium, project or service.")
class Agent(Lifted):
    """See `oceankg.read.Agent`."""

    iri: str
    label: str
    alternatives: list[str]
    edmo: str | None
    founded: str | None
    purpose: str | None
    funder: str | None
    homepage: str | None


@strawberry.type(description="A thing that was found, and the text by which it was found.")
class Hit(Lifted):
    """See `oceankg.search.Hit`."""

    iri: str
    label: str
    matched_text: str
    matched_field: str
    language: str
    vocabulary: str
    type: str
    notation: str | None
    deprecated: bool
    replaced_by: list[str]
    score: float
    uses: int


@strawberry.type(description="A page of hits, the best first, and how many there are in all.")
class Found:
    """See `oceankg.search.Found`."""

    q: str
    total: int
    hits: list[Hit]


@strawberry.type(description="The snapshot in service.")
class Release:
    """A snapshot."""

    id: str
    created: str
    triples: int


def _concepts(model: read.ReadModel, iris: tuple[str, ...]) -> list[Concept]:
    return [Concept.lift(model, model.concepts[i]) for i in iris if i in model.concepts]


def _opened(info: strawberry.Info) -> Opened:
    serving: Serving = info.context["serving"]
    return serving.now()


@strawberry.type
class Query:
    """The root of all questions."""

    @strawberry.field(description="The snapshot in service.")
    def release(self, info: strawberry.Info) -> Release:
        """From the manifest."""
        manifest = _opened(info).model.snapshot.manifest()
        return Release(id=manifest["id"], created=manifest["created"], triples=manifest["triples"])

    @strawberry.field(description="The essential variables of GOOS and GCOS (NVS EXV).")
    def essential_variables(self, info: strawberry.Info) -> list[Concept]:
        """All of them, by label."""
        model = _opened(info).model
        return [Concept.lift(model, c) for c in model.essential_variables]

    @strawberry.field(description="A concept by identifier, code or label.")
    def concept(self, info: strawberry.Info, q: str) -> Concept | None:
        """The best candidate."""
        opened = _opened(info)
        found = opened.resolver.resolve_many([resolve.Term(q[:MAX_LENGTH])], limit=1)[0].candidates
        return Concept.lift(opened.model, opened.model.concepts[found[0].iri]) if found else None

    @strawberry.field(description="What terms mean, in the order asked.")
    def resolve(
        self,
        info: strawberry.Info,
        q: list[str],
        vocabulary: str | None = None,
        language: str = "en",
        variable: VariableInput | None = None,
    ) -> list[Resolution]:
        """As `GET /resolve`, for many."""
        if len(q) > MOST:
            raise ValueError(f"at most {MOST} terms at a time")
        known = (asdict(variable) if variable else {}) | {
            "vocabulary": vocabulary,
            "language": language,
        }
        known = {k: v[:MAX_LENGTH] if isinstance(v, str) else v for k, v in known.items()}
        terms = [resolve.Term(one[:MAX_LENGTH], **known) for one in q]
        return [Resolution.of(r) for r in _opened(info).resolver.resolve_many(terms)]

    @strawberry.field(description="Concepts, products and agents by label, code or title.")
    def search(
        self,
        info: strawberry.Info,
        q: str,
        vocabularies: list[str] | None = None,
        types: list[str] | None = None,
        languages: list[str] | None = None,
        deprecated: bool | None = False,
        limit: int = 10,
        offset: int = 0,
    ) -> Found:
        """As `GET /search`; deprecated: null takes both."""
        found = _opened(info).search.find(
            searching.Query(
                q,
                vocabularies=tuple(vocabularies or ())[:MOST],
                types=tuple(types or ())[:MOST],
                languages=tuple(languages or ())[:MOST],
                deprecated=deprecated,
                limit=min(limit, MOST),
                offset=offset,
            )
        )
        return Found(q=q, total=found.total, hits=[Hit.of(hit) for hit in found.hits])

    @strawberry.field(description="The products of both catalogues for a parameter.")
    def compare(
        self, info: strawberry.Info, q: str, release: str | None = None
    ) -> Comparison | None:
        """As `GET /compare`; null when nothing has that name, an error for no such release."""
        serving: Serving = info.context["serving"]
        resolver = serving.resolver_at(release)
        try:
            return Comparison.lift(resolver.model, comparing.compare(resolver, q))
        except UnknownTermError:
            return None

    @strawberry.field(
        description="A product by its IRI, its identifier in its catalogue, or its DOI."
    )
    def product(self, info: strawberry.Info, id: strawberry.ID) -> Product | None:  # noqa: A002
        """Null when there is none."""
        model = _opened(info).model
        every = model.products.values()
        own = (p for p in every if str(id) in (p.iri, p.id))
        value = next(own, None) or next((p for p in every if p.doi == str(id).lower()), None)
        return Product.lift(model, value) if value else None

    @strawberry.field(description="Products, by title; at most 500 at a time.")
    def products(
        self,
        info: strawberry.Info,
        catalogue: str | None = None,
        first: int = 50,
        offset: int = 0,
    ) -> list[Product]:
        """A page of products."""
        model = _opened(info).model
        found = [p for p in model.products.values() if catalogue in (None, p.catalogue)]
        found.sort(key=lambda p: (p.title.casefold(), p.iri))
        start = max(offset, 0)
        return [Product.lift(model, p) for p in found[start : start + min(max(first, 0), MOST)]]

    @strawberry.field(description="The data centres of ODATIS.")
    def data_centres(self, info: strawberry.Info) -> list[Agent]:
        """By label."""
        return _agents(info, "centre")

    @strawberry.field(description="The consortia of scientific expertise.")
    def consortia(self, info: strawberry.Info) -> list[Agent]:
        """By label."""
        return _agents(info, "consortium")

    @strawberry.field(description="The projects associated with ODATIS.")
    def projects(self, info: strawberry.Info) -> list[Agent]:
        """By label."""
        return _agents(info, "project")

    @strawberry.field(description="The services of ODATIS.")
    def services(self, info: strawberry.Info) -> list[Agent]:
        """By label."""
        return _agents(info, "service")


def _agents(info: strawberry.Info, kind: str) -> list[Agent]:
    return [Agent.of(a) for a in _opened(info).model.agents if a.kind == kind]


schema = strawberry.Schema(
    Query,
    extensions=[
        lambda: QueryDepthLimiter(max_depth=8),
        lambda: MaxAliasesLimiter(max_alias_count=30),
        lambda: MaxTokensLimiter(max_token_count=2000),
    ],
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A GraphQL request as it came."""

    query: str
    variables: dict[str, Any] | None
    operation: str | None


def router(serving: Serving) -> APIRouter:
    """The routes of the endpoint; questions are answered off the event loop."""
    routes = APIRouter(tags=["GraphQL"])

    @routes.get("/graphql", summary="Answer a GraphQL query, or show a page to ask one")
    async def get(request: Request) -> Response:
        fields = dict(request.query_params)
        if "query" not in fields:
            if choose(request, [JSON, HTML]) != HTML:
                raise HTTPException(400, "give a query")
            return pages.render(request, "graphql.html", example=EXAMPLE, schema=schema.as_str())
        if "variables" in fields:
            fields["variables"] = _json(fields["variables"].encode())
        return await _answer(serving, _asked(fields))

    @routes.post("/graphql", summary="Answer a GraphQL query")
    async def post(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
            raise HTTPException(415, f"send {JSON}")
        return await _answer(serving, _asked(_json(await whole_body(request))))

    return routes


def _json(body: bytes) -> Any:  # noqa: ANN401  (any JSON)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"not JSON: {error}") from error


def _asked(fields: object) -> _Asked:
    """The request, or 400 when a part is missing or of another type."""
    if not isinstance(fields, dict) or not isinstance(fields.get("query"), str):
        raise HTTPException(400, "send an object with a text as its query")
    variables, operation = fields.get("variables"), fields.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
        raise HTTPException(400, "variables is an object, operationName a text")
    return _Asked(fields["query"], variables, operation)


async def _answer(serving: Serving, asked: _Asked) -> Response:
    def execute() -> dict[str, Any]:
        result = schema.execute_sync(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation,
            context_value={"serving": serving},
        )
        content: dict[str, Any] = {"data": result.data}
        if result.errors:
            content["errors"] = [error.formatted for error in result.errors]
        return content

    return JSONResponse(await run_in_threadpool(execute))
