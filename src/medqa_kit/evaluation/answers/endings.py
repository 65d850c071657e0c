"""Replies whose last sentence ends in the only marker it has: "By elimination, C.", "My best guess: C"."""

from __future__ import annotations

import re

from medqa_kit.evaluation.answers import cues
from medqa_kit.evaluation.answers.option_marks import OptionMarks
from medqa_kit.evaluation.answers.readings import Extraction
from medqa_kit.quality.reasoning import lowered

_LINE = re.compile(r"[^\n]+")
_SENTENCE_ENDS = re.compile(
    r"(?<!\bi\.e)(?<!\be\.g)(?<!\bvs)[.!?。។]\s+|;\s+|,?\s+\b(?:but|however,)\s", re.IGNORECASE
)
_ENDS = re.compile(cues.CLOSING_MARKS + r"번?\s*+(?:입니다|이다|이에요|예요|임)?\s*+[.!。។]*+\s*+$")
_ARTICLE = re.compile(r"\s[a-z]")  # "A patient"
# Before the marker: what leads to it.
_LEADS = re.compile(
    r"(?:\b(?:is|it's|be|(?:points?|pointing|leads?(?:\s\w+)?|narrows?(?:\s\w+){0,3}\sdown|narrowed(?:\s\w+){0,3}\sdown|comes?\sdown|amounts?|corresponds?|lean(?:s|ing)?)\s+(?:to|towards?|with)|consistent\swith|therefore|so|thus|hence|only|(?:\bi|\bwe|i'd|i'll|would|let's|should)\s(?:\w+\s)?(?:say|choose|pick|take|prefer|favou?r)|supports?|indicates?|suggests?|implies|imply|means)|i\.e\.,?|namely|corresponding\s+to|[=∴→⇒–—]|\s-"
    r"|(?:므로|니까|때문에|(?:해|하여|어)서|결과|결론은|따라서|것은\s[^.\n]{1,60}[가-힣])|(?:គឺជា|គឺ|៖|ដូច្នេះ|យក))\s*+,?\s*+(?:the\s+)?(?:(?:option|choice|letter|answer)\s+)?[(\[\"'“]*+$",
    re.IGNORECASE,
)
# What a colon or a comma has to follow: words of an answer, or a sentence.
_NAMED = re.compile(
    r"(?:\b(?:answer|choice|option|letter|pick|guess|fit|bet|diagnosis|treatment|management|drug|therapy|step|conclusion|result|verdict|decision|selection|prediction|response|truth|final(?:ly)?|contraindicated|therefore|thus|hence|so|summary)\b[^:\n]{0,40}"
    r"|(?:\S+\s+){4}\S[^:\n]{0,160}):\s*+[(\[\"'“]*+$"
    r"|\b(?:elimination|exclusion|therefore|thus|hence|so|conclusion|summary|short|overall|ultimately|finally|reasoning|(?:this|these)\s\w+),\s*+[(\[\"'“]*+$",
    re.IGNORECASE,
)
_NUMBER_LEADS = re.compile(r"(?:option|choice|answer)\s[(\[]*+$", re.IGNORECASE)
# Anywhere in that sentence: it says something else, of somebody else, or on a condition.
_OTHERWISE = re.compile(
    r"[?]|\b(?:not|no|nor|never|neither|cannot|\w+n't|wrong|incorrect|false|exclud\w*|rul(?:e|es|ed|ing)\s+out|eliminat(?:e|es|ed|ing)|discard\w*|dismiss\w*|reject\w*|except\w*|least|worst|weak\w*|unlikely|less|lowest"
    r"|distractors?|traps?|mistakes?|errors?|second|alternative\w*|runner|confidence|difficulty|grade|stage|class|type|group|category|score|level|part|section|question|figure|table|appendix|item|example|sample|format|form|line|style|e\.g"
    r"|if|unless|whether|when|might|may|could|would\s+have|were|suppose\w*|assum\w*|students?|people|many|others?|some|they|he|she|user|you|your|said|says|claims?|previous\w*|initial\w*|originally|first|tempting|versus|vs|compared|similar|close|unlike|than|between|or|from|next|vitamins?|hepatitis|influenza|factor|protein|blood|names?|patient's"
    r"|hard|difficult|undecided|hesitat\w*|regards|options|list|explanation|rationale|there|used|old|earlier|past|friends?|classmates?|peers?|teachers?|colleagues?|professor|doctor|everyone|someone|thinks|believes|picked|answered|wrote|unclear|unsure|refus\w*|proceed\w*|go|going|get|on|another|possib\w+|plausib\w+|candidate|common\w*|popular|usual\w*|frequent\w*|danger\w*|harm\w*|expensive|invasive|rare\w*|toxic|longest|shortest|hint|note|topic|subject|status|field|title|code|id|page|room|bed|ward|unit|dose|begin\w*|start\w*|let|look\w*|consider\w*|move|turn\w*|examin\w*|review\w*|refer\w*|see|add|due|discuss\w*|mention\w*|progress\w*|related|key|rating|scale|schedule|priority|version|reply|respond|true|confus\w*|mimic\w*|given|instead|rather|exception|odd)\b"
    r"|\bsteps?\s?[0-9]|\bin\s[^.]{1,40}\bwould\b|^\s*(?:for|in)\s(?:an?|adults?|children|patients|those|men|women|infants?|pregnan\w+)\b|\bq\s?[0-9]*\s*:|[\"']\s*+:|문제|질문|문항|아니|않|틀|오답|제외|헷갈|면\s|면,|다면|라면|경우|처음|함정|매력|난이도|확신도|등급|수준|단계|비타민|간염|형식|예시|보다|아닌|해설|ខុស|មិន|បើ|ឬ|ទេ|ច្រឡំ|ប្រហែល|ដំបូង|ចាស់|មុន|សិស្ស|គេ|ទី\s?[0-9]|សំណួរ|វីតាមីន|ក្រុម",
    re.IGNORECASE,
)
_FAREWELLS = 600  # characters at the end, where one stands
_LONGEST = 240  # characters of that sentence


# A last paragraph that takes leave: an offer, a wish, a word of caution.
_FAREWELL = re.compile(
    r"(?<=\S)[^\S\n]*+\n[^\S\n]*+\n\s*+(?P<words>[^\n]{0,40}?(?:\blet\sme\sknow\b|\bfeel\sfree\b|\bhope\s(?:this|that|it)\b|\bhappy\sto\b|\b(?:if|should)\syou\s(?:have|need|want|would|'d)\b|\b(?:would|do)\syou\s(?:like|want|need)\b|\bdisclaimer\b"
    r"|\bmedical\sadvice\b|\bconsult\b|궁금|질문이?\s있|문의|말씀해|도움이\s(?:되|필요)|의학적\s조언|의료\s조언|전문의와|의사와|상담|សំណួរបន្ថែម|អាចសួរ|ជួយអ្វី)[^\n]*+)\s*+$",
    re.IGNORECASE,
)


def without_farewell(text: str, start: int, marks: OptionMarks) -> str:
    r"""Leave out a last paragraph that takes leave and names no option.

    Example:
        >>> without_farewell("B\n\nLet me know if you have questions!", 0, OptionMarks(5, (), ()))
        'B'
    """
    farewell = _FAREWELL.search(text, max(start, len(text) - _FAREWELLS))
    if farewell is None:
        return text
    named = [
        marks.index(marker) for marker in marks.marker.finditer(text, *farewell.span("words"))
        if marker.lastgroup != "lower" and not text[marker.start() - 1].isalnum()
    ]  # fmt: skip
    words = lowered(farewell["words"])
    if any(index is not None for index in named) or any(
        option in words for option, _ in marks.texts
    ):
        return text
    return text[: farewell.start()]


def final_marker(text: str, start: int, marks: OptionMarks) -> Extraction | None:
    """Read the marker that the last sentence leads to, if it names no other and says nothing against it.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The markers of the options.

    Example:
        >>> marks = OptionMarks(5, (), ())
        >>> final_marker("Tearing pain. By elimination, C.", 0, marks).index
        2
        >>> final_marker("The distractor: C", 0, marks) is final_marker("Not C", 0, marks) is None
        True
    """
    *_, line = _LINE.finditer(text, start)
    borders = [end.end() for end in _SENTENCE_ENDS.finditer(text, line.start(), line.end())]
    begin = next(
        (place for place in reversed(borders) if text[place : line.end()].strip()), line.start()
    )
    if line.end() - begin > _LONGEST:
        return None
    named = [
        marker for marker in marks.marker.finditer(text, begin, line.end())
        if not (marker.group() in ("A", "I") and _ARTICLE.match(text, marker.end()))
        and not text[marker.start() - 1 : marker.start()].isalnum()
        and marker.lastgroup not in ("lower", "digit")
        and not cues.NAME_BEFORE.search(text, max(begin, marker.start() - 16), marker.start())
    ]  # fmt: skip
    marker = named[-1] if named else None
    if marker is None or not _ENDS.match(text, marker.end()):
        marker = _numbered(text, begin, line.end(), marks)
    if marker is None or any(
        marks.index(name) not in (None, marks.index(marker)) for name in named
    ):
        return None
    before, index = text[begin : marker.start()], marks.index(marker)
    words = lowered(before)
    if any(i != index and len(option) > 2 and option in words for option, i in marks.texts):
        return None  # "Croup - option B", of another option's words
    if (
        index is None
        or not (_LEADS.search(before) or _NAMED.search(before))
        or _OTHERWISE.search(before)
    ):
        return None
    return Extraction(index, "statement", marker.span())


def _numbered(text: str, begin: int, end: int, marks: OptionMarks) -> re.Match[str] | None:
    """Return the number at the end that is said to be an option's: "option 4", "3번"."""
    last = None
    for marker in marks.marker.finditer(text, begin, end):
        last = marker if marker.lastgroup == "digit" else None
    if last is None or not _ENDS.match(text, last.end()):
        return None
    numbered = text.startswith("번", last.end()) or _NUMBER_LEADS.search(text[begin : last.start()])
    return last if numbered else None
