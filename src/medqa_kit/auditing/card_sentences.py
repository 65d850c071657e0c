"""Read claims in sentences, lists and cells of a card in English, Korean and Khmer: complete, pure, numbers, lengths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from medqa_kit.auditing.claims import CardClaim
from medqa_kit.quality.script_counts import Script

_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩０１２３４５６７８９％", "01234567890123456789%")
_CODE = re.compile(r"(?s)```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)")
# Where a sentence, an item or a row of a table ends; no point within a figure or a name of a file.
_END = re.compile(r"(?<=[.!?។。])\s+|\n+")
_DECORATION = re.compile(r"[*|]+|(?<!\w)_+|_+(?!\w)")
_WORD = re.compile(r"[\w-]+")
_PERCENT = r"(?P<percent>\d+(?:\.\d+)?)\s?(?:%|percent\b|per ?cent\b|퍼센트|프로\b|ភាគរយ)"
_DENIED = re.compile(
    r"(?i)\b(?:not|never|cannot|aim|goal|target|should|will be|planned|unless|if)\b|n['’]t\b|않|아니|아닙|못|목표|예정|មិន(?!មាន|ទទេ)"
)

_WHOLE = re.compile(
    rf"(?i){_PERCENT}[^.;\n]{{0,30}}?\b(?:complete(?:ness|ly filled|d)?|filled(?: in)?|populated|non-?null|coverage|present|annotated|available)\b"
    rf"|\b(?:complete(?:ness)?|fill(?:ed)?(?: rate)?|coverage|non-?null(?: rate| share)?|populated)\b[\s:()=-]{{0,4}}(?:is |of |at |rate )?{_PERCENT.replace('percent>', 'percent2>')}"
    rf"|{_PERCENT.replace('percent>', 'percent3>')}\s?(?:of (?:all |the )?(?:rows|records|entries|samples|examples|questions|items))\s(?:have|has|contain|include|come with|carry)\b"
    rf"|{_PERCENT.replace('percent>', 'percent4>')}\s?(?:의 )?(?:완전|완비|완성|채워|채움|존재|작성|커버|충족)"
    rf"|(?:완전성|완성도|완결성|충족률|채움률|작성률|커버리지|결측 ?없음)[\s:()=은는이가]{{0,4}}{_PERCENT.replace('percent>', 'percent5>')}"
    rf"|{_PERCENT.replace('percent>', 'percent6>')}\s?(?:ពេញលេញ|គ្រប់ជ្រុងជ្រោយ|បំពេញ)|(?:ភាពពេញលេញ|ពេញលេញ)[\s:()=-]{{0,4}}{_PERCENT.replace('percent>', 'percent7>')}"
)
_NONE_LACKING = re.compile(
    r"(?i)\b(?:no|zero|without(?: any)?|free of|0) (?:missing|null|empty|blank)(?: or (?:missing|null|empty))?(?: (?:values?|fields?|entries|cells|rows|data))?\b|\bno nulls?\b|\bnull-free\b"
    r"|\b(?:all|every|each) (?:of the )?(?:fields?|columns?|values?|entries) (?:is|are) (?:complete|filled|populated|non-?null|present)"
    r"|\b(?:all|every|each) (?:rows?|records?|entries|entry|samples?|examples?|questions?|items?) (?:has|have|contains?|comes? with|includes?) (?:an? |the |its |their )?(?=[`\w])"
    r"|결측(?:치|값)?(?:이|가|은|는)? ?(?:없|0)|누락(?:된)? ?(?:값|항목|데이터)?(?:이|가|은|는)? ?없|빈 ?(?:값|칸|필드)(?:이|가|은|는)? ?없|null(?:이|값이|가)? ?없"
    r"|모든 (?:행|문항|질문|필드|열|항목|레코드)(?:에|이|가)[^.\n]{0,30}(?:채워|있다|있습|포함|존재)"
    r"|(?:គ្មាន|មិនមាន)(?:តម្លៃ|ទិន្នន័យ|ជួរ)?(?:ទទេ|បាត់|ខ្វះ)"
)
_NEEDS_COLUMN = re.compile(r"(?i)\b(?:all|every|each) (?:rows?|records?|entr|samples?|examples?|questions?|items?)|모든 (?:행|문항|질문|항목|레코드)|\b(?:have|has|contain|include|come with|carry)$")  # fmt: skip
_LANGUAGES: dict[str, tuple[Script, str]] = {
    "khmer": ("khmer", "km"), "ខ្មែរ": ("khmer", "km"), "크메르": ("khmer", "km"), "korean": ("hangul", "ko"), "hangul": ("hangul", "ko"),
    "한국어": ("hangul", "ko"), "한글": ("hangul", "ko"), "កូរ៉េ": ("hangul", "ko"), "english": ("latin", "en"), "영어": ("latin", "en"),
    "អង់គ្លេស": ("latin", "en"),
}  # fmt: skip
_NAMES = "|".join(_LANGUAGES)
_IN_SCRIPT = re.compile(
    rf"(?i){_PERCENT}\s?(?:\(?(?P<pure>pure(?:ly)?|순수(?:한)?|សុទ្ធ)\)?\s?)?(?:in |of |the |text |is |written in |អក្សរ|ភាសា|ជា)*\s?(?P<language>{_NAMES})\b"
    rf"|(?P<language2>{_NAMES})\s?(?P<pure2>purity|순도|script|text|비율|share|content|ភាពសុទ្ធ|សុទ្ធ)?[\s:()=은는이가-]{{0,5}}(?:is |rate )?{_PERCENT.replace('percent>', 'percent2>')}"
)
_SPLITS = {
    "train": ("train", "training", "학습", "훈련"), "validation": ("validation", "dev", "valid", "검증"), "test": ("test", "평가", "시험용", "테스트"),
}  # fmt: skip
_UNITS = r"(?:rows?|records?|examples?|samples?|entries|instances|items|q(?:&|uestion[- ]?(?:and[- ]?)?)?a(?:nswer)?(?: pairs)?|questions?|dialogues?|documents?|pairs)"
_ROWS = re.compile(
    rf"(?i)\b(?:total(?:s|ing|ling)?(?: of)?:?|contains?|containing|comprises?|comprising|consists? of|includes?|has|there are)\s+(?:a total of )?(?P<about>over |more than |at least )?(?P<rows>\d[\d,]*)(?P<plus>\+)?\s+(?:[a-z-]+ ){{0,3}}{_UNITS}\b"
    r"|(?:총|전체|모두)\s?(?P<about2>약 )?(?P<rows2>\d[\d,]*)(?P<plus2>\+)?\s?(?:개|건|행|문항|쌍|문제|질문)"
    r"|(?:សរុប|មាន)\s?(?:ចំនួន\s?)?(?P<rows3>\d[\d,.]*)\s?(?:ជួរ|សំណួរ|គូ|ឧទាហរណ៍|កំណត់ត្រា)"
)
_VAGUE = re.compile(
    r"(?i)\b(?:about|around|approximately|roughly|nearly|almost|some|~|up to)\s?$|약 $|≈\s?$"
)
_LENGTHS = re.compile(
    r"(?i)(\d[\d,]*)\s?(?:-|–|—|~|to|and|에서|부터|ដល់|ទៅ)\s?(\d[\d,]*)\s?(?:characters|chars\b|자\b|글자|តួអក្សរ)"
)
_WITHOUT_COPIES = re.compile(
    r"(?i)\bde-?duplicated\b|\b(?:removed|without|no|zero|free of) (?:all |any )?duplicates?\b|\bduplicates? (?:were|was|have been|are) removed\b"
    r"|중복(?:을|은|이|된 ?\S{1,6}(?:을|은|이)?)? ?(?:모두 )?(?:제거|없)|(?:លុប|គ្មាន|ដក)(?:ទិន្នន័យ)?ស្ទួន"
)


def sentence_claims(body: str, columns: Collection[str]) -> Iterator[CardClaim]:
    """Read what sentences claim of the data.

    A claim is about the columns that its sentence names, else about all, or, for a language, about those whose names
    end in its tag. What a sentence denies, plans or says of some other share is no claim.

    Args:
        body: The card below its front matter.
        columns: Columns of the data that hold texts.

    Example:
        >>> claims = sentence_claims("All data is 100% complete. ១០០% ខ្មែរ. It contains 1,200 rows.", ["answer_km"])
        >>> [(claim.name, claim.claimed) for claim in claims]
        [('filled_share of answer_km', 1.0), ('in_script (khmer, relaxed) of answer_km', 1.0), ('rows', 1200)]
    """
    told: list[CardClaim] = []
    text = _CODE.sub("\n", body).translate(_DIGITS)
    for raw in _END.split(text):
        sentence = " ".join(_DECORATION.sub(" ", raw).split())
        if not sentence:
            continue
        named = _named(raw, columns)
        # Rows of tables that begin with a column are read as such.
        tabled = raw.lstrip().startswith("|") and sentence.split()[0].strip("`") in columns
        wholes = [] if tabled else _of_wholes(sentence, named, columns)
        for claim in (*wholes, *_of_scripts(sentence, named, columns), *_of_counts(sentence),
                      *_of_others(sentence, named, columns)):  # fmt: skip
            if claim not in told:
                told.append(claim)
    yield from told


def _named(sentence: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns that a sentence names."""
    said = " ".join(sentence.lower().replace("_", " ").split())
    return tuple(
        column for column in columns
        if re.search(rf"(?<![A-Za-z0-9_]){re.escape(column)}(?![A-Za-z0-9_])", sentence)
        or ("_" in column and re.sub(r"_(?:km|ko|en)$", "", column.lower()).replace("_", " ") in said)
    )  # fmt: skip


def _of_wholes(
    sentence: str, named: tuple[str, ...], columns: Collection[str]
) -> Iterator[CardClaim]:
    if _DENIED.search(sentence) or sentence.startswith("#") or not columns:
        return
    if (lacking := _NONE_LACKING.search(sentence)) and (
        named or not _NEEDS_COLUMN.search(lacking[0])
    ):
        yield CardClaim(measure="filled_share", claimed=1.0, columns=named or tuple(columns))
    for match in _WHOLE.finditer(sentence):
        if named or not _NEEDS_COLUMN.search(match[0]):
            share, within = _share(match)
            yield CardClaim(
                measure="filled_share",
                claimed=share,
                columns=named or tuple(columns),
                within=within,
            )


def _of_scripts(
    sentence: str, named: tuple[str, ...], columns: Collection[str]
) -> Iterator[CardClaim]:
    if _DENIED.search(sentence):
        return
    for match in _IN_SCRIPT.finditer(sentence):
        script, tag = _LANGUAGES[(match["language"] or match["language2"]).lower()]
        about = (
            named
            or tuple(c for c in columns if c.lower().split("_")[-1] in (tag, script))
            or tuple(columns)
        )
        if about:
            share, within = _share(match)
            pure = match["pure"] or (match["pure2"] or "").lower() in (
                "purity",
                "순도",
                "ភាពសុទ្ធ",
                "សុទ្ធ",
            )
            yield CardClaim(measure="in_script", claimed=share, columns=about, script=script, within=within,
                            definition="pure" if pure else "relaxed")  # fmt: skip


def _of_counts(sentence: str) -> Iterator[CardClaim]:
    where = _split(sentence)
    if where is None or _DENIED.search(sentence):
        return
    for match in _ROWS.finditer(sentence):
        figure = next(part for part in (match["rows"], match["rows2"], match["rows3"]) if part)
        rows = int(re.sub("[,.]", "", figure))
        if _VAGUE.search(sentence[: match.start("rows")]) or match["about2"]:
            continue
        if match["about"] or match["plus"] or match["plus2"]:
            yield CardClaim(measure="rows_between", claimed=(rows, float("inf")), where=where)
        else:
            yield CardClaim(measure="rows", claimed=rows, where=where)


def _split(sentence: str) -> dict[str, str] | None:
    """Return which part a sentence is about; ``None`` where it speaks of several."""
    words = {word.lower() for word in _WORD.findall(sentence)}
    splits = [name for name, said in _SPLITS.items() if any(
        word in words if word.isascii() else word in sentence for word in said)]  # fmt: skip
    return None if len(splits) > 1 else {"split": splits[0]} if splits else {}


def _of_others(
    sentence: str, named: tuple[str, ...], columns: Collection[str]
) -> Iterator[CardClaim]:
    about = named or tuple(columns)
    for match in _LENGTHS.finditer(sentence):
        if about:
            least, most = (int(figure.replace(",", "")) for figure in match.groups())
            yield CardClaim(measure="length", claimed=(least, most), columns=about)
    if _WITHOUT_COPIES.search(sentence) and not _DENIED.search(sentence):
        yield CardClaim(measure="duplicates", claimed=0)


def _share(match: re.Match[str]) -> tuple[float, float]:
    """Return a share and how far rounding lets it be off."""
    figure = next(
        value for name, value in match.groupdict().items() if name.startswith("percent") and value
    )
    share, digits = round(float(figure) / 100, 9), len(figure.partition(".")[2])
    return share, 0.0 if share == 1 else 0.5 * 10.0 ** -(digits + 2)
