"""Checks of single texts: missing, cut off, repeated or broken text, and text that no model should learn."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.byte_scans import byte_block, pattern_mask, places_of_bytes
from medqa_kit.core.arrow.columns import truths
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.quality.fixes import needing_fix
from medqa_kit.validation.model_talk import MODEL_TALK, STALE
from medqa_kit.validation.mojibake import MOJIBAKE, PLAIN_MOJIBAKE
from medqa_kit.validation.repetition import repeating
from medqa_kit.validation.stray_signs import ODD_BLANK, STRAY_SIGN, look_alikes
from medqa_kit.validation.superseded import superseded_advice

Severity = Literal["error", "warning", "note"]
"""``error``: the row should not train. ``warning``: look at it. ``note``: worth knowing."""


Among = Literal["all", "odd", "khmer", "long", "asking"]

# Letters, signs and figures that are in order by themselves; brackets that templates are made of are not.
_ODD = (
    rf"{PLAIN_MOJIBAKE}|%s|%\(|__[A-Z]|&[#a-zA-Z]|\\[nu'\"]|\d[OoIl]|\b[OlI][.,]?\d|\d ?(?:rn|nng|mcq)|"
    r"[^\t\n\r -;=-Z\\-z|}~\x{B0}\x{B1}\x{B5}\x{B7}\x{1780}-\x{17DC}\x{17DE}-\x{17FF}\x{2010}-\x{2027}"
    r"\x{3001}-\x{3011}\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}]|[\x{4E00}-\x{9FFF}][가-힣]{1,3}[\x{4E00}-\x{9FFF}]"
)
SAYS_OPTIONS = r"(?i:정답|모범 ?답안|\banswer|\bcorrect option|ចម្លើយ)|①|(?:^|[\s(])[1Aa][.)] ?\S"
"""Finds the questions that may say their answer, or list their options."""
_MOVABLE = (
    # What stands in the wrong place where Khmer is out of order, and vowels in two signs.
    # Then signs that may lack their letter, and deprecated ones.
    r"[\x{17C9}\x{17CA}\x{17D2}]|\x{17C1}[\x{17B6}\x{17B8}]|[\x{17C6}-\x{17C8}][\x{17B6}-\x{17C5}]"
    r"|[\x{17A3}\x{17A4}\x{17B4}\x{17B5}\x{17D3}\x{17D8}]|(?:^|[\s\pP])[\x{17B6}-\x{17C8}]|[\x{17B6}-\x{17C5}]{2}"
)
_KHMER_SIGNS = (
    r"[\x{17A3}\x{17A4}\x{17B4}\x{17B5}\x{17D3}\x{17D8}]|\x{17D2}(?:[^\x{1780}-\x{17B3}]|$)|(?:^|[\s\pP])[\x{17B6}-\x{17C8}\x{17D2}]"
    r"|([\x{17B6}-\x{17C0}\x{17C2}-\x{17C5}][\x{17B6}-\x{17C5}])|\x{17C1}[\x{17B7}\x{17B9}-\x{17C5}]"
)
# What pages and programs write, and no text: tags, entities, and line breaks and letters as escapes. After "\n" stands
# no small Latin letter, since "\neq" and "\nu" are mathematics.
_MARKUP = (
    r"(?i:</?(?:br|p|div|span|b|i|u|em|strong|ul|ol|li|table|tbody|thead|tr|td|th|a|img|font|h[1-6]|hr|center|script|style)(?:\s[^<>]{0,300})?/?>)|<!--"
    r"|&(?:#\d{2,6}|#[xX][0-9A-Fa-f]{2,6}|nbsp|lt|gt|amp|quot|apos|deg|micro|plusmn|times|divide|middot|hellip|[nm]dash|[lr][sd]quo|bull|[lg]e|ne|alpha|beta|gamma|delta|mu|eacute);"
    r"|\\n(?:[^a-z]|$)|\\u[0-9A-Fa-f]{4}|\\['\"]"
)
# Letters for digits, or units that were misread, as of scanned pages; what may be a litre or a gas is none.
_MISREAD = (
    r"\d[OoIl]{1,2}\d*[.,]?\d* ?(?:mg|mL|ml|mcg|µg|kg|g|mEq|IU|units?|mmHg|hours?|days?)\b|\b[lI]\d+(?:[.,]\d+)? ?(?:mg|mL|ml|mcg|µg|kg|g|mEq|IU|units?|mmHg)\b"
    r"|\b[OlI][.,]\d+ ?(?:mg|mL|ml|mcg|µg|kg|g|%)|\d ?(?:rng|rnL|rnl|rnm|rnEq|nng|mcq)\b"
)
# What begins another turn, or comes from the text that models are asked with.
_TURN = (
    r"(?i)(?:^|\n)\s*(?:#{2,4} ?(?:instruction|response|input|human|assistant|user)s?\b\s*:?|(?:human|user|assistant|chatgpt|gpt-?\d?|사용자|어시스턴트|챗봇)\s?[:：])"
    r"|\[/?INST\]|</?(?:user|assistant|human)>"
)
_LOOSE_JAMO = r"[ㄱ-ㅎ][ㅏ-ㅣ]|[가-힣][ㄱ-ㅎ][가-힣]|[\x{FFA1}-\x{FFDC}]"
_KHMER_BYTE = 0xE1  # of UTF-8, where signs of Khmer begin
_LONG = 30


class CheckedTexts:
    """Texts to be checked, with those that some faults alone can be in: looked for once, for all checks.

    Args:
        texts: ``large_string[n]``.
        asks: Whether they are questions, which are also looked at for answers and lists of options.
    """

    def __init__(self, texts: pa.Array, *, asks: bool = False) -> None:
        self.texts = texts
        self._asks = asks
        self.lengths = np.asarray(pc.fill_null(pc.utf8_length(texts), -1).to_numpy(), np.int64)
        self._places: dict[Among, Ints] = {}
        self._taken: dict[Among, pa.Array] = {}

    def places(self, check: TextCheck) -> Ints:
        """Return the places of the texts with the fault of a check."""
        if check.among == "all":
            return check.places(self.texts)
        at = self.among(check.among)
        return at[check.places(self._taken[check.among])] if len(at) else at

    def among(self, among: Among) -> Ints:
        """Return the places of the texts among which such checks look for their faults."""
        if among not in self._places:
            places = self._places[among] = self._among(among)
            self._taken[among] = self.texts.take(pa.array(places))
        return self._places[among]

    def _among(self, among: Among) -> Ints:
        if among == "long":
            return np.flatnonzero(self.lengths > _LONG)
        if among == "odd" and self._asks:  # one look at all questions, for two kinds
            at = self.among("asking")
            return at[pattern_mask(self._taken["asking"], _ODD)]
        if among != "khmer":
            gate = f"{_ODD}|{SAYS_OPTIONS}" if among == "asking" else _ODD
            return np.flatnonzero(pattern_mask(self.texts, gate))
        bounds, letters = byte_block(self.texts)
        khmer = np.searchsorted(places_of_bytes(letters, bytes([_KHMER_BYTE])), bounds)
        at = np.flatnonzero(khmer[1:] > khmer[:-1])
        return at[_matching(_MOVABLE)(self.texts.take(pa.array(at)))]


class TextCheck(NamedTuple):
    """A check of texts.

    Attributes:
        severity: How bad it is.
        meaning: What a finding means, in a sentence.
        places: Returns the places of the texts with the fault.
        answers_only: Whether it is for answers, rationales and what the assistant says.
        among: The texts that can have the fault, see :class:`CheckedTexts`.
        also_in_answers: Returns further places, among answers, rationales and what the assistant says:
            a question may end where they may not.
    """

    severity: Severity
    meaning: str
    places: Callable[[pa.Array], Ints]
    answers_only: bool = False
    among: Among = "all"
    also_in_answers: Callable[[pa.Array], Ints] | None = None


_PLACEHOLDER = (
    r"(?i)^[\[<({]\s?(?:insert|enter) .{1,40}[\])>]$|"
    r"^[\[<({]\s?(?:translation|translated text|question|answer|rationale|explanation|paraphrase|summary|text|번역(?:문|본)?|질문|답변|정답|해설|텍스트|요약(?:문)?|"
    r"(?:ការ)?បកប្រែ|សំណួរ|ចម្លើយ)\s?[\])>}]$|"
    r"^#(?:REF|VALUE|N/A|NAME\?|DIV/0|NULL|NUM)!?$|^\\N$|^[\[<](?:missing|redacted|empty|removed|deleted)[\]>]$|^(?:see above|ditto|상동|위와 같음|테스트|asdf\w*|ㅁㄴㅇㄹ|(?:sample|dummy|test) text)\.?$|"
    r"^[\s\[({<#]*(?:n[/.]?a|nan|none|null|nil|undefined|empty|blank|todo|fixme|tbd|tba|to be (?:determined|added|announced|filled)|not (?:available|applicable|provided)|"
    r"xxx+|lorem ipsum.*|placeholder|your (?:name|answer|text)(?: here)?|(?:answer|text|question|explanation)(?: goes)? here|(?:insert|enter|type|write) .{1,30} here|"
    r"(?:option|choice|선택지|보기|ជម្រើស)\s?(?:\d|[a-e]|[①-⑤])|pending|see (?:the )?(?:answer key|attach(?:ed|ment)(?: file)?|below)|no (?:answer|data|explanation|information|response|translation|content|text)(?: (?:provided|given|available))?|unknown|"
    r"(?:내용|해당|정보|해설|답변|정답|답|설명|자료|데이터|값)? ?(?:사항)? ?없음|미정|미작성|(?:(?:답변|번역|내용) ?)?준비 ?중(?:입니다)?|សូម(?:បញ្ចូល|សរសេរ)(?:ចម្លើយ|សំណួរ|អត្ថបទ)?|(?:작성|입력|추가) ?(?:예정|필요|요망|중)|추후 ?(?:작성|입력|추가|제공|업데이트|보완|등록|안내)(?: ?예정)?|(?:업데이트|보완|등록|검토|번역) ?(?:예정|필요|중)(?:입니다|임)?|(?:여기에 ?)?(?:답|내용|답변)?(?:을|를)? ?입력(?:하세요|해 ?주세요)?|ㅇㅇ+|"
    r"គ្មាន(?:ទិន្នន័យ|ចម្លើយ|ព័ត៌មាន)?|មិន(?:ទាន់)?មាន(?:ទិន្នន័យ|ចម្លើយ|ព័ត៌មាន)?|[-–—_.…?*#]+)[\s\])}>.]*$"
)
# Among options these are answers: nothing helps, nobody knows.
_NOTHING = (
    r"(?i)^[\s\[({<]*(?:none|nil|na|empty|undefined|not applicable|no (?:answer|data|information|response)|unknown|"
    r"(?:내용|해당|정보|자료)? ?(?:사항)? ?없음|미정|គ្មាន|មិនមាន)[\s\])}>.]*$"
)
_TEMPLATE = (
    r"\{\{.{1,60}\}\}|\{%.{1,60}%\}|<\|?(?:placeholder|mask)\|?>|<<[A-Za-z_]{2,30}>>|\$\{[A-Za-z_]\w{2,40}\}|"
    r"(?:^|[\s(\[\"':,])\{(?:[A-Za-z가-힣\x{1780}-\x{17D2}][A-Za-z_가-힣\x{1780}-\x{17D2} ]{2,30}|[가-힣]{2}|[0-9]|:[.\d]*[dfs])\}|"
    r"\[(?i:insert|enter|your)\b[^\]]{0,40}\]|<(?:INSERT|ENTER|YOUR)\b[^>]{0,40}>|"
    r"[\[<](?i:(?:patient|doctor|drug|hospital|disease|full|first|last)?(?:'s)?[ _]?(?:name|age|date|dose))[\]>]|[\[<](?:NAME|DRUG|PATIENT|AGE|DATE)[\]>]|"
    r"[\[<](?:환자 ?)?(?:이름|성명|환자명|나이|날짜|병원 ?(?:명|이름)|약물 ?(?:명|이름)|질환 ?(?:명|이름)|약 ?이름)[\]>]|\[(?:ឈ្មោះ|អាយុ|កាលបរិច្ឆេទ)[^\]]{0,20}\]|"
    r"(?:^|\s)%s(?:\s|$)|%\([a-z_]+\)s|__[A-Z]{2,20}__"
)
_NO_TEXT = r"^(?:[\s\pZ\p{Cf}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]|&nbsp;|<br ?/?>)*$"
# First bytes of what the pattern takes: no letter or sign of ASCII but these, no sign from U+4000 to U+DFFF.
_BEGINS_NO_TEXT = ~np.isin(
    np.arange(256), [*(set(range(0x21, 0x7F)) - set(b"&<")), *range(0xE4, 0xEE)]
)
_CUT = ("…", "...", "···")
# Second last bytes of dots, and of white space beyond ASCII: U+0085, U+00A0, U+1680, U+2000 and its kin, U+3000.
_BEFORE_LAST = np.isin(np.arange(256), [ord("."), 0x80, 0x81, 0x9A, 0xC2])
_FEWEST_BEFORE_DOTS = 40
_CUT_LENGTHS = pa.array(
    [255, 256, 500, 512, 1000, 1023, 1024, 1500, 2000, 2047, 2048, 4095, 4096], pa.int64()
)
_ENDS_A_TEXT = r"[.!?。។៕)\]}>\"'”’」』:;…다요음임함됨\d%]\s*$"


_UNFINISHED = (
    # Words that end no sentence.
    r"(?i)(?:.{24}\b(?:the|an|and|or|of|to|with|because|for|is|are|was|were|that|which|than|from|into|but|if|by|as|has|have|been|should|may|can|will|after|before|during|between|without|within|under|whose|whether|although|when|while|where|including|such as|due to|per|every),?"
    r"|.{8}(?:그리고|또한|그러나|하지만|따라서|및|또는|에게는?|에서는?|그 ?이유는|하기 ?위해(?:서는?)?|때문에|으로써|하므로|되며|이며|하며|하고|지만|므로|인데|경우에는|가능성이|다음과 같은|하는|되는|있는|없는|을|를)"
    r"|(?:^|.{4})(?:정답|이유|원인|진단|진단명|치료)(?:은|는)|.{12}(?:និង|ឬ|ប៉ុន្តែ|ដោយសារ|ដែល|ពីព្រោះ|ដើម្បី|[^ម]ត្រូវ|នៃ|ក្នុង))\s*$"
    # A sentence that has ended, then five words or more of one that has not.
    r"|[a-z)][.!?] (?:[^\s.!?:;\n]+ ){4,40}[^\s.!?:;\n]*[a-z,]$"
    # In Korean, where the last sentence may end in a noun: one that ends in half of an ending, or in what goes on.
    r"|[다요오]\. (?:[^\s.!?:;\n]+ ){1,40}[^\s.!?:;\n]*(?:[겠었았였했됐갔왔됩랍쉽습]|[있없같]습|[가-힣][니하되드쉬]|[해하쉬드보오]십|[가-힣]십시|[하되이시지]고|[하되지나이으]면|[가-힣]히|[하되시]기|[가-힣](?:도록|거나|려고|면서)|[이가] [있없]"
    r"|에|에서|으로|까지|부터|보다|처럼|위해|통해|따라|대한|위한|인한|의한|관한|[가-힣][은는])\s*$"
    # In Khmer a sentence that has ended, then one that has not.
    r"|[^។\n]{18}។ ?[^។៕?!.:៖\n]{18,200}[\x{1780}-\x{17D2}]\s*$"
)
_FINISHED = r"\b(?:regards|thanks|you|luck|helps)\s*$"


def _matching(pattern: str) -> Callable[[pa.Array], Ints]:
    return lambda texts: np.flatnonzero(pattern_mask(texts, pattern))


def _blank(texts: pa.Array) -> Ints:
    bounds, letters = byte_block(texts)
    at = np.flatnonzero(bounds[1:] == bounds[:-1])
    if len(letters):
        begins = _BEGINS_NO_TEXT[letters[np.minimum(bounds[:-1], len(letters) - 1)]]
        at = np.flatnonzero(begins | (bounds[1:] == bounds[:-1]))
    return at[_matching(_NO_TEXT)(texts.take(pa.array(at)))]


def _cut(texts: pa.Array) -> Ints:
    """Find texts that end in dots, or at a length where programs cut, in the middle of a sentence."""
    bounds, letters = byte_block(texts)
    sizes = np.diff(bounds)
    long = np.flatnonzero(sizes >= _CUT_LENGTHS[0].as_py())
    lengths = pc.utf8_length(texts.take(pa.array(long)))
    round_length = long[truths(pc.is_in(lengths, value_set=_CUT_LENGTHS))]
    ended = _matching(_ENDS_A_TEXT)(texts.take(pa.array(round_length)))
    open_end = np.delete(round_length, ended)
    at = np.flatnonzero(sizes > _FEWEST_BEFORE_DOTS)
    at = at[_may_end_in_dots(letters, bounds[1:][at])]
    ends = texts.take(pa.array(at))
    bare = pc.utf8_rtrim_whitespace(ends)
    dots = reduce(pc.or_, [pc.ends_with(bare, mark) for mark in _CUT])
    dotted = at[truths(pc.and_(dots, pc.greater(pc.utf8_length(ends), _FEWEST_BEFORE_DOTS)))]
    return np.union1d(open_end, dotted)


def _may_end_in_dots(letters: npt.NDArray[np.uint8], ends: npt.NDArray[np.integer]) -> Mask:
    """Mark the texts of which the last two bytes may be those of dots, or of white space behind them."""
    last, before = letters[ends - 1], letters[ends - 2]
    mask: Mask = (last <= ord(" ")) | _BEFORE_LAST[before]
    return mask


def _unfinished(texts: pa.Array) -> Ints:
    """Find texts of which the last words want others behind them, or end without the mark all sentences before have."""
    at = _matching(_UNFINISHED)(texts)
    ended = _matching(_FINISHED)(texts.take(pa.array(at)))
    return np.delete(at, ended)


def says_nothing(texts: pa.Array) -> Mask:
    """Check which texts say that there is nothing, which is a placeholder or, among options, an answer.

    Example:
        >>> says_nothing(pa.array(["None", "TODO"])).tolist()
        [True, False]
    """
    return pattern_mask(texts, _NOTHING)


TEXT_CHECKS: dict[str, TextCheck] = {
    "text_blank": TextCheck("error", "a text is empty, or holds nothing that shows", _blank),
    "placeholder": TextCheck("error", "a text stands for one that is missing, such as N/A", _matching(_PLACEHOLDER)),
    "template_left": TextCheck("error", "a place of a template was not filled in", _matching(_TEMPLATE), among="odd"),
    "mojibake": TextCheck("error", "a text was read in the wrong encoding", _matching(MOJIBAKE), among="odd"),
    "markup_left": TextCheck("note", "tags or entities of a page, or escapes such as \\n, stand in a text", _matching(_MARKUP), among="odd"),
    "refusal": TextCheck("warning", "a model refuses, or speaks of itself", _matching(MODEL_TALK), answers_only=True),
    "turn_left": TextCheck("warning", "an answer goes on with another turn, or begins with the mark of one", _matching(_TURN), answers_only=True),
    "misread_figure": TextCheck("warning", "a figure holds letters, or its unit was misread, as of a scanned page", _matching(_MISREAD), among="odd"),
    "stale": TextCheck("warning", "a text speaks of the day a model's knowledge ends", _matching(STALE), answers_only=True),
    "superseded": TextCheck("warning", "first aid that guidelines of today warn of", superseded_advice, answers_only=True),
    "truncated": TextCheck("warning", "a text ends in the middle of a sentence", _cut, also_in_answers=_unfinished),
    "repetition": TextCheck("warning", "a text says the same again and again", repeating, among="long"),
    "not_nfc": TextCheck("note", "letters are decomposed; mk.FixText mends that", lambda texts: needing_fix(texts, "nfc"), among="odd"),
    "zero_width": TextCheck("note", "characters without width; mk.FixText takes them out",
                            lambda texts: needing_fix(texts, "zero_width"), among="odd"),
    "odd_blank": TextCheck("note", "blanks other than the plain one; mk.FixText mends that", _matching(ODD_BLANK), among="odd"),
    "stray_sign": TextCheck("warning", "control characters, or signs that each font shows otherwise", _matching(STRAY_SIGN), among="odd"),
    "look_alike": TextCheck("warning", "Cyrillic or Greek letters stand for Latin ones that look the same", look_alikes, among="odd"),
    "full_width": TextCheck("note", "full-width letters or digits; mk.FixText mends that", lambda texts: needing_fix(texts, "width"), among="odd"),
    "coeng_order": TextCheck("warning", "Khmer signs stand in another order than the standard's; mk.FixText mends that",
                             lambda texts: needing_fix(texts, "coeng"), among="khmer"),
    "khmer_signs": TextCheck("warning", "a Khmer sign is deprecated, or has no letter to stand on", _matching(_KHMER_SIGNS), among="khmer"),
    "loose_jamo": TextCheck("note", "Hangul letters stand apart where a syllable belongs", _matching(_LOOSE_JAMO), among="odd"),
}  # fmt: skip
"""The checks of single texts, by code."""
