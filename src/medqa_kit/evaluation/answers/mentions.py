"""Replies that name no marker: the one option whose words a sentence asserts."""

from __future__ import annotations

import re
from bisect import bisect

from medqa_kit.evaluation.answers import cues
from medqa_kit.evaluation.answers.doubts import is_doubted
from medqa_kit.evaluation.answers.option_marks import DOSE, UNIT, OptionMarks, is_marked_else
from medqa_kit.evaluation.answers.quantities import is_term
from medqa_kit.evaluation.answers.readings import Extraction
from medqa_kit.quality.reasoning import lowered

_SENTENCE = re.compile(r"[.!?។。]\s|\n")
_SENTENCE_BEGINS = re.compile(r"[.!?។。]\s|[\n;]")
_BEFORE = 200  # characters before an option's words that are looked at
# After the words of an option: the sentence is about it, and says what it is rather than that it is the answer.
_SUBJECT = re.compile(
    r"\s*+(?:은|는)(?![가-힣])|\s+(?:is|are|was|were|causes?|can|may|often|usually|commonly|typically|presents?|has|have|lacks?|fails?|(?:does|do|did|will|would|should|could)(?:\s+not|n't))\b"
    r"(?!\s+(?:the\s+)?(?:most|best|correct|likely|diagnosis|answer))|\s*+(?:គឺជា|ជា)(?!ចម្លើយ)",
    re.IGNORECASE,
)
# Behind them: the sentence says that this is it,
_IN_BRACKETS = (
    rf"(?:{DOSE})?"
    + r"[\s)\]\"'”’」』*]*+(?:[(\[][^()\[\]\n]{0,60}+[)\]]|[–—-]\s*+(?:option|choice|answer)\s+[(]?[A-Za-z][)]?(?![a-z]))?"
)
_ASSERTED = re.compile(
    _IN_BRACKETS + r"\s*+(?:"
    r"(?:이|가|을|를)?\s*+(?:모두|전부|강력히|강하게|가장|우선|먼저|제일|매우|더욱?|훨씬\s더)?\s*+(?:의심|시사|진단(?!을?\s?받)|고려|가능성|유력|적절|적합|맞|옳|정답|답)"
    r"|(?:으로|로)\s*+(?:진단(?!을?\s?받)|판단|생각|보인|보입|보여|추정|의심|사료|여겨|추론|결론|하겠|선택)|일\s*+것|이\s*+(?:맞|옳)|(?:을|를)\s+[가-힣]{1,4}(?:하는|주는|쓰는)\s+것이\s+(?:가장\s+)?(?:적절|적합|맞|옳|좋|바람직|타당)|에\s+(?:가장\s+)?(?:합당|부합)(?:하다|한다|합니다|함)|를\s+(?:먼저\s+)?해야\s+(?:합니다(?!만)|한다(?!면|고|는))"
    r"|(?:의|일)\s+가능성이?\s+(?:(?:가장|더|매우)\s+)?(?:높|크)(?!지)|(?:을|를)\s+(?:가장\s+)?(?:먼저|우선|즉시|바로)\s+(?:시행|실시|투여|처방|사용)(?:한다(?!면|고|는)|합니다(?!만)|해야\s+(?:한다|합니다)|하는\s+것이\s+(?:맞|옳|적절|좋))"
    r"|\b(?:is|seems|appears|would\s+be)\s+(?:the\s+)?(?:most|best|correct|likely|right|diagnosis|answer)|\bshould\s+be\s+suspected\b|\b(?:fits|explains)\b|\b(?:is|would\s+be)\s+expected\b)",
    re.IGNORECASE,
)
# or it ends there, which says so only where the words before it do.
_ENDED = re.compile(
    _IN_BRACKETS
    + r"(?:\s*+(?:as\s+(?:the|my|a)\s+(?:\w+\s+)?(?:next|first|initial|best)\b|(?:first|next|now|immediately|today)[.!\s]*+$|\s*+(?:ព្រោះ|ដោយសារ)|(?:because|since|due\s+to)\b|and\s+(?:re(?:check|peat|assess|evaluate)|monitor|follow|then)\b)|\s*+(?:입니다|이다|이에요|예요|임(?![가-힣]))|(?:한다|합니다|된다|됩니다)(?=[.!\s]*+$)|[\s*]*+(?:,?\s*+(?:rather\s+than|instead\s+of|and\s+not)\b|,\s*+not\b|[.!。។\s]*+$|[.!。។,]\s|\n))"
)
# A list begins with them: "Smoking, alcohol and obesity are …".
_LISTED = re.compile(
    r"\s*+,\s+(?:\w+\s+){1,4}?(?:and|or)\s[^.,;\n]{1,60}?\b(?:are|were|all|cause|do|have)\b|\s*+,\s+(?:which|who)\s[^,.;\n]{1,60},\s+(?:is|are|does|do|would|can|may|will|has|have|causes?|presents?|lacks?)\b",
    re.IGNORECASE,
)
_LEADS_TO = re.compile(
    r"(?:^|\b(?:suspect(?:ed|ing)?|likely(?:\s+(?:has|have|is|due\s+to|to\s+be|to\s+have|diagnosis(?:\s+is)?))?|probabl[ey](?:\s+(?:has|is|due\s+to))?"
    r"|(?:consistent|compatible)\s+with|suggest(?:s|ed|ing|ive\s+of)?|indicat(?:es?|ing|ive\s+of)|point(?:s|ing)?\s+(?:to|towards?)|in\s+keeping\s+with"
    r"|(?:typical|characteristic|classic|diagnostic|pathognomonic)\s+(?:of|for)|diagnos(?:is|ed|e)(?:\s+here|\s+in\s+this\s+case)?(?:\s+(?:is|of|as|with))?|this\s+is|(?:it|that)(?:\s+is|'s)|answer|choice"
    r"|due\s+to|(?:child|boy|girl|man|woman|infant|baby|newborn|neonate)\s+(?:\w+ly\s+)?has|caused\s+by(?:\s+an?)?(?:\s+(?:deficiency|excess|overgrowth|infection|mutation)\s+(?:of|with|by|in))?|patient\s+has|(?:picture|case|presentation)\s+of|but|therefore|thus|hence|so|yes|(?:i|we)\s+(?:(?:would|will)\s+)?(?:say|choose|pick|favou?r)|(?:i|we)(?:'d|'ll|\s+(?:would|will|should))\s+(?:give|administer|prescribe|perform|start|order|use|obtain|initiate|begin|request|get)"
    r"|(?:would|'d)\s+expect(?:\s+to\s+(?:see|find))?|(?:producing|causing|leading\s+to|leads\s+to|resulting\s+in|results\s+in)|\bexpected(?:\s+\w+){0,2}\s*+(?::|\sis)|will\s+have|should\s+(?:receive|undergo|get|be\s+(?:given|started\s+on|treated\s+with))|^(?:(?:first|next|then|therefore|so),?\s+)?(?:give|administer|prescribe|perform|start|order|use|obtain|initiate|begin))"
    r"|[가-힣]|[\u1780-\u17d3])\s*+[:,៖]?\s*+(?>(?:(?:an?|the|acute|primary|most|likely|probably|option)\s+)*)[\"'“(\[]*+$",
    re.IGNORECASE,
)
# Before them: what is to be done, or what is most likely, which is no answer to a question for the wrong option.
_ADVISED = re.compile(
    r"(?:\b(?:best|next|first|initial|appropriate|correct|right|recommended|preferred)\s+(?:\w+\s+){0,2}?(?:step|treatment|management|approach|action|intervention|therapy|test|drug|choice|option)"
    r"(?:\s+(?:in|for|of)\s+(?:\w+\s+){1,3}?|\s+(?:here|now)\s+|\s+)(?:is|would\s+be)(?:\s+to)?"
    r"|\bmost\s+(?:likely|probably)\s+(?:\w+\s+){1,2}?(?:is|are)|\b(?:responsible|implicated)\s+is|^the\s+(?:most\s+)?(?:likely\s+|offending\s+|causative\s+|responsible\s+)?(?:culprit|cause|agent|pathogen|organism|mechanism|drug\s+of\s+choice)(?:\s+(?:here|in\s+this\s+(?:case|patient)))?\s+is"
    r"|\bi(?:'d|\s+(?:would|will))(?:\s+(?:recommend|suggest|advise)(?:\s+to)?)?)"
    r"\s*+:?\s*+(?:(?:an?|the)\s+)?[\"'“(\[]*+$",
    re.IGNORECASE,
)
# Behind them, in a reply of one sentence: what is to be done.
_ADVISED_AFTER = re.compile(
    r"(?:을|를)\s+(?:투여|처방|사용|시행|실시|복용|선택|주사)(?:한다|합니다|하면\s+(?:된다|됩니다))[.!\s]*+$"
)
_UNIT = re.compile(rf"\s?{UNIT}(?:/(?:d?L|kg|day|m2))?(?![A-Za-z])")
_AMOUNTS_TO = re.compile(
    r"\b(?:is|equals|gives|yields)\s+(?:about\s+|approximately\s+)?$", re.IGNORECASE
)
# In a reply to a question for the option that does not hold: this is it.
_LEAST_AFTER = re.compile(
    r"\s+(?:is|are|would\s+be)\s+(?:the\s+)?(?:least\s+(?:likely|common|appropriate|consistent)|exception|odd\s+one)\b",
    re.IGNORECASE,
)
_LEAST_BEFORE = re.compile(
    r"(?:\bleast\s+\w+(?:\s+\w+){0,2}|\bexception)\s+(?:is|would\s+be)\s+(?:an?\s+|the\s+)?$|^except(?:ion)?\s*[:=]?\s+$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"(?:\s+[a-z]+)?\s+(?:is|are|does|do)(?:\s+not|n't)\b(?!\s+(?:the|only|just|true|false|correct|incorrect|wrong)\b)|\s*+(?:은|는|이|가)\s+[^.,;\n]{0,30}?(?:아니다|아닙니다|않는다|않습니다|옳지\s+않|틀리|틀린)|\s*+(?:គឺ)?មិនមែន(?:ជា)?(?!ចម្លើយ|ជម្រើស)|\s*+(?:គឺ)?(?:មិនត្រឹមត្រូវ|មិនពិត)",
    re.IGNORECASE,
)
# In the clause before them: it is not, or it is the one that is not.
_NOT = re.compile(r"\b(?:not|never|least|worst|cannot)\b|n't\b", re.IGNORECASE)
_TURN = re.compile(r"[,;:]|\b(?:but|so|therefore|thus|hence|rather|because|since)\b", re.IGNORECASE)
# Before them: they are named for another reason, be it a history, a risk or somebody else's disease.
_NAMED_ELSE = re.compile(
    r"(?:\b(?:history|risk|absence|lack|signs?|treatment|management|complications?|prevalence|suspicion|mimics?|causes?|drugs?|medications?|therapy)\s+(?:of|for)"
    r"|\b(?:known|previous|prior|past|chronic|no|without|denies|denied|treats?|treated|prevents?|despite|like|versus|vs\.?|from|than|as\s+in)"
    r"|\bleast\s+(?:\w+\s+){1,3}?(?:with|of|be|is)?)"
    r"\s*+(?:an?\s+|the\s+)?$"
    r"|\b(?:mother|father|parents?|brother|sister|siblings?|son|daughter|wife|husband|uncle|aunt|cousin|grand\w+|relatives?|contacts?|friend|roommate|neighbou?r|family)\b"
    r"|어머니|아버지|부모|형제|자매|누나|오빠|동생|가족|할머니|할아버지|남편|아내|배우자|위험\s?[인요][자소]|합병증|동반|감별|과거|병력|기저|년\s*+전|개월\s*+전"
    r"|ឪពុក|ម្តាយ|ប្អូន|បងប្រុស|បងស្រី|គ្រួសារ|ប្រវត្តិ|គ្មាន|មិនមាន|មិនទំនង|កត្តាហានិភ័យ|ផលវិបាក",
    re.IGNORECASE,
)


def mentioned_option(
    text: str, start: int, marks: OptionMarks, *, wrong: bool = False
) -> Extraction:
    """Read the one option whose words a single sentence asserts, or that alone is not denied.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The words of the options.
        wrong: Whether the question asks for the option that does not hold.

    Example:
        >>> marks = OptionMarks(2, ["Angina", "Asthma"], ())
        >>> mentioned_option("I suspect asthma.", 0, marks).index
        1
        >>> mentioned_option("His father has asthma.", 0, marks).reason
        'nothing'
    """
    small = lowered(text)
    mentioned: dict[str, tuple[int, int]] = {}
    missing: dict[str, tuple[int, int]] = {}  # said not to hold, which was asked for
    denied = asserted = False
    for option, _ in marks.texts:  # the longest first: it covers shorter ones
        if len(option) < 2 or option in mentioned:
            continue
        for begin, end in marks.places(small, option, start):
            if is_term(text, begin, end) or marks.is_narrowed(text, option, begin):
                continue
            if wrong and _DENIED_AFTER.match(text, end):
                missing[option] = (begin, end)
            if is_doubted(text, begin, begin, end, end):
                denied = True
            elif is_marked_else(text, end, [i for o, i in marks.texts if o == option], marks):
                return Extraction(None, "conflict", (begin, end))
            elif not _SUBJECT.match(text, end) or (wrong and _LEAST_AFTER.match(text, end)):
                mentioned[option] = (begin, end)
                asserted = _is_asserted(text, start, begin, end, wrong=wrong)
                break
        small = small.replace(option, "\0" * len(option))
    if (
        len(missing) == 1
        and len(lacking := [i for option, i in marks.texts if option in missing]) == 1
    ):
        return Extraction(lacking[0], "option text", next(iter(missing.values())))
    indexes = [i for option, i in marks.texts if option in mentioned]
    if len(indexes) > 1:
        return Extraction(None, "several")
    if not indexes or not asserted or (_SENTENCE.search(text, start) and not denied):
        return Extraction(None, "nothing")
    return Extraction(indexes[0], "option text", next(iter(mentioned.values())))


def _is_asserted(text: str, start: int, begin: int, end: int, *, wrong: bool) -> bool:
    """Check whether the sentence around an option's words says that this is it."""
    before = text[max(start, begin - _BEFORE) : begin]
    borders = [border.end() for border in _SENTENCE_BEGINS.finditer(before)]
    before = before[borders[-1] if borders else 0 :].lstrip()
    if wrong and (
        _LEAST_AFTER.match(text, end) or (_LEAST_BEFORE.search(before) and _ENDED.match(text, end))
    ):
        return True
    if _NAMED_ELSE.search(before):
        return False
    if text[begin].isdecimal() and (unit := _UNIT.match(text, end)):
        end = unit.end()
    if _ASSERTED.match(text, end) or (not wrong and _ADVISED_AFTER.match(text, end)):
        return True
    if not before and _LISTED.match(text, end):
        return False
    if not _ENDED.match(text, end) or _NOT.search(_TURN.split(before)[-1]):
        return False
    if text[begin].isdecimal() and _AMOUNTS_TO.search(before):
        return True
    return bool(_LEADS_TO.search(before) or (not wrong and _ADVISED.search(before)))


class ObjectWords:
    """The words of options in a JSON reply, each beside the letter of the same object.

    Args:
        text: The folded reply.
        start: Where the object begins.
        marks: The markers and words of the options.
    """

    def __init__(self, text: str, start: int, marks: OptionMarks) -> None:
        self._braces = [brace.start() for brace in re.compile("[{}]").finditer(text, start)]
        self._options: dict[int, set[int]] = {}
        for key in cues.SAID_TEXT.finditer(text, start):
            words = marks.text_at(text, key.end())
            if words and text[words[1] : words[1] + 1] in ('"', "'"):
                place = bisect(self._braces, key.start())
                self._options[place] = self._options.get(place, set(words[0])) & set(words[0])

    def contradict(self, place: int, index: int | None) -> bool:
        """Check whether words beside a place name another option than its letter."""
        options = self._options.get(bisect(self._braces, place))
        return options is not None and index not in options
