"""From everyday words to HS codes: English in both spellings, Chinese and Korean, typing errors.

The words of a code are its name (`nktrade.codes.names`) and its trade words (``words.csv``: what
people call the goods, and Chinese and Korean names). A code also answers, more faintly, to the
names above it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import EDITIONS, editions_of, parents
from nktrade.codes.names import list_names, list_words
from nktrade.errors import InputError, check_choice

#: How much a word counts by where it stands.
_NAME, _WORDS, _ABOVE = 1.0, 1.0, 0.25
#: A word that only begins like the one asked for, and one that is merely spelt alike.
_BEGINS, _ALIKE = 0.8, 0.6
#: What a phrase said just so is worth; what a chapter's width and each word of the name cost.
_EXACT, _CHAPTER, _SAID = 0.5, 0.2, 0.02
#: Least likeness (`rapidfuzz.fuzz.ratio`) of a word with a typing error in it.
_LIKENESS = 80
#: American spellings, and words that mean the same; the second is what the names have.
_SPELLINGS = {
    "tire": "tyre", "aluminum": "aluminium", "fiber": "fibre", "jewelry": "jewellery",
    "color": "colour", "sulfur": "sulphur", "sulfate": "sulphate", "sulfuric": "sulphuric",
    "sulfide": "sulphide", "gray": "grey", "plow": "plough", "mold": "mould", "ax": "axe",
    "airplane": "aeroplane", "caliper": "calliper", "catalog": "catalogue", "gage": "gauge",
    "gypsum": "gypsum", "liter": "litre", "pajama": "pyjama", "program": "programme",
    "vise": "vice", "fertilizer": "fertiliser", "odor": "odour", "meter": "metre",
    "center": "centre", "molybdenite": "molybdenum", "eyeglass": "spectacle", "draft": "draught",
    "artifact": "artefact", "vapor": "vapour", "flavor": "flavour", "armor": "armour",
}  # fmt: skip
_IRREGULAR = {
    "knives": "knife", "leaves": "leaf", "shelves": "shelf", "teeth": "tooth", "geese": "goose",
    "mice": "mouse", "feet": "foot", "loaves": "loaf", "wolves": "wolf", "lenses": "lens",
    "buses": "bus", "gases": "gas", "glasses": "glass", "lens": "lens", "gas": "gas", "bus": "bus",
}  # fmt: skip
_SMALL = {
    "a",
    "an",
    "and",
    "for",
    "from",
    "in",
    "made",
    "not",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
}
_WORD = re.compile(r"[a-z0-9]+")
#: Digits as people write them: "8541.40", "HS 8541", "chapter 72", "8701-8705", "6703, 6704".
_CODES = re.compile(
    r"\s*+(?:hs|codes?|chapters?|ch|headings?|subheadings?|tariff|line|lines|no)?[\s.:]*+"
    r"(?:codes?|no)?[\s.:]*+(?P<codes>\d[\d\s.]*(?:(?:-|–|,|;|\.\.|to|and)\s*\d[\d\s.]*)*)",
    re.IGNORECASE,
)
_FAR_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass
class _Index:
    """Words to codes, each with the weight of the place where the word stands."""

    english: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    phrases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    eastern: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    length: Counter = field(default_factory=Counter)

    def add(self, code: str, text: str, weight: float) -> None:
        tokens = split_words(text)
        for token in tokens:
            self.english[token][code] = max(weight, self.english[token].get(code, 0.0))
        if weight >= _WORDS and tokens:
            self.phrases[" ".join(tokens)].add(code)


def split_words(text: str) -> list[str]:
    """Split English into words in one spelling, singular, without small words.

    Examples
    --------
    >>> split_words("Tires of aluminum, for the buses")
    ['tyre', 'aluminium', 'bus']
    """
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    found = (_one_form(word) for word in _WORD.findall(plain.replace("'", "")))
    return [word for word in found if word not in _SMALL]


def _one_form(word: str) -> str:
    word = _IRREGULAR.get(word, word)
    if word not in _IRREGULAR.values() and len(word) > 3:
        if word.endswith("ies") and len(word) > 4:
            word = f"{word[:-3]}y"
        elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    return _SPELLINGS.get(word, word)


@cache
def _index() -> _Index:
    index, names = _Index(), list_names(6)
    for code, name in names.items():
        index.add(code, name, _NAME)
        index.length[code] = len(split_words(name)) + 3 * name.startswith(("Other", "part of"))
        for above in parents(code):
            index.add(code, names.get(above, ""), _ABOVE)
    words = list_words()
    for code, phrases in words["english"].items():
        for phrase in phrases.split(";"):
            index.add(code, phrase, _WORDS)
    for language in ("chinese", "korean"):
        for code, phrases in words[language].items():
            for phrase in phrases.split(";"):
                index.eastern["".join(phrase.split())].add(code)
    return index


def search(query: str, *, edition: str | None = None, limit: int = 20) -> pd.DataFrame:
    """Find HS codes by what people call the goods, or by the beginning of a code.

    Parameters
    ----------
    query : str
        English in either spelling, Chinese or Korean; typing errors are forgiven. Or digits.
    edition : {"HS2007", "HS2012", "HS2017", "HS2022"}, optional
        Only codes that live in it.
    limit : int
        Most rows.

    Returns
    -------
    pandas.DataFrame
        Best first. Columns code, name, editions (those the code lives in, separated by spaces).

    Raises
    ------
    InputError
        If the query is empty or the edition unknown.

    Examples
    --------
    >>> search("tires")["code"].iloc[0], search("8541")["code"].iloc[0]
    ('4011', '8541')
    >>> search("轮胎")["code"].iloc[0], search("refractry brick")["code"].iloc[0]
    ('4011', '6902')
    """
    if not isinstance(query, str) or not query.strip():
        raise InputError("there is nothing to search for", expected="a word or a code")
    if edition is not None:
        check_choice("HS edition", edition, EDITIONS)
    asked = _CODES.fullmatch(unicodedata.normalize("NFKC", query))
    if asked:
        scores = _find_prefixes(asked["codes"])
    elif _FAR_EAST.search(query):
        scores = _find_eastern("".join(query.split()).translate(_simplify()))
    else:
        scores = _find_english(_join_split(split_words(query)))
    lives = {code: editions_of(code) for code in scores}
    found = [code for code in scores if edition is None or edition in lives[code]]
    # The better match first; of equals those that live on, and the wider code.
    ranks = {c: (-round(scores[c], 6), EDITIONS[-1] not in lives[c], len(c), c) for c in found}
    found = sorted(found, key=ranks.__getitem__)[:limit]
    names = list_names(6)
    return pd.DataFrame(
        {
            "code": found,
            "name": [names.get(code, "") for code in found],
            "editions": [" ".join(lives[code]) for code in found],
        },
        dtype="str",
    )


def _find_prefixes(text: str) -> dict[str, float]:
    """Score the codes that one number, several or a range of them begin."""
    found: dict[str, float] = {}
    for part in re.split(r"[,;]|and", text, flags=re.IGNORECASE):
        ends = [re.sub(r"[\s.]", "", end) for end in re.split(r"-|–|\.\.|to", part)]
        first, last = ends[0], ends[-1]
        for code, score in (
            _find_prefix(first) if first == last else _find_range(first, last)
        ).items():
            found.setdefault(code, score - 0.001 * (len(found) > 0 and first != last))
    return found


def _find_range(first: str, last: str) -> dict[str, float]:
    size = len(first)
    return {
        code: 1.0 / len(code)
        for code in list_names(6)
        if len(code) >= size and first <= code[:size] <= last[:size]
    }


def _find_prefix(digits: str) -> dict[str, float]:
    codes = list_names(6)
    if len(digits) % 2 and f"0{digits}"[:2] in codes:
        digits = f"0{digits}"  # a spreadsheet took the zero in front
    if len(digits) > 6:
        return {digits[:6]: 1.0} if digits[:6] in codes else {}
    return {code: 1.0 / len(code) for code in codes if code.startswith(digits)}


@cache
def _simplify() -> dict[int, str]:
    """Return traditional Chinese characters with their simplified ones, as `str.translate` asks."""
    table = pd.read_csv(DATA / "classes" / "hs" / "traditional.csv", dtype="str")
    pairs = zip(table["simplified"], table["traditional"], strict=True)
    return {ord(one): plain for plain, written in pairs for one in written}


def _find_eastern(query: str) -> dict[str, float]:
    """Score Chinese and Korean by how much of the longer text the shorter one is."""
    from nktrade.codes.likeness import ratio

    scores: dict[str, float] = {}
    for phrase, codes in _index().eastern.items():
        short, long = sorted((phrase, query), key=len)
        score = 0.0
        if short in long and (len(short) > 1 or len(long) == 1):
            score = 0.5 + 0.5 * len(short) / len(long)
        elif len(short) > 2:
            likeness = ratio(phrase, query)
            score = 0.4 * likeness / 100 if likeness >= 60 else 0.0
        for code in codes if score else ():
            wide = _CHAPTER * (len(code) == 2) / (4 if phrase == query else 1)
            scores[code] = max(score - wide, scores.get(code, -1.0))
    return scores


def _find_english(asked: list[str]) -> dict[str, float]:
    """Score codes: each word by its rarity and how well it is met, then how much else is said."""
    index = _index()
    total = len(index.length) or 1
    gained: dict[str, float] = defaultdict(float)
    met: dict[str, set[str]] = defaultdict(set)
    wanted, meant = 0.0, []
    for word in dict.fromkeys(asked):
        best: dict[str, float] = {}
        tokens = _match(word)
        rarity = max((math.log(1 + total / len(index.english[t])) for t in tokens), default=1.0)
        meant.append(word if word in index.english else next(iter(tokens), word))
        if word in index.english:  # a rarer word that only begins alike is no better a find
            rarity = math.log(1 + total / len(index.english[word]))
        for token, likeness in tokens.items():
            for code, weight in index.english[token].items():
                best[code] = max(best.get(code, 0.0), rarity * likeness * weight)
        wanted += rarity
        for code, gain in best.items():
            gained[code] += gain
            met[code].add(word)
    exact = index.phrases.get(" ".join(meant), set())
    most = max((len(words) for words in met.values()), default=0)
    return {
        code: gain / wanted
        + _EXACT * (code in exact)
        - _CHAPTER * (len(code) == 2)
        - _SAID * index.length[code]
        for code, gain in gained.items()
        if len(met[code]) == most
    }


def _join_split(asked: list[str]) -> list[str]:
    """Join the words that the index has as one, as "smart phone", and take such words apart."""
    known = _index().english
    joined: list[str] = []
    for word in asked:
        if joined and (both := joined[-1] + word) in known:
            joined[-1] = both
        elif word not in known and (parts := _split(word)):
            joined += parts
        else:
            joined.append(word)
    return joined


def _split(word: str) -> list[str]:
    known = _index().english
    for at in range(3, len(word) - 2):
        if word[:at] in known and word[at:] in known:
            return [word[:at], word[at:]]
    return []


def _match(word: str) -> dict[str, float]:
    """Return the words of the index that a word may mean, with how sure that is."""
    known = _index().english
    if word in known:
        found = {word: 1.0}
        if len(word) >= 4:
            found |= {one: _BEGINS for one in known if one.startswith(word) and one != word}
        return found
    begins = {one: _BEGINS for one in known if len(word) >= 3 and one.startswith(word)}
    if begins:
        return begins
    if len(word) < 4:
        return {}
    from nktrade.codes.likeness import ratio

    alike = {one: ratio(word, one) for one in known}
    near = sorted((one for one in known if alike[one] >= _LIKENESS), key=lambda one: -alike[one])
    return {one: _ALIKE * alike[one] / 100 for one in near[:5]}
