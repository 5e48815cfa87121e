"""Labels that stand inside a description: "sea surface temperature" in "Daily analysed SST".

A label stands in a text when all its words do, in any order, water and sea left aside. How well
it covers the text is a share of weights: rare words weigh more than common ones.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from oceankg import clues

_LEAST = 0.5
# A label that decides counts at least so much, however small its share.
_DECIDES = 0.5
_WATER_WEIGHT = 0.15


@dataclass(frozen=True, slots=True)
class Inside:
    """A label that stands inside a text, and the share of both that is the same.

    `decisive` is a label that was chosen to decide wherever it stands.
    """

    iri: str
    label: str
    share: float
    decisive: bool


class WordIndex:
    """Labels by their rarest word: (IRI, label, whether it decides wherever it stands)."""

    def __init__(self, labels: Iterable[tuple[str, str, bool]]) -> None:
        by_words: dict[frozenset[str], list[tuple[str, str, bool]]] = defaultdict(list)
        for iri, label, decisive in labels:
            said = frozenset(clues.words(label))
            # A single letter says nothing.
            if any(len(word) > 1 for word in said):
                by_words[said].append((iri, label, decisive))
        counts = Counter(word for said in by_words for word in said)
        self._weight = {w: math.log(1 + len(by_words) / n) for w, n in counts.items()}
        self._unknown = math.log(1 + len(by_words))
        self._by_rarest: dict[str, list[tuple[frozenset[str], Sequence[tuple[str, str, bool]]]]] = (
            defaultdict(list)
        )
        for said, meant in by_words.items():
            must = said - clues.water_words() or said
            rarest = min(must, key=lambda w: (counts[w], w))
            self._by_rarest[rarest].append((said, tuple(meant)))

    def inside(self, text: str) -> list[Inside]:
        """The labels that stand inside a text, the one that covers it best first."""
        said = frozenset(clues.words(text))
        found = [
            Inside(iri, label, _counted(share, decisive=decisive), decisive)
            for label_words, meant in self._sharing(said)
            if (share := self._share(label_words, said)) > 0
            for iri, label, decisive in meant
            if decisive or share >= _LEAST
        ]
        return sorted(found, key=lambda hit: (-hit.share, len(hit.label), hit.iri))

    def _sharing(
        self, said: frozenset[str]
    ) -> Iterator[tuple[frozenset[str], Sequence[tuple[str, str, bool]]]]:
        for word in said:
            yield from self._by_rarest.get(word, ())

    def _share(self, label: frozenset[str], said: frozenset[str]) -> float:
        water = clues.water_words()
        if not (label - water <= said) or (said - label) & clues.turning():
            return 0.0
        if len(label - water) == 1 and label & water and not said & water:
            # "Level" alone is no sea level.
            return 0.0
        common = sum(map(self._weigh, label & said))
        return common / sum(map(self._weigh, label | said))

    def _weigh(self, word: str) -> float:
        weight = self._weight.get(word, self._unknown)
        return weight * _WATER_WEIGHT if word in clues.water_words() else weight


def _counted(share: float, *, decisive: bool) -> float:
    return _DECIDES + (1 - _DECIDES) * share if decisive else share
