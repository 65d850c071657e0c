"""Text around the JSON object of a reply, and remarks of a model about its task inside the texts."""

from __future__ import annotations

import re
from collections import Counter

from medqa_kit.core.json_text import json_value
from medqa_kit.errors import FileError

_THOUGHTS = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_BLOCK = re.compile(r"(```|~~~)[ \t]*(?:json[cl5]?\b)?(.*?)\1", re.DOTALL | re.IGNORECASE)

_MADE = r"(?:translat|paraphras|rephras|reword|rewritten|summar|explanation|json|version)"
_YES = r"(?:(?:네|예|물론(?:입니다|이죠|이지요)?|알겠습니다|좋습니다)[!,.]?\s*){0,2}"
_POLITE = r"(?:입니다|습니다|드립니다|드리겠습니다|드릴게요|예요|에요|아요)"
_OPENING = re.compile(
    # Sure! Here is the Korean translation:
    rf"(?i)^\W*(?:(?:sure|certainly|of course|absolutely|okay|ok)\b[^\n:]{{0,40}})?"
    rf"(?:here(?:['’]s| is| are)|below is|the following is|this is)\b[^\n:]{{0,60}}\b{_MADE}[^\n:]{{0,60}}[:\n]"
    # 다음은 번역입니다. 물론입니다! 번역은 다음과 같습니다:
    rf"|^\W*{_YES}(?:다음은|아래는|여기)[^\n:：.]{{0,40}}(?:번역|바꿔|바꾼|의역)[^\n:：.]{{0,20}}[:：.\n]"
    # Stems of exams begin with "다음은 당뇨병에 대한 설명이다."; models are polite.
    rf"|^\W*{_YES}(?:다음은|아래는|여기)[^\n:：.]{{0,40}}(?:요약|설명|해설|풀이)[^\n:：.]{{0,20}}{_POLITE}\s*[:：\n]"
    rf"|^\W*{_YES}[^\n:：.]{{0,30}}(?:번역|의역|요약|설명|해설|풀이|질문)[^\n:：.]{{0,10}}(?:다음과|아래와) 같{_POLITE}\s*[:：.\n]"
    r"|^\W*(?:(?:ជាការពិតណាស់|ប្រាកដណាស់|បាទ|ចាស|យល់ព្រម)[!,។\s]*){0,2}(?:នេះ|ខាងក្រោម)[^\n:៖។]{0,40}បកប្រែ[^\n:៖។]{0,40}[:៖។\n]"
    r"|^\W*(?:여기에|이곳에) [^\n.]{1,20}(?:입력|작성|기입)[^\n.]{0,4}(?:세요|십시오)\W*$"  # a place to fill in
)
_THINKING = re.compile(
    r"(?i)^\W*(?:okay|ok|alright|all right|hmm+|so|well)\b[^.\n]{0,20}\b(?:let me|let['’]s (?:see|think|look|break)|i need to|we need to)\b"
    r"|\bthe user (?:wants|asks|asked|is asking|has (?:asked|given|provided)|gave|provided|sent)\b"
    r"|사용자(?:가|는|께서) [^.\n]{0,30}(?:요청|원하|원한|부탁)|អ្នកប្រើ(?:ប្រាស់)?[\u1780-\u17D3 ]{0,20}(?:ចង់|ស្នើ)"
)
_CLOSING = re.compile(
    # (Note: I kept all numbers as they were.)
    r"(?i)(?:^|[\n(\[*])[^\w\n]{0,4}(?:translator['’]s )?(?:note|참고|비고|역주|សម្គាល់)\W{0,3}[:：៖][^\n]{0,200}"
    r"(?:translat|paraphras|rephras|reword|\bi(?: have|['’]ve)? (?:kept|preserved|changed|left|used)|번역|원문|바꾸지|유지했|유지하였|បកប្រែ)"
    r"|\btranslated by (?:an? )?(?:ai|chatgpt|gpt|claude|gemini|google|deepl)\b|\blet me know if\b|\bhope (?:this|that) helps\b|\bfeel free to (?:ask me|let me know|reach out)\b"
    r"|도움이 되(?:셨|었|시)[^.\n]{0,10}바랍니다|궁금(?:하신|한) [^.\n]{0,20}(?:말씀|알려|물어)[^.\n]{0,10}(?:주세요|주십시오)"
)
_SAYS_GOODBYE = re.compile(
    r"(?i)let me know|hope|feel free|note|questions?\b|curious|wonder|tell me|\bask|도움|궁금|말씀|참고|비고|역주|សង្ឃឹម|ប្រាប់ខ្ញុំ|សម្គាល់"
)
_LABEL = re.compile(
    r"(?i)^\W*(?:(?:korean |khmer |english )?translation|translated(?: text)?|paraphrased?(?: question)?"
    r"|rephrased(?: question)?|reworded(?: question)?|(?:한국어 |질문 )?번역(?:문|본| 결과)?|의역"
    r"|(?:in )?(?:korean|khmer|english)|한국어|크메르어|영어|ភាសា(?:ខ្មែរ|កូរ៉េ|អង់គ្លេស)"
    r"|(?:ការ|សេចក្តី)?បកប្រែ[\u1780-\u17D2]{0,20})(?: (?:시작|start))?\s*(?:[:：៖)\]\n]|\*\*)"
)
# Assent to a task: "물론이죠!", "네, 번역해 드리겠습니다."
_ASSENT = re.compile(
    r"(?i)^\W*(?:물론(?:입니다|이죠|이지요)|알겠습니다|sure|certainly|of course|absolutely|ប្រាកដណាស់|ជាការពិតណាស់)[!.។]"
    r"|^\W*(?:(?:네|예|물론입니다)[,.!] ?)?[^\n.]{0,20}(?:번역|의역|요약)[^\n.]{0,8}(?:드리겠습니다|하겠습니다|드릴게요)"
)
_SAYS_YES = re.compile(
    r"(?i)^\W*(?:sure|certainly|of course|absolutely|yes|okay|ok|right|got it|물론|네|예|알겠|បាទ|ចាស|ប្រាកដ|ជាការពិត)|translat|rephras|summar"
)
# What programs put around a reply, or models behind it.
_MARKS = re.compile(
    r"(?i)```|~~~|<\|[a-z_]{2,30}\|>|</?(?:korean|khmer|english|translation|translated|output|result|answer|question|text)>"
)
_ANY_LABEL = re.compile(r"^\W*[^\s:：៖]{1,30}(?: [^\s:：៖]{1,30})?\s*(?:[:：៖)\]\n]|\*\*)")
_PLACE = re.compile(
    r"(?<![\\\w}^_$])\{\{?[^\W\d][^{}\\\n=+*/^<>:;,.]{1,40}\}\}?|\$\{\w{2,40}\}|%\([a-z_]{2,40}\)s|\[\[?(?:PATIENT|NAME|DRUG|AGE|DATE|DOSE|HOSPITAL|DOCTOR|MASK|REDACTED|PERSON|LOCATION|PHONE|EMAIL|ID)(?:_[A-Z0-9]{1,20})*\]?\]"
)
_TAG = re.compile(r"</?(?:think|thinking|thought|reasoning)>", re.IGNORECASE)

# What tells that a model speaks of its task, and what it may have been made of.
_ASIDES = (
    (_TAG, _TAG), (_OPENING, _OPENING), (_ASSENT, _SAYS_YES), (_LABEL, _ANY_LABEL), (_MARKS, _MARKS), (_THINKING, _THINKING), (_CLOSING, _SAYS_GOODBYE),
)  # fmt: skip


def reply_object(reply: str) -> str:
    r"""Return the JSON object of a reply, without thoughts, a fence or words around it.

    Where no single object stands out, the reply itself is returned, for the reader to tell what is wrong.

    Example:
        >>> reply_object('<think>Well.</think>Here it is:\n```json\n{"question": "Why?"}\n```\nGood luck!')
        '{"question": "Why?"}'
        >>> reply_object("I cannot do that.")
        'I cannot do that.'
    """
    whole = reply.strip()
    said = _THOUGHTS.split(whole)[-1].strip()
    blocks = [block[2].strip() for block in _BLOCK.finditer(said)]
    begin, end = said.find("{"), said.rfind("}") + 1
    candidates = [
        whole,
        said,
        *(blocks if len(blocks) == 1 else []),
        said[begin:end] if begin >= 0 else "",
    ]
    return next(filter(is_object, candidates), whole)


def is_object(text: str) -> bool:
    """Check whether a text is a JSON object.

    Example:
        >>> is_object('{"a": 1}'), is_object("{name}")
        (True, False)
    """
    if not text.startswith(("{", "\ufeff{")):
        return False
    try:
        return isinstance(json_value(text), dict)
    except FileError:
        return False


def lost_place(before: str, after: str) -> str | None:
    r"""Return a place to fill in that a text has more often than what was made of it; null where each is there.

    Braces of formulas are no such places.

    Example:
        >>> lost_place("Give {drug} now.", "지금 {약물}을 준다."), lost_place("\\frac{dose}{weight}", "용량")
        ('{drug}', None)
    """
    return next(iter(Counter(_PLACE.findall(before)) - Counter(_PLACE.findall(after))), None)


def speaks_of_task(text: str, before: str | None) -> bool:
    """Check whether a model announces what it was asked for, or thinks aloud.

    Args:
        text: What it wrote.
        before: What that was made of; such words may be of the text itself, where that has them as well.

    Example:
        >>> speaks_of_task("번역: 열이 있다.", "He has a fever."), speaks_of_task("열이 있다.", "He has a fever.")
        (True, False)
    """
    return any(
        announced.search(text) and not (before and known.search(before))
        for announced, known in _ASIDES
    )
