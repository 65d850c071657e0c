"""The claims of a question, by which it differs from another one that reads nearly the same.

Two questions that differ in a number, a negation, the side they point to, the gold answer or most of their
options are no copies of each other, however many words they share. Rows of running text claim nothing: a page that gained a
date is still the same page.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import list_lengths, pick
from medqa_kit.core.arrow.hashing import hashes, scattered
from medqa_kit.core.arrow.ragged import Ints, distinct, flat
from medqa_kit.core.holders import Rows
from medqa_kit.core.selection import picked_rows
from medqa_kit.core.threads import in_order
from medqa_kit.matching.item_keys import text_keys, unlabelled
from medqa_kit.matching.kernels.arrays import Codes
from medqa_kit.matching.kernels.constants import GOLDEN
from medqa_kit.matching.letters import letters
from medqa_kit.matching.row_texts import options, row_texts, searched
from medqa_kit.splitting.directions import directions
from medqa_kit.splitting.shared_text import without_instructions

REASONS = ("number", "negation", "direction", "gold answer", "options")
"""In what a row can contradict another, in the order in which they are looked at."""

_ASKING = ("context", "question", "prompt", "instruction", "input")
_TURNS = ("messages", "conversations")
_ANSWERS = ("answer", "completion", "output")
_SHORT = 60  # characters; a longer answer is an explanation, which can be worded in other ways
_MOST_OPTIONS = 8
_NEGATIONS = (
    r"(?i)않|아니|아닌|없|못[하한할해]|제외|틀린|잘못|거리가 먼|부적|부정확|무(?:효|증상|해|균|취학)|(?:^|\s)[비미](?:임신|흡연|대칭|수술|외상|감염|종양|특이|가역|침습|접종|완성|성숙|혼|숙아)|불(?:필요|가능|충분|완전|일치|규칙|법|안정|량|임)|금지|지 ?(?:마[라십시]|말)|(?:^|\s)안\s[가-힣]|"
    r"\b(?:not|no|none|neither|never|except|least|unlikely|without|incorrect|wrong|false|untrue|cannot|contraindicated|avoid|asymptomatic|unable)\b|n['’]t\b|"
    r"\b(?:den(?:y|ie[sd])|lack(?:s|ing)?|absen(?:t|ce))\b|\bnon-?[a-z]{4}|"
    r"\b(?:in(?:appropriate|adequate|sufficient|complete|consistent|effective|accurate|active)|im(?:possible|proper|mature)|ir(?:regular|reversible|relevant)|"
    r"un(?:necessary|safe|stable|usual|treated|controlled|affected|suitable|complicated|vaccinated|immunized|conscious|changed|healthy)|asymmetric)|"
    r"មិន|គ្មាន|លើកលែង|ពុំ|ខុស|កុំ|ហាម"
)
_COUNTED = "(?:번|개|명|가지|차례|달|주|살|시간|회|배|쌍|차|잔|알|쪽)"
_NUMBER_WORDS = {
    "0.5": r"(?i)\bhalf\b|절반|반\s?(?:정|알|컵|병)|កន្លះ",
    "1": rf"(?i)\b(?:one|once|first)\b|하나|(?:^|\s)(?:한\s?{_COUNTED}|첫)|\bI\s?[형기도급]|(?:type|stage|grade|class|phase)\s+I\b|ទីមួយ",
    "2": rf"(?i)\b(?:two|twice|second|II)\b|두\s?{_COUNTED}|둘째|ពីរ",
    "3": rf"(?i)\b(?:three|thrice|third|III)\b|세\s?{_COUNTED}|셋째|បី", "4": rf"(?i)\b(?:four|fourth|IV)\b|네\s?{_COUNTED}|넷째|បួន",
    "5": rf"(?i)\bfive\b|다섯\s?{_COUNTED}|ប្រាំ", "6": rf"(?i)\b(?:six|VI)\b|여섯\s?{_COUNTED}",
    "7": rf"(?i)\b(?:seven|VII)\b|일곱\s?{_COUNTED}", "8": rf"(?i)\b(?:eight|VIII)\b|여덟\s?{_COUNTED}",
    "9": rf"(?i)\b(?:nine|IX)\b|아홉\s?{_COUNTED}", "10": rf"(?i)\bten\b|열\s?{_COUNTED}|ដប់",
    "20": rf"(?i)\btwenty\b|스무\s?{_COUNTED}|ម្ភៃ", "30": rf"(?i)\bthirty\b|서른\s?{_COUNTED}|សាមសិប", "40": rf"(?i)\bforty\b|마흔\s?{_COUNTED}|សែសិប",
    "50": rf"(?i)\bfifty\b|쉰\s?{_COUNTED}|ហាសិប", "60": rf"(?i)\bsixty\b|예순\s?{_COUNTED}|ហុកសិប",
}  # fmt: skip
"""Numbers in words, which stand for themselves: "two days", "두 번", "stage III"."""
_UNITS = tuple(rf"(?i)[0-9០-៩]\s*(?:{names})" for names in (
    r"mg\b|milligrams?|밀리그램|មីលីក្រាម", r"g\b|grams?|그램|ក្រាម", r"kg\b|kilograms?|킬로그램|គីឡូក្រាម",
    r"(?:[µμu]g|mcg)\b|micrograms?|마이크로그램", r"ml\b|millilit\w+|밀리리터|មីលីលីត្រ", r"l\b|lit(?:er|re)s?|리터|លីត្រ",
    r"분|min\b|minutes?|នាទី", r"시간|hrs?\b|hours?|ម៉ោង", r"일|days?|ថ្ងៃ", r"주|weeks?|សប្តាហ៍",
    r"개월|달|months?|ខែ", "%|퍼센트|percent|ភាគរយ", r"mm\b|millimet\w+|밀리미터|មីលីម៉ែត្រ", r"cm\b|centimet\w+|센티미터|សង់ទីម៉ែត្រ", r"mEq\b", "mmol|밀리몰",
    r"I?U\b|units?\b|단위|ឯកតា", "방울|drops?|ដំណក់", "정|알|tablets?|គ្រាប់", "캡슐|capsules?|គ្រាប់ថ្នាំ", "앰플|바이알|ampoules?|vials?|អំពូល", "mmHg",
    "kPa", r"Gy\b", r"cGy\b", "°F|℉", "°C|℃|도", "cups?|컵|ពែង", "spoons?|숟갈|ស្លាបព្រា",
))  # fmt: skip
"""Units behind a number: "3 mg" is not "3 g", and 3 days are not 3 weeks."""
_MEASURED = r"(?s)[^0-9០-៩]+|([0-9០-៩]+\s*[^0-9០-៩\s]{0,20})"  # what stands behind numbers is a small part of a text
_INVISIBLE = r"</?[A-Za-z][^<>]{0,200}>|[\x{00AD}\x{200B}-\x{200F}\x{2060}\x{FEFF}]"
_PLACE = r"(?m)^[ \t]*(?:[(\[]?[0-9]{1,3}[.)\]]|(?i:Q|Question|문제|문항|សំណួរទី)[. ]?[0-9]{1,3}[.:)]|[0-9]{1,3}번[.:])[ \t]+"
"""The number of a question in its exam, or of a line in a list: no number the question speaks of."""
_GROUPED, _BARE_POINT = r"([0-9]),([0-9]{3})\b", r"(^|[\s(<>=~≤≥±])\.([0-9])"
_LETTERED = (
    r"(?s).*?(?:(?i:hepatitis|vitamins?|groups?|types?|class|grade|factor|비타민|그룹|ប្រភេទ|វីតាមីន|ក្រុម)\s?([A-HJ-UWYZ])\b"
    r"|\b([A-HJ-UWYZ])\s?(?:형|군|급|등급|세포|cells?\b)|$)"
)
"""Letters that name a kind, as numbers do: hepatitis B, vitamin K, B형."""
_SEPARATOR = 0x1F  # what letters keep of "1.5" and "120/80"


class Claims(NamedTuple):
    """What each row claims; zeros where it claims nothing.

    Attributes:
        asks: ``bool[n]``: whether the row is a question or a dialogue, not running text.
        numbers: ``uint64[n]``: equal for rows with the same numbers and units in what they ask.
        negations: ``int16[n]``: how many words of negation stand in what they ask.
        sided: ``uint64[n]``: equal for rows that speak of the same things with two sides...
        sides: ``uint64[n]``: ...and for those that point to the same sides.
        gold: ``uint64[n]``: equal for equal golds; 0 where there is none, or it is long.
        options: ``uint32[n, 8]``: one hash an option.
    """

    asks: npt.NDArray[np.bool_]
    numbers: npt.NDArray[np.uint64]
    negations: npt.NDArray[np.int16]
    sided: npt.NDArray[np.uint64]
    sides: npt.NDArray[np.uint64]
    gold: npt.NDArray[np.uint64]
    options: npt.NDArray[np.uint32]

    def keys(self) -> npt.NDArray[np.uint64]:
        """Return one number a row; rows of other numbers, negations, sides or gold differ in it."""
        key: npt.NDArray[np.uint64] = scattered(
            scattered(self.numbers ^ self.negations.astype(np.uint64) ^ scattered(self.sides))
            ^ self.gold
        )
        return key


def no_claims(rows: int) -> Claims:
    """Return the claims of rows of running text.

    Example:
        >>> no_claims(2).asks.tolist()
        [False, False]
    """
    return Claims(
        np.zeros(rows, np.bool_), np.zeros(rows, np.uint64), np.zeros(rows, np.int16),
        np.zeros(rows, np.uint64), np.zeros(rows, np.uint64), np.zeros(rows, np.uint64), np.zeros((rows, _MOST_OPTIONS), np.uint32),
    )  # fmt: skip


def claims_of(batch: pa.RecordBatch) -> Claims:
    """Return what the rows of a batch claim.

    Args:
        batch: Rows of any schema.

    Example:
        >>> rows = pa.record_batch({"question": ["Give 3 mg?", "Do not give 3 mg?", "Give 0.3 mg?"]})
        >>> asked = claims_of(rows)
        >>> asked.negations.tolist(), bool(asked.numbers[0] == asked.numbers[2])
        ([0, 1, 0], False)
    """
    texts = [name for name in searched(batch.schema) if name in (*_ASKING, *_TURNS)]
    if not texts:
        return no_claims(batch.num_rows)
    asked = pc.replace_substring_regex(row_texts(batch.select(texts)), _PLACE, "")
    plain = pc.replace_substring_regex(pc.utf8_normalize(asked, form="NFKC"), _INVISIBLE, "")
    return Claims(
        np.ones(batch.num_rows, np.bool_),
        _numbers(asked, plain),
        pc.count_substring_regex(plain, _NEGATIONS).to_numpy().astype(np.int16),
        *directions(plain.fill_null("")),
        _gold(batch),
        _option_hashes(batch),
    )


def contradictions(known: Claims, first: Ints, second: Ints) -> npt.NDArray[np.int64]:
    """Return in what the rows of each pair contradict each other.

    Args:
        known: The claims of all rows.
        first: A row of each pair.
        second: The other.

    Returns:
        ``int64``: a place in :data:`REASONS`, -1 where they do not.

    Example:
        >>> rows = pa.record_batch({"question": ["Dose?", "Dose?", "Dose?"], "answer": ["3 mg", "30 mg", "3 mg"]})
        >>> contradictions(claims_of(rows), np.array([0, 0]), np.array([1, 2])).tolist()
        [3, -1]
    """
    gold = known.gold[first], known.gold[second]
    differ = (
        known.numbers[first] != known.numbers[second],
        known.negations[first] != known.negations[second],
        (known.sided[first] == known.sided[second]) & (known.sides[first] != known.sides[second]),
        (gold[0] != gold[1]) & (gold[0] > 0) & (gold[1] > 0),
        _other_options(known.options[first], known.options[second]),
    )
    reason = np.full(len(first), -1, np.int64)
    for place in reversed(range(len(differ))):
        reason[differ[place] & known.asks[first] & known.asks[second]] = place
    return reason


class ClaimedRows:
    """What the rows of a data set claim: rows are read once, when they are asked for first.

    Args:
        rows: What holds the rows.
        threads: How many to read with.

    Example:
        >>> rows = pa.table({"question": ["Dose?", "Dose?"], "answer": ["3 mg", "30 mg"]})
        >>> ClaimedRows(rows, threads=1).contradictions(np.array([0]), np.array([1])).tolist()
        [3]
    """

    def __init__(self, rows: Rows, *, threads: int | None) -> None:
        self._rows, self._threads = rows, threads
        self._read, self._claims = np.zeros(0, np.int64), no_claims(0)

    def contradictions(self, first: Ints, second: Ints) -> npt.NDArray[np.int64]:
        """Return in what the rows of each pair contradict each other, see :func:`~medqa_kit.splitting.claims.contradictions`."""
        self._look_at(np.concatenate([first, second]))
        return contradictions(
            self._claims, *(np.searchsorted(self._read, rows) for rows in (first, second))
        )

    def keys(self, rows: Ints) -> npt.NDArray[np.uint64]:
        """Return one number for each of some rows; rows of other numbers, negations or gold differ in it."""
        self._look_at(rows)
        return self._claims.keys()[np.searchsorted(self._read, rows)]

    def _look_at(self, rows: Ints) -> None:
        """Read the claims of rows that were not read before."""
        new = distinct(rows)
        new = new[~np.isin(new, self._read)]
        if not len(new):
            return
        parts = [
            self._claims,
            *in_order(_claims, picked_rows(self._rows, new), threads=self._threads),
        ]
        both = np.concatenate([self._read, new])
        order = np.argsort(both, kind="stable")
        self._claims = Claims(
            *(np.concatenate(column)[order] for column in zip(*parts, strict=True))
        )
        self._read = both[order]


def _claims(batch: pa.RecordBatch) -> Claims:
    return claims_of(without_instructions(batch))


def number_keys(codes: Codes, offsets: Ints) -> npt.NDArray[np.uint64]:
    """Return a key of the numbers in each text, whatever their order; 0 where there are none.

    Example:
        >>> keys = number_keys(*letters(pa.array(["5 mg, 20 kg", "20 kg, 5 mg", "520", ""])))
        >>> bool(keys[0] == keys[1]), bool(keys[0] == keys[2]), int(keys[3])
        (True, False, 0)
        >>> khmer = number_keys(*letters(pa.array(["៥ mg, ២០ kg"])))
        >>> bool(khmer[0] == keys[0])
        True
    """
    digit = (codes >= 0x30) & (codes <= 0x39)
    places = np.flatnonzero(digit | (codes == _SEPARATOR))
    sums = np.zeros(len(offsets) - 1, np.uint64)
    if not len(places):
        return sums
    owner = np.searchsorted(offsets, places, side="right") - 1
    begin = np.ones(len(places), np.bool_)
    begin[1:] = (places[1:] != places[:-1] + 1) | (owner[1:] != owner[:-1])
    starts = np.flatnonzero(begin)
    within = places - places[starts][np.cumsum(begin) - 1]
    hashes = scattered(codes[places].astype(np.uint64) + within.astype(np.uint64) * GOLDEN)
    runs = scattered(np.add.reduceat(hashes, starts))
    owners, first = np.unique(owner[starts], return_index=True)
    sums[owners] = np.add.reduceat(runs, first)
    return sums


def _numbers(asked: pa.Array, plain: pa.Array) -> npt.NDArray[np.uint64]:
    """Return a key of the numbers and of their units, be they in digits or in words."""
    spelled, plain = (_figures(asked), _figures(plain))
    for digits, words in _NUMBER_WORDS.items():
        has = pc.match_substring_regex(plain, words)
        if pc.any(has).as_py():
            # Blanks around it: letters keep what stands between two numbers.
            changed = pc.replace_substring_regex(pc.filter(plain, has), words, f" {digits} ")
            plain = pc.replace_with_mask(plain, has, changed)
            spelled = pc.replace_with_mask(spelled, has, changed)
    named = pc.replace_substring_regex(plain, _LETTERED, r"\1\2")
    keys = number_keys(*letters(spelled)) + np.where(
        pc.equal(named, ""), np.uint64(0), hashes(named)
    )
    measured = pc.replace_substring_regex(plain, _MEASURED, r"\1|")
    for place, unit in enumerate(_UNITS, 1):
        counts = pc.count_substring_regex(measured, unit).to_numpy().astype(np.uint64)
        keys = keys + counts * scattered(np.full(1, place, np.uint64))
    return keys


def _figures(texts: pa.Array) -> pa.Array:
    """Write figures alike: without commas between thousands, with a digit before the point."""
    texts = pc.replace_substring_regex(texts, _BARE_POINT, r"\1 0.\2")
    for _ in range(2):  # "1,000,000"
        texts = pc.replace_substring_regex(texts, _GROUPED, r"\1\2")
    return texts


def _gold(batch: pa.RecordBatch) -> npt.NDArray[np.uint64]:
    names, kinds = batch.schema.names, (pa.string(), pa.large_string())
    gold = pa.nulls(batch.num_rows, pa.string())
    for name in _ANSWERS:
        if name in names and batch.schema.field(name).type in kinds:
            gold = batch[name].cast(pa.string())
            break
    gold = pc.if_else(pc.less_equal(pc.utf8_length(gold), _SHORT), gold, "")
    index = batch.schema.field("answer_index").type if "answer_index" in names else pa.null()
    if pa.types.is_integer(index):
        gold = pc.coalesce(pick(unlabelled(options(batch)), batch["answer_index"]), gold)
    texts = letters(gold)
    return np.where(texts.lengths > 0, text_keys(texts)[:, 0], np.uint64(0))


def _option_hashes(batch: pa.RecordBatch) -> npt.NDArray[np.uint32]:
    hashes = np.zeros((batch.num_rows, _MOST_OPTIONS), np.uint32)
    lists = unlabelled(options(batch))
    if list_lengths(lists).any():
        parts = flat(lists)
        keep = np.flatnonzero(parts.places < _MOST_OPTIONS)
        keys = text_keys(letters(parts.values))[:, 0] >> np.uint64(32)
        hashes[parts.parents[keep], parts.places[keep]] = keys[keep].astype(np.uint32)
    return hashes


def _other_options(
    first: npt.NDArray[np.uint32], second: npt.NDArray[np.uint32]
) -> npt.NDArray[np.bool_]:
    """Return whether fewer than half of the options of the longer list stand in the other."""
    common = ((first[:, :, None] == second[:, None, :]) & (first > 0)[:, :, None]).any(axis=2)
    counts = (first > 0).sum(axis=1), (second > 0).sum(axis=1)
    both = (counts[0] > 0) & (counts[1] > 0)
    other: npt.NDArray[np.bool_] = both & (2 * common.sum(axis=1) < np.maximum(*counts))
    return other
