"""Search: all labels, codes and titles, as they are typed, with accents and typing errors forgiven.

The index lies in memory and is filled when a snapshot opens. Its documents stand in the order in
which equals are shown, so the index need only say how exactly each one matches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

import tantivy
from tantivy import Occur, SchemaBuilder, TextAnalyzerBuilder, Tokenizer
from tantivy import Query as Clause

from oceankg import ids
from oceankg.climb import EXV, WORD, Statement
from oceankg.read import Agent, Concept, Product, ReadModel, collector_paused
from oceankg.text import words

MOST_OFFSET = 10_000

# The work that one question may cause is bounded, whatever is typed.
_LONGEST, _MOST_WORDS, _MOST_TYPOS = 1000, 16, 3
# A word is found by its first letters up to so many; a text begins like another when so many agree.
_GRAM, _START = 16, 16
# How exactly a document matches. A class weighs more than all words together.
_IDENTIFIER, _WHOLE, _BEGINS, _WORDS = 2000.0, 1000.0, 500.0, 200.0
_PREFIX, _ONE_TYPO, _TWO_TYPOS = 4.0, 2.0, 1.0
_SHORT, _LONG = 4, 8
_STATE = {False: Occur.MustNot, True: Occur.Must}
_ONE_SEGMENT = 1_000_000_000

_URN = re.compile(r"^(?:urn:)?sdn:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the text as typed, and what the answers are confined to.

    Of each tuple any may apply; an empty one confines nothing. `deprecated` None takes both.
    With `prefix` each word may be the beginning of one.
    """

    q: str
    vocabularies: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    deprecated: bool | None = False
    prefix: bool = True
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found, the text by which it was found, and how exactly.

    `score`: 1 the whole text or an identifier; 0.9 its beginning; 0.8 all words; 0.7
    beginnings of all words; less with typing errors. `uses` counts the products and mappings that
    lean on it.
    """

    iri: str
    label: str
    matched_text: str
    matched_field: str
    language: str
    vocabulary: str
    type: str
    notation: str | None
    deprecated: bool
    replaced_by: tuple[str, ...]
    score: float
    uses: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, the best first, and how many there are in all."""

    q: str
    total: int
    hits: tuple[Hit, ...]


class Text(NamedTuple):
    """A text by which a thing may be found; it may be of no language."""

    text: str
    field: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question taken apart: its words, these as one text, and the IRIs that it may be."""

    words: tuple[str, ...]
    whole: str
    iris: tuple[str, ...]


Thing = Concept | Product | Agent


class Search:
    """The index over one read model; any number of threads may ask it."""

    @collector_paused()
    def __init__(self, model: ReadModel) -> None:
        self.model = model
        self._uses = uses(model)
        self.things = tuple(sorted(_things(model), key=self._rank))
        self._languages = _languages(model)
        self._schema = _schema(len(self._languages))
        self._searcher = self._fill().searcher()

    def find(self, query: Query) -> Found:
        """The best matches; those with typing errors only where there is none without."""
        asked = _asked(query.q)
        result = self._search(self._clause(asked, query, ()), query)
        if not result.count and (typos := self._misspelt(asked, query)):
            result = self._search(self._clause(asked, query, typos), query)
        places = self._searcher.fast_field_values("place", [address for _, address in result.hits])
        hits = (
            self._hit(self.things[int(place or 0)], points, asked, query)
            for (points, _), place in zip(result.hits, places, strict=True)
        )
        return Found(query.q, result.count, tuple(hits))

    # -------------------------------------------------------------- the index

    def _rank(self, thing: Thing) -> tuple[bool, int, int, int, str, str]:
        label = _label(thing)
        used = self._uses[thing.iri]
        return (
            _is_deprecated(thing),
            -used,
            ids.closeness(thing.iri),
            len(label),
            label,
            thing.iri,
        )

    def _fill(self) -> tantivy.Index:
        index = tantivy.Index(self._schema)
        for name, longest in (("word", _GRAM), ("start", _START)):
            grams = Tokenizer.ngram(1, longest, prefix_only=True)
            index.register_tokenizer(name, TextAnalyzerBuilder(grams).build())
        # One thread and one segment keep the documents in their order.
        writer = index.writer(_ONE_SEGMENT, num_threads=1)
        for place, thing in enumerate(self.things):
            writer.add_document(tantivy.Document(place=place, **self._fields(thing)))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index

    def _fields(self, thing: Thing) -> dict[str, list[str]]:
        fields = {
            "iri": list(_identifiers(thing)),
            "vocabulary": [ids.vocabulary_of(thing.iri).casefold()],
            "type": [type_of(thing).casefold()],
            "deprecated": [str(_is_deprecated(thing))],
        }
        for language, texts in _by_language(thing).items():
            number = self._languages.index(language)
            wholes = {tuple(words(typed(t))) for t in texts}
            single = _collection(thing.iri).union(*wholes)
            fields[f"gram{number}"] = fields[f"word{number}"] = list(single)
            fields[f"start{number}"] = fields[f"whole{number}"] = list(map(" ".join, wholes))
        return fields

    # -------------------------------------------------------------- the question

    def _search(self, clause: Clause, query: Query) -> Any:  # noqa: ANN401  (its stub knows no count)
        offset = min(max(query.offset, 0), MOST_OFFSET)
        return self._searcher.search(clause, max(query.limit, 1), offset=offset)

    def _clause(self, asked: _Asked, query: Query, typos: Collection[str]) -> Clause:
        ways = [
            clause
            for number in self._numbers(query.languages)
            if (clause := self._in_language(number, asked, query.prefix, typos)) is not None
        ]
        best = [Clause.disjunction_max_query(ways)] if len(ways) > 1 else ways
        best += [
            self._fixed("iri", iri, _IDENTIFIER) for iri in asked.iris if self._any("iri", iri)
        ]
        if not best:
            return Clause.empty_query()
        must = Clause.boolean_query([(Occur.Should, way) for way in best]) if best[1:] else best[0]
        return Clause.boolean_query([(Occur.Must, must), *self._filters(query)])

    def _in_language(
        self, number: int, asked: _Asked, prefix: bool, typos: Collection[str]
    ) -> Clause | None:
        """All words in texts of one language; None when a word does not occur in it."""
        gram = f"gram{number}" if prefix else f"word{number}"
        parts: list[tuple[Occur, Clause]] = []
        for word in asked.words:
            short = word[:_GRAM] if prefix else word
            ways = [self._fixed(gram, short, _PREFIX)] if self._any(gram, short) else []
            ways += self._near(gram, short) if word in typos else []
            if not ways:
                return None
            must = Clause.disjunction_max_query(ways) if len(ways) > 1 else ways[0]
            parts.append((Occur.Must, must))
        if not parts:
            return None
        return Clause.boolean_query([*parts, *self._class(number, asked, prefix)])

    def _class(self, number: int, asked: _Asked, prefix: bool) -> Iterator[tuple[Occur, Clause]]:
        """The best that may be said of a document that has all words, one of these or none."""
        whole, start = (f"whole{number}", asked.whole), (f"start{number}", asked.whole[:_START])
        ways = [self._fixed(*whole, _WHOLE)] if self._any(*whole) else []
        ways += [self._fixed(*start, _BEGINS)] if prefix and self._any(*start) else []
        single = [(f"word{number}", word) for word in asked.words]
        if all(self._any(*one) for one in single):
            every = Clause.boolean_query([(Occur.Must, self._fixed(*one, 0.0)) for one in single])
            ways.append(Clause.const_score_query(every, _WORDS))
        if ways:
            yield Occur.Should, Clause.disjunction_max_query(ways)

    def _near(self, field: str, word: str) -> list[Clause]:
        distances = {1: _ONE_TYPO, 2: _TWO_TYPOS} if len(word) >= _LONG else {1: _ONE_TYPO}
        return [
            Clause.const_score_query(
                Clause.fuzzy_term_query(self._schema, field, word, distance), points
            )
            for distance, points in distances.items()
        ]

    def _fixed(self, field: str, term: str, points: float) -> Clause:
        return Clause.const_score_query(Clause.term_query(self._schema, field, term), points)

    def _any(self, field: str, term: str) -> bool:
        return self._searcher.doc_freq(field, term) > 0

    def _misspelt(self, asked: _Asked, query: Query) -> tuple[str, ...]:
        """The words to forgive: those that begin nothing, or, when all do, every one."""
        numbers = self._numbers(query.languages)
        kind, longest = ("gram", _GRAM) if query.prefix else ("word", _LONGEST)
        unknown = [
            word
            for word in asked.words
            if not any(self._any(f"{kind}{number}", word[:longest]) for number in numbers)
        ]
        # Numbers and codes that differ by one sign are other numbers and codes.
        typos = tuple(w for w in unknown or asked.words if len(w) >= _SHORT and w.isalpha())
        return typos if len(typos) <= _MOST_TYPOS else ()

    def _numbers(self, languages: Collection[str]) -> list[int]:
        """The fields of some languages; a text without a language is of all of them."""
        wanted = {language.casefold() for language in languages} | {""}
        return [
            number
            for number, language in enumerate(self._languages)
            if not languages or wanted & _ranges(language)
        ]

    def _filters(self, query: Query) -> Iterator[tuple[Occur, Clause]]:
        lists = [(ids.vocabulary_of(v) if "://" in v else v).casefold() for v in query.vocabularies]
        names = ["standard_name" if name == "cf" else name for name in lists]
        kinds = [kind.casefold() for kind in query.types]
        for field, terms in (("vocabulary", names), ("type", kinds)):
            if terms:
                any_of = [(Occur.Should, self._fixed(field, term, 0.0)) for term in terms]
                yield Occur.Must, any_of[0][1] if len(terms) == 1 else Clause.boolean_query(any_of)
        if query.deprecated is not None:
            yield _STATE[query.deprecated], self._fixed("deprecated", "True", 0.0)

    # -------------------------------------------------------------- the answer

    def _hit(self, thing: Thing, points: float, asked: _Asked, query: Query) -> Hit:
        matched = _matched(thing, points, asked, query)
        language = query.languages[0] if query.languages else "en"
        return Hit(
            iri=thing.iri,
            label=_label(thing, language),
            matched_text=matched.text,
            matched_field=matched.field,
            language=matched.language,
            vocabulary=ids.vocabulary_of(thing.iri),
            type=type_of(thing),
            notation=_notation(thing),
            deprecated=_is_deprecated(thing),
            replaced_by=thing.replaced_by if isinstance(thing, Concept) else (),
            score=_score(points, len(asked.words)),
            uses=self._uses[thing.iri],
        )


def _asked(q: str) -> _Asked:
    q = q[:_LONGEST].strip()
    found = words(typed(q))[:_MOST_WORDS]
    iri = ids.canonical(q)
    iris = () if iri is None else (iri, iri[:-1] if iri.endswith("/") else iri + "/")
    return _Asked(tuple(found), " ".join(found), iris)


def typed(text: str) -> str:
    """What tells one thing from another in an identifier typed whole or in part; else the text."""
    if "://" not in text:
        return _URN.sub("", text)
    parts = [p for p in text.split("://", 1)[1].split("/") if p not in ("", "current")]
    return unquote(" ".join(parts[-2:] if "collection" in parts[:-2] else parts[-1:]))


# ------------------------------------------------------------------ what is searched


def _things(model: ReadModel) -> Iterator[Thing]:
    yield from model.concepts.values()
    yield from model.products.values()
    yield from model.agents


def _languages(model: ReadModel) -> tuple[str, ...]:
    """The languages of all texts; "" comes first and stands for texts of no language."""
    concepts = model.concepts.values()
    spoken = {language for c in concepts for language in (*c.labels, *c.alternative_languages)}
    return ("", *sorted(spoken - {""}))


def type_of(thing: Thing) -> str:
    """What something is: concept, essential variable, word, product, or the kind of an agent."""
    if isinstance(thing, Product):
        return "product"
    if isinstance(thing, Agent):
        return thing.kind
    if thing.iri.startswith(EXV):
        return "essential variable"
    return "word" if thing.iri.startswith(WORD) else "concept"


def texts_of(thing: Thing) -> Iterator[Text]:
    """All texts by which something may be found, the one that names it first."""
    if isinstance(thing, Concept):
        yield from (Text(label, "prefLabel", of) for of, label in sorted(thing.labels.items()))
        for label, language in zip(thing.alternatives, thing.alternative_languages, strict=True):
            yield Text(label, "altLabel", language)
        yield from (Text(code, "notation") for code in thing.codes)
    elif isinstance(thing, Product):
        yield Text(thing.title, "title")
        yield Text(thing.id, "identifier")
    else:
        yield Text(thing.label, "prefLabel")
        yield from (Text(label, "altLabel") for label in thing.alternatives)


def _by_language(thing: Thing) -> dict[str, list[str]]:
    """The texts of each language, with those of no language in all of them."""
    texts = tuple(texts_of(thing))
    languages = {text.language for text in texts} - {""} or {""}
    return {
        language: [text.text for text in texts if text.language in ("", language)]
        for language in languages
    }


def _collection(iri: str) -> set[str]:
    """The code of an NVS list as a word, so that `P01 salinity` is understood."""
    return set(words(ids.vocabulary_of(iri))) if iri.startswith(ids.NVS_COLLECTION) else set()


def _identifiers(thing: Thing) -> Iterator[str]:
    yield thing.iri
    if isinstance(thing, Product) and thing.doi:
        yield ids.DOI + thing.doi


def _label(thing: Thing, language: str = "en") -> str:
    if isinstance(thing, Concept):
        return thing.label(language)
    return thing.title if isinstance(thing, Product) else thing.label


def _notation(thing: Thing) -> str | None:
    if isinstance(thing, Product):
        return thing.id
    return next(iter(thing.notations), None) if isinstance(thing, Concept) else None


def _is_deprecated(thing: Thing) -> bool:
    return isinstance(thing, Concept) and thing.deprecated


def uses(model: ReadModel) -> Counter[str]:
    """How many products and mappings lean on each thing.

    A product leans on what it reports, on every step from there to an essential variable, and on
    the agents that it names; the products of the other catalogue lean on what they are tied to.
    """
    count: Counter[str] = Counter()
    steps = {
        concept: {concept} | {end for path in paths for end in _ends(path.steps)}
        for concept, paths in model.reported_paths.items()
    }
    agents = {name: a.iri for a in model.agents for name in (a.label, *a.alternatives)}
    for product in model.products.values():
        leans = {*product.reports, *product.measures, *product.serves, *product.may_serve}
        leans |= {step for concept in product.reports for step in steps.get(concept, ())}
        named = (*product.producers, product.publisher, product.data_centre)
        leans |= {agents[name] for name in named if name in agents}
        count.update(leans | {relation.other for relation in product.relations})
    links = {statement for named in model.climb.anchors.values() for statement, _ in named}
    for _, _, followed in model.climb.edges.edges(data=True):
        links.add(followed["statement"])
    for link in links:
        if link.mapping:
            count.update({link.subject, link.object})
    return count


def _ends(steps: Iterable[Statement]) -> Iterator[str]:
    for step in steps:
        yield from (step.subject, step.object)


# ------------------------------------------------------------------ how it matched


def _matched(thing: Thing, points: float, asked: _Asked, query: Query) -> Text:
    """The text that speaks best for a hit."""
    if points >= _IDENTIFIER:
        identifier = next(i for i in _identifiers(thing) if i in asked.iris)
        return Text(identifier, "identifier")
    wanted = {language.casefold() for language in query.languages}
    texts = [
        text
        for text in texts_of(thing)
        if not wanted or not text.language or wanted & _ranges(text.language)
    ]
    shown: list[tuple[tuple[bool, bool, int, int], Text]] = []
    for text in texts:
        whole, begins, together, near = _agreement(text.text, asked)
        enough = (whole or points < _WHOLE) and (begins or points < _BEGINS)
        if enough and together == len(asked.words):
            return text
        shown.append(((whole, begins, together, near), text))
    return max(shown, key=lambda one: one[0])[1]


def _agreement(text: str, asked: _Asked) -> tuple[bool, bool, int, int]:
    """How well a text agrees with what is asked: whole, at its beginning, by words, nearly."""
    whole = " ".join(words(typed(text)))
    spaced = f" {whole}"
    return (
        whole == asked.whole,
        whole.startswith(asked.whole),
        sum(f" {word}" in spaced for word in asked.words),
        sum(f" {word[:2]}" in spaced for word in asked.words),
    )


def _score(points: float, number: int) -> float:
    if points >= _WHOLE:
        return 1.0
    if points >= _BEGINS:
        return 0.9
    return 0.8 if points >= _WORDS else round(0.7 * points / (number * _PREFIX), 3)


def _ranges(language: str) -> set[str]:
    """A language tag and what it is a part of: fr-CA is also fr."""
    return {language.casefold(), language.casefold().split("-")[0]}


def _schema(languages: int) -> tantivy.Schema:
    """Of each language its words, their beginnings, whole texts and theirs; and the filters."""
    builder = SchemaBuilder()
    tokenizers = {"gram": "word", "word": "raw", "whole": "raw", "start": "start"}
    for number in range(languages):
        for name, tokenizer in tokenizers.items():
            builder.add_text_field(
                f"{name}{number}", tokenizer_name=tokenizer, index_option="basic"
            )
    for name in ("iri", "vocabulary", "type", "deprecated"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("place", fast=True)
    return builder.build()
