"""Instructions for a dose in words: when and how it is taken, and how much of a tablet.

The figures of such texts are equal. A text may say several things of a topic; another one is told where each text says
one that the other does not, so what a summary leaves out and what a translation adds is no change.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import Mask
from medqa_kit.quality.numbers.plain_form import pairs_with
from medqa_kit.quality.numbers.words import ENGLISH_MONTHS, KHMER_MONTHS

_OF_IT = r"(?:(?:the|a|an|each|every|any|your|his|her|their|my|main|having|eating) )*"
_SPAN = r"(?:약 ?)?(?:\d[\d.,~∼–-]*|한|두|세|네|반) ?(?:분|시간|일|주|개월)[가-힣]{0,2} ?(?:이상 |이내 |정도 |쯤 )?"
_ENDS = r"(?:에|까지|의|후|마다|으?로|부터|[ ,.)/]|$)"
# Of each event the words of English, Korean and Khmer.
_EVENTS = {
    "meal": (
        r"(?:meals?|foods?|eating|breakfast|lunch|dinner|supper|feeds?|feeding)",
        r"(?:식사|아침|점심|저녁|밥|음식)",
        r"(?:ញ៉ាំ|បរិភោគ|ទទួលទាន|ហូប|ពិសា)?(?:អាហារ|បាយ|ញ៉ាំ)",
    ),
    "operation": (r"(?:surgery|operations?|surgical procedures?)", "수술", "(?:ការ)?វះកាត់"),
    "procedure": ("procedures?", "(?:시술|처치)", "នីតិវិធី"),
    "exercise": ("(?:exercise|exercising|workouts?)", "운동", "(?:ការ)?ហាត់ប្រាណ"),
    "admission": ("(?:admission|hospitalization)", "입원", "ចូលមន្ទីរពេទ្យ"),
    "discharge": ("discharge", "퇴원", "ចេញពីមន្ទីរពេទ្យ"),
    "delivery": ("(?:delivery|birth|childbirth)", "(?:출산|분만)", "សម្រាល"),
    "vaccination": ("(?:vaccination|immunization)", "(?:예방)?접종", "ចាក់វ៉ាក់សាំង"),
    "exposure": ("exposure", "노출", "ប៉ះពាល់"),
    "dialysis": ("(?:dialysis|hemodialysis)", "투석", "លាងឈាម"),
}
_FURTHER = {
    (
        "meal",
        "before",
    ): r"식전|공복|빈속|\bempty stomach\b|\bfasting\b|\bpre-?prandial|\bpre-?meal\b|ពោះទទេ",
    ("meal", "after"): (
        r"식후|식전후|식사와 함께|식사 ?(?:도)?중|음식과 함께|\bpost-?prandial|\bpost-?meal\b|ជាមួយ(?:អាហារ|បាយ)"
        rf"|\bwith (?:or (?:right |just |immediately |shortly )?after )?{_OF_IT}(?:meals?|foods?|breakfast|lunch|dinner)\b"
    ),
    ("operation", "before"): r"\bpre-?operative|술전",
    ("operation", "after"): r"\bpost-?operative|술후",
}


def _around(event: str, order: str) -> str:
    """Return the pattern of what says that something is before or after an event."""
    english, korean, khmer = _EVENTS[event]
    before = order == "before"
    words = (
        ("before|prior to", "전", "មុន")
        if before
        else ("after|following", "(?:전)?(?:후|뒤)|다음", "ក្រោយ|បន្ទាប់ពី")
    )
    further = _FURTHER.get((event, order))
    return "|".join(
        [
            rf"\b(?:{words[0]}) {_OF_IT}{english}\b",
            rf"{korean} ?(?:식사 ?)?(?:을|를)? ?(?:(?:먹|하|받|들|한|먹은|받은)기? ?)?(?:{_SPAN})?(?:{words[1]}){_ENDS}",
            rf"(?:{words[2]})(?:ពេល|ការ)? ?{khmer}",
            *([further] if further else []),
        ]
    )


DRUG_DOSE = (
    r"\d[\d.,]{0,9}(?: ?mg)?(?:(?: to |[~–-])\d[\d.,]{0,9})? ?(?:mg|g|mcg|µg|ml|iu|meq|units?|tablets?|tab|정|알|캡슐|단위|"
    r"밀리그램|그램|밀리리터|មីលីក្រាម|មីលីលីត្រ|ក្រាម|គ្រាប់)"
)
"""Pattern of an amount of a drug."""
BY_DOSE = rf"{DRUG_DOSE}(?:으로|로|씩|만큼|까지|을|를)? ?(?:[가-힣]+ ?)?"
"""The same in Korean, with what stands between it and a verb."""
_MUCH = r"(?:\d ?(?:mg|g|mcg|µg|ml|iu|units?|meq)|tablets?|capsules?|doses?)"
# "Left" and "right" are also verbs and adverbs; before these they are sides.
_OF_BODY = (
    r"[ -](?:sided?|eyes?|ears?|arms?|legs?|hands?|foot|feet|lungs?|breast|kidney|knee|hips?|shoulder|thigh|elbow|wrist|ankle|forearm|calf|cheek|jaw|chest|flank|groin"
    r"|upper|lower|middle|hemi[a-z]+|ventric[a-z]+|atri(?:um|al)|lobe|ovary|testi[a-z]+|iliac|inguinal|carotid|coronary|renal|femoral|subclavian|nostril|temporal|frontal|parietal)\b"
)
_PATTERNS = {
    **{(event, order): _around(event, order) for event in _EVENTS for order in ("before", "after")},
    ("part of day", "morning"): r"\bmornings?\b|\bbreakfast\b|\bqam\b|(?:^|[^가-힣])아침|ព្រឹក",
    ("part of day", "noon"): r"\blunch(?:time)?\b|\bnoon\b|\bmidday\b|점심|정오|ថ្ងៃត្រង់",
    ("part of day", "night"): (
        r"\bevenings?\b|\bnights?\b|\bnightly\b|\btonight\b|\bovernight\b|\bbedtime\b|\bqhs\b|\bqpm\b|\bdinner\b|\bsupper\b"
        r"|\bbefore (?:going to )?(?:bed|sleep)|저녁|(?:^|[^가-힣])(?:매일|한)? ?밤(?:[ ,.]|에|마다|중|새|$)|야간|취침|자기 ?(?:직)?전"
        r"|잠들기 ?전|잠자리|ល្ងាច|យប់|គេង"
    ),
    ("twelve o'clock", "noon"): r"\bnoon\b|\bmidday\b|정오",
    ("twelve o'clock", "midnight"): r"\bmidnight\b|자정",
    ("route", "by mouth"): rf"\borally\b|\bby mouth\b|\bper os\b|\boral (?:administration|dos|tablet|capsule|route|use)|{_MUCH} p\.?o\b|경구(?:로| ?투여| ?복용)|입으로|តាមមាត់",
    ("route", "intravenous"): rf"\bintravenous|{_MUCH} i\.?v\b|\biv (?:push|bolus|infusion|injection|drip)\b|정맥 ?(?:내 ?)?(?:으로 |로 )?(?:주사|투여|주입|점적)|정맥으로|정주(?:[하로를 ]|$)|តាម(?:សរសៃ|វ៉ែន)|ចាក់(?:ចូល)?សរសៃ",
    ("route", "intramuscular"): rf"\bintramuscular|{_MUCH} i\.?m\b|\bim injection\b|근육 ?(?:내 ?)?(?:으로 |로 )?(?:주사|투여)|근육으로|근주(?:[하로를 ]|$)|សាច់ដុំ",
    ("route", "subcutaneous"): rf"\bsubcutaneously\b|\bsubcutaneous (?:injection|administration|infusion)|{_MUCH} (?:s\.?[cq]|subq)\b|피하 ?(?:로 |에 )?(?:주사|투여|주입)|ក្រោមស្បែក",
    ("route", "rectal"): r"\brectally\b|\bper rectum\b|\brectal (?:administration|route|diazepam)|\bsuppositor|직장 ?(?:내 ?|으로 )?(?:투여|주입)|좌약|តាមរន្ធគូថ",
    ("route", "under the tongue"): r"\bsublingual(?:ly)?\b|설하(?:로| ?투여|정| ?복용)|혀 ?(?:밑|아래)(?:에|으?로| ?투여)|ក្រោមអណ្តាត|ក្រោមអណ្ដាត",
    ("route", "intrathecal"): r"\bintrathecal(?:ly)?\b|척수강 ?(?:내 ?)?(?:으로 |로 |에 )?(?:주사|투여|주입)|척수강으로|경막내 ?(?:로 )?(?:주사|투여|주입)",
    ("route", "intradermal"): r"\bintradermal(?:ly)?\b|피내 ?(?:로 |에 )?(?:주사|투여|주입|접종)|피내로",
    ("route", "inhaled"): r"\binhal(?:e|es|ed) \d|\bby inhalation\b|\b(?:via|by|with) (?:an? )?(?:inhaler|nebuli[sz]er)\b|흡입 ?(?:으로 |로 )?투여|흡입(?:한다|하여|하십|하세|시킨)|분무기로",
    ("route", "into the nose"): r"\bintranasal(?:ly)?\b|비강 ?(?:내 ?)?(?:으로 |로 |에 )?(?:투여|분무|분사|주입)|비강 ?내?로 |តាមច្រមុះ",
    ("side", "left"): rf"\bleft{_OF_BODY}|왼쪽|왼(?:손|발|팔|다리|눈|귀|무릎|어깨)|좌측|좌안|좌[상하][엽복]|좌심|좌관상|좌반신|ឆ្វេង",
    ("side", "right"): rf"\bright{_OF_BODY}|오른쪽|오른(?:손|발|팔|다리|눈|귀|무릎|어깨)|우측|우안|우[상중하][엽복]|우심|우관상|우반신|ស្តាំ|ស្ដាំ",
    ("dose", "raised"): rf"\b(?:increas|rais)(?:e|es|ed|ing)\b[^.;\n]{{0,40}}{DRUG_DOSE}|{BY_DOSE}(?:증량|늘[리려린렸]|올[리려린렸])|(?:បង្កើន|ដំឡើង)[^។\n]{{0,24}}{DRUG_DOSE}",
    ("dose", "lowered"): rf"\b(?:decreas|reduc|lower|taper)(?:e|es|ed|s|ing)?\b[^.;\n]{{0,40}}{DRUG_DOSE}|{BY_DOSE}(?:감량|줄[이여인였]|낮[추춰춘췄])|(?:បន្ថយ|កាត់បន្ថយ)[^។\n]{{0,24}}{DRUG_DOSE}",
}  # fmt: skip
"""By topic and what is said of it; read alike by RE2, which looks neither ahead nor back, and by Python."""
_COMPILED = {said: re.compile(pattern, re.ASCII) for said, pattern in _PATTERNS.items()}

_MORNING = ("a", "morning", "오전", "새벽", "아침", "ព្រឹក")
_CLOCK = re.compile(
    r"(?<![\d.:])(?P<hour>\d{1,2})(?:[:.]\d\d)? ?(?:o'clock )?(?:(?P<half>[ap])\.?m\b|in the (?P<part>morning|afternoon|evening)\b)"
    r"|(?P<korean>오전|오후|새벽|아침|저녁|밤(?= ?(?:[6-9]|1[01]) ?시)|낮(?= ?(?:12|[1-4]) ?시)) ?(?P<si>\d{1,2}) ?(?:시(?!간)|:\d\d)"
    r"|(?<![\d.:])(?P<late>1[3-9]|2[0-3])(?::[0-5]\d(?![:\d])| ?시(?!간))"
    r"|ម៉ោង ?(?P<moung>\d{1,2})(?:[:.]\d\d)? ?(?P<khmer>ព្រឹក|រសៀល|ល្ងាច|យប់)",
    re.ASCII,
)
_MONTHS = ENGLISH_MONTHS | {
    name[:end]: month for name, month in ENGLISH_MONTHS.items() for end in (3, 4) if name[:end] != "may"
}  # fmt: skip
# "5 may" is of a month only where a year follows.
_NAMES = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_DATE = re.compile(
    rf"\b(?P<m1>{_NAMES})\.? (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:(?<=[a-z])\b|(?![\d:/–-])(?!\.\d))"
    rf"|(?<![\d.,/–-])(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_NAMES})\b(?:(?<! may)|(?=,? \d{{4}}))"
    r"|(?<!\d)(?P<m3>\d{1,2})월 ?(?P<d3>\d{1,2})일(?![간째])"
    r"|(?<![\d.])(?:19|20)\d\d([-./]) ?(?P<m4>\d{1,2})(?:[-./]) ?(?P<d4>\d{1,2})(?![\d.-])"
    rf"|(?P<d5>\d{{1,2}}) ?ខែ ?(?P<m5>{'|'.join(KHMER_MONTHS)}|\d{{1,2}})",
    re.ASCII,
)
_HOUR_0 = re.compile(r"(?<![\d.:])0?0(?: ?시(?!간)|:[0-5]\d)")
_TWELVE = ("noon", "midday", "midnight", "정오", "자정")
_COUNTS = {
    word: count
    for count, words in enumerate(
        ("a|an|one|한|មួយ", "two|두|ពីរ", "three|세|បី", "four|네|បួន", "five|다섯|ប្រាំ", "six|여섯|ប្រាំមួយ", "seven|일곱|ប្រាំពីរ", "eight|여덟|ប្រាំបី"), 1
    )
    for word in words.split("|")
}  # fmt: skip
_COUNT = "|".join(sorted(_COUNTS, key=len, reverse=True))
_HALF = r"half(?: of)?(?: an?)?|one[ -]half(?: of an?)?|반|កន្លះ"
_DIGITS = r"(?:\d{1,3} )?\d{1,3}(?:\.\d{1,3}|[/⁄]\d{1,2})?"
_TABLETS = re.compile(
    rf"(?<![\w가-힣ក-៓.,/⁄])(?P<en>{_HALF}|{_COUNT}|{_DIGITS})(?P<more> and a half)? (?:tablet|tab|pill|capsule|caplet)s?\b"
    rf"|(?<![\w가-힣ក-៓.,/⁄])(?:(?P<ko>{_HALF}|{_COUNT}|{_DIGITS}) ?(?:알|캡슐)|(?P<jeong>{_DIGITS}|반) ?정|(?P<word>{_COUNT}) 정)(?P<half> ?반)?"
    r"(?=$|[\s.,)]|씩|[을를의이과와만]|으?로)"
    rf"|(?P<km>{_HALF}|{_COUNT}|{_DIGITS}) ?គ្រាប់(?P<kanlah> ?កន្លះ)?",
    re.ASCII,
)
# More than what the patterns of times, dates and tablets find, for RE2.
_LIKELY = (
    r"\d ?(?:[ap]\.?m\b|o'clock)|\d ?in the |(?:1[3-9]|2[0-3]):[0-5]|\d ?시|(?:오전|오후|새벽|아침|저녁|밤|낮) ?\d|ម៉ោង ?\d",
    rf"\b{_NAMES}\b|월 ?\d|\d\d[-./] ?\d{{1,2}}[-./]|ខែ",
    r"\b(?:tablet|tab|pill|capsule|caplet)s?\b|[ 반\d]정|알|캡슐|គ្រាប់",
)
INSTRUCTION = "|".join([*_PATTERNS.values(), *_LIKELY])
"""Finds, for RE2, the texts that may say any of these."""

Saying = tuple[str, Hashable]
"""A topic and what is said of it."""


def changed_instructions(source: str, target: str) -> Iterator[str]:
    """Return of which topics each text says what the other does not.

    Args:
        source: A text in plain form.
        target: What was made of it.

    Example:
        >>> list(changed_instructions("1 tablet after meals", "식전에 1정"))
        ['after meals → 식전']
        >>> list(changed_instructions("half a tablet at 8 p.m.", "20시에 한 알"))
        ['half a tablet → 한 알']
        >>> list(changed_instructions("1 tablet before or after meals", "식후에 1정"))
        []
    """
    first = _said(source)
    second = _said(target) if first else first
    for topic in dict.fromkeys(topic for topic, _ in first):
        lost, new = (
            [words for saying, words in here.items() if saying[0] == topic and saying not in there]
            for here, there in ((first, second), (second, first))
        )
        if lost and new:
            yield f"{lost[0]} → {new[0]}"


def figures_of_times(text: str) -> set[int]:
    """Return figures that another text may have for times and dates: of the other clock, of noon and of months.

    Example:
        >>> sorted(figures_of_times("at 8 p.m. and at 14:30, on aug 5"))
        [2, 8, 20]
    """
    hours = {
        hour if match["late"] else hour + 12 for match, hour, late in _times_of_day(text) if hour and late
    }  # fmt: skip
    months = {_date(match)[0] for match in _DATE.finditer(text)}
    if any(hour == 0 for _, hour, _ in _times_of_day(text)) or _HOUR_0.search(text):
        hours |= {0, 12}
    return hours | months | ({12} if any(map(text.__contains__, _TWELVE)) else set())


def _said(text: str) -> dict[Saying, str]:
    said: dict[Saying, str] = {}
    for saying, pattern in _COMPILED.items():
        if (match := pattern.search(text)) is not None:
            said[saying] = match[0].strip(" ,.")
    for match, hour, late in _times_of_day(text):
        said.setdefault((f"{hour} o'clock", late), match[0])
    for match in _DATE.finditer(text):
        said.setdefault(("date", _date(match)), match[0].strip())
    for match in _TABLETS.finditer(text):
        said.setdefault(("tablets", _tablets(match)), match[0].strip())
    return said


def _date(match: re.Match[str]) -> tuple[int, int]:
    """Return the month and the day of a date."""
    month, day = (
        next(filter(None, (match[f"{letter}{place}"] for place in range(1, 6)))) for letter in "md"
    )
    return int(month) if month.isdigit() else (_MONTHS | KHMER_MONTHS)[month], int(day)


def _times_of_day(text: str) -> Iterator[tuple[re.Match[str], int, bool]]:
    """Return the times of day of which the half of the day is said, each with its hour of twelve and whether it is late."""
    for match in _CLOCK.finditer(text):
        half = match["half"] or match["part"] or match["korean"] or match["khmer"] or "p"
        hour = int(match["hour"] or match["si"] or match["late"] or match["moung"])
        yield match, hour % 12, half not in _MORNING


def _tablets(match: re.Match[str]) -> Fraction:
    said = match["en"] or match["ko"] or match["jeong"] or match["word"] or match["km"]
    half = Fraction(1, 2)
    more = half if match["more"] or match["half"] or match["kanlah"] else Fraction(0)
    if re.fullmatch(_HALF, said):
        return half
    if said in _COUNTS:
        return _COUNTS[said] + more
    whole, _, part = said.rpartition(" ")
    above, _, below = part.replace("⁄", "/").partition("/")
    return Fraction(whole or 0) + Fraction(above) / (int(below or 1) or 1) + more


def instructions_may_differ(sources: pa.Array, targets: pa.Array) -> Mask:
    """Find the pairs in which :func:`changed_instructions` may find something.

    Args:
        sources: Texts in plain form, ``large_string[n]``.
        targets: What was made of them.

    Returns:
        ``bool[n]``.

    Example:
        >>> first = pa.array(["5 mg after meals", "5 mg after meals", "5 mg"], pa.large_string())
        >>> second = pa.array(["5 mg", "식전 5 mg", "공복 5 mg"], pa.large_string())
        >>> instructions_may_differ(first, second).tolist()
        [False, True, False]
    """
    at = pairs_with(sources, targets, INSTRUCTION)
    sides = [texts.take(pa.array(at)) for texts in (sources, targets)]
    lost, new = ({topic: np.zeros(len(at), np.bool_) for topic, _ in _PATTERNS} for _ in range(2))
    for (topic, _), pattern in _PATTERNS.items():
        first, second = (np.asarray(pc.match_substring_regex(side, pattern)) for side in sides)
        lost[topic] |= first & ~second
        new[topic] |= second & ~first
    differ = [lost[topic] & new[topic] for topic in lost]
    for likely in _LIKELY:
        differ.append(
            np.asarray(pc.and_(*(pc.match_substring_regex(side, likely) for side in sides)))
        )
    may: Mask = np.zeros(len(sources), np.bool_)
    may[at] = np.any(differ, axis=0)
    return may
