"""Replies that go through the options: one line says that it is the one, all but one are ruled out, or each has its share.

"B. Safe in pregnancy. Correct.", "A, C and D are wrong", "3번 빼고는 다 틀렸다", "A 0.02, B 0.94, C 0.04".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from medqa_kit.evaluation.answers.option_marks import OptionMarks, sign_place
from medqa_kit.evaluation.answers.readings import Extraction
from medqa_kit.evaluation.answers.verdict_tables import line_verdicts

_LINE = re.compile(r"[^\n]+")
_LED = re.compile(r"\s*+[.)\]:|–—-]")
_CIRCLED = re.compile(r"\s")
_BULLET = " \t|-•#>([{\"'"
_WORD = re.compile(r"(?:option|choice|보기|선택지|선지|ជម្រើស)\s*+", re.IGNORECASE)
_BEFORE = r"(?:[.:;,!–—→⇒(\[-]|=>|->|므로\s|때문에\s|[어아]서\s)\s*+(?:therefore\s+|so\s+|thus\s+|따라서\s+|그러므로\s+|ដូច្នេះ\s*+)?(?:this\s+is\s+|it\s+is\s+)?(?:the\s+)?"
_AFTER = r"(?:\s(?:answer|option|choice|one))?(?:입니다|이다|임)?[\s.!)\]✅✔]*+$"
# The end of a line that says so.
_RIGHT = re.compile(
    rf"{_BEFORE}(?:correct|right|best|true|fits\s+best|best\s+(?:fit|match|answer)|most\s+likely(?:\s+diagnosis)?|most\s+appropriate|정답|옳음|옳다|맞음|맞다|(?:가장\s+)?적합(?:함|하다|합니다)?|가장\s+적절(?:함|하다|합니다)?|(?:ចម្លើយ)?ត្រឹមត្រូវ){_AFTER}",
    re.IGNORECASE,
)
_WRONG = re.compile(
    rf"{_BEFORE}(?:incorrect|wrong|false|not\s+(?:true|correct)|오답|틀림|틀리다|틀린\s(?:설명|것|보기)|옳지\s않(?:음|다)|거짓|부적합(?:함|하다|합니다)?|잘못된\s설명|ខុស|មិនត្រឹមត្រូវ){_AFTER}",
    re.IGNORECASE,
)
_ALSO = re.compile(
    r"(?<!not )(?<!not the )\b(?:correct|true)\b|정답|(?<![가-힣])(?:맞|옳)(?:다|음|습)",
    re.IGNORECASE,
)
_FEWEST = 3  # options
_SENTENCE = re.compile(r"[^\n.!?។。]+")
_LIST = re.compile(
    r"(?:(?:options?|choices?|both|all|보기|선택지|선지|ជម្រើស|ទាំង)\s*+)?(?P<list>(?:[(\[]?[A-Z1-9①-⑳](?![A-Za-z0-9])[)\]]?번?\s*+(?:,\s*+and\s|,|·|/|&|\band\b|와|과|및|그리고|[~∼–-](?=\s?[A-Z1-9①-⑳]))?\s*+)+)",
)
_RANGE = re.compile(r"(?P<first>[A-Z1-9①-⑳])번?\s?[~∼–-]\s?(?P<last>[A-Z1-9①-⑳])")
_OUT_BEFORE = re.compile(
    r"(?<!\bif\s)(?<!\bdid\s)(?<!\bto\s)\b(?:(?:i|we)\s+(?:(?:can|could|have|now|therefore|also)\s+){0,2}|(?:this|that|which)\s+)"
    r"(?:eliminat(?:e|es|ed)|rul(?:e|es|ed)\s+out|exclud(?:e|es|ed))\s+$",
    re.IGNORECASE,
)
_FALSE = (
    r"(?:wrong|incorrect|false|untrue|out|not\s+(?:correct|right|true|the\s+answer)|ruled\s+out|excluded|eliminated|inappropriate)\b"
    r"|(?:틀리|틀렸|틀린|틀림|오답|옳지\s+않|맞지\s+않|적절하지\s+않|잘못|아니(?:다|므로|고)|아닙|아님|제외|탈락|배제|소거)|(?:ខុស|មិនត្រឹមត្រូវ)"
)
_TRUE = r"(?:correct|right|true|appropriate)\b|(?:옳(?:다|은|습|고|음)|맞(?:다|는|습|고|음)|적절(?:하다|한|합|하고|함)|올바)|ត្រឹមត្រូវ"
_ALL = r"\s*+(?:번?\s*+[은는이가도])?\s*+(?:\b(?:are|were|can)\s+(?:be\s+)?)?(?>(?:(?:all|clearly|therefore|both|모두|전부|다|ទាំងអស់|គឺ|សុទ្ធតែ)\s*+)*)(?:(?:이\s|해당\s)?[가-힣]{1,6}(?:의\s[가-힣]{1,6})?(?:과|와|에|에게)(?:는)?\s+)?"
_LIST_FALSE = re.compile(_ALL + rf"(?:{_FALSE})", re.IGNORECASE)
_LIST_TRUE = re.compile(_ALL + rf"(?:{_TRUE})", re.IGNORECASE)
# "… except B can be ruled out", "rules out everything but B".
_BUT = re.compile(
    r"(?P<out>\b(?:rul(?:e|es|ed|ing)\s+out|exclud(?:e|es|ed|ing)|eliminat(?:e|es|ed|ing))\s+)?"
    r"\b(?:all|everything|every\s+(?:option|choice|one)|each)(?:\s+(?:options?|choices?|others?|of\s+(?:them|the\s+options)))?\s+(?:but|except)\s+(?:for\s+)?(?:option\s+|choice\s+)?[(\[]?",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(
    rf"[)\]]?\s+(?:is|are|can\s+be|could\s+be|has\s+been|have\s+been|was|were)\s+(?:{_FALSE})",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[)\]]?\s*+(?:[.!,;\n]|$)")
_KOREAN_BUT = re.compile(
    r"(?<![A-Za-z0-9])[A-Z1-9①-⑳]번?\s*+(?:을|를)?\s*+(?:빼고|말고|제외하고|제하고|외에|이외에|뺀|제외한)는?\s+(?:나머지(?:는|가)?\s+|다른\s+(?:것|보기)[은이]?\s+)?(?:모두|다|전부|싹)?\s*+"
    r"(?:틀리|틀렸|틀린|틀림|오답|옳지\s+않|(?:정답|답|맞는\s+것|옳은\s+것)(?:이|은)?\s+(?:없|아니))"
)
# An option that is called wrong by itself.
_OUT = re.compile(
    rf"(?:^|\n|[.;,]\s)[^\S\n]*+(?:[-•]\s)?(?:and\s+)?(?:option\s+|choice\s+)?[(\[]?(?P<marker>[A-Z1-9①-⑳])(?:[)\]]?\s+(?:is|was|can\s+be)\s+(?:{_FALSE})|번?[은는도이가]\s(?:[^.\n]{{1,40}}?\s)?(?:탈락|제외|오답|배제))",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?:^|\n|[.!?]\s|\b(?:so|thus|hence|therefore),?\s)[^\S\n]*+only\s+(?:option\s+|choice\s+)?(?=[(]?[A-Z][)]?\s+(?:addresses|explains|accounts|corrects|satisfies|meets|treats|matches|describes|agrees|covers|fulfil?ls)\b)",
    re.IGNORECASE,
)
# A number behind an option: its share.
_SHARE = re.compile(
    r"[)\].]?\s?[\"']?[^\n0-9.,;:=|%]{0,40}?\s*+[:=|–—,-]?\s*+\(?(?P<share>0?\.[0-9]++|[01]\.[0-9]++|[0-9]{1,3}(?:\.[0-9]++)?\s?%|[01](?![0-9.%]))"
)
_NEITHER = re.compile(
    r"\b(?:not|n't|unless|if|difficult|wrong|incorrect|risk|mortality|prevalence|incidence|sensitivity|specificity)\b|유병률|민감도|특이도|사망률|오답|빈도",
    re.IGNORECASE,
)
# A reply that puts the options in order: "Likelihood: B > C > A > D". Without its first words the order may be any.
_RANKED = re.compile(
    r"\s*+[^\n:>]{0,40}(?:가능성|확률|정답|\b(?:likel\w+|probab\w+|best)\b)[^\n:>]{0,30}:\s*+"
    r"(?P<first>[(\[]?[A-Z1-9①-⑳][)\]]?번?)(?>(?:\s*+(?:>|≫)\s*+[(\[]?[A-Z1-9①-⑳][)\]]?번?)+)\s*+[.]?\s*+",
    re.IGNORECASE,
)
_CLEAR = 0.5
_LEAST, _MOST = 0.85, 1.15  # what shares of a whole come to


def reviewed_option(
    text: str, start: int, marks: OptionMarks, *, counted: bool, wrong: bool | None
) -> Extraction | None:
    r"""Read the one option whose line ends by saying that it is right, where each option has one line.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The markers of the options.
        counted: Whether the question has just as many options as ``marks``.
        wrong: Whether the question asks for the option that does not hold; ``None`` where it is not known.

    Example:
        >>> marks = OptionMarks(3, (), ())
        >>> text = "A. Too late.\nB. Safe. Correct.\nC. Harmful."
        >>> reviewed_option(text, 0, marks, counted=True, wrong=False).index
        1
        >>> reviewed_option(text, 0, marks, counted=True, wrong=True)
    """
    right: dict[int, tuple[int, int]] = {}
    false: dict[int, tuple[int, int]] = {}
    places: list[int] = []
    for line in _LINE.finditer(text, start):
        begin = line.end() - len(line.group().lstrip(_BULLET))
        begin = word.end() if (word := _WORD.match(text, begin, line.end())) else begin
        marker = marks.marker.match(text, begin, line.end())
        index = marks.index(marker) if marker else None
        if marker is None or index is None:
            continue
        led = _LED.match(text, marker.end(), line.end()) or (
            marker.lastgroup == "circled" and _CIRCLED.match(text, marker.end(), line.end())
        )
        if not led:
            continue
        places.append(index)
        if _WRONG.search(text, marker.end(), line.end()):
            false[index] = marker.span()
        elif _RIGHT.search(text, marker.end(), line.end()):
            right[index] = marker.span()
        elif not wrong and _ALSO.search(text, marker.end(), line.end()):
            return None  # another one that is called right in other words
    most = marks.count if counted else max(places, default=-1) + 1
    if len(places) == 1 and "\n" not in text[start:].strip():
        most = 1  # one line about one option
    elif places != list(range(most)) or most < _FEWEST:
        return None
    chosen = false if wrong else right
    if len(chosen) != 1:
        return None
    ((index, span),) = chosen.items()
    return Extraction(index, "marker", span)


def compared_option(
    text: str, start: int, marks: OptionMarks, *, counted: bool, wrong: bool | None
) -> Extraction | None:
    """Read the one option that is left when the reply has ruled out all others, or that has most of all.

    Args:
        text: The folded reply.
        start: Where the answer begins.
        marks: The markers of the options.
        counted: Whether the question has just as many options as ``marks``.
        wrong: Whether the question asks for the option that does not hold; ``None`` where it is not known.

    Example:
        >>> marks = OptionMarks(4, (), ())
        >>> compared_option("A, C and D are wrong.", 0, marks, counted=True, wrong=False).index
        1
        >>> compared_option("A, C and D are wrong.", 0, marks, counted=True, wrong=True)
        >>> compared_option("A: 0.1, B: 0.1, C: 0.7, D: 0.1", 0, marks, counted=True, wrong=None).index
        2
    """
    kept = dict(_kept(text, start, marks, counted=counted, wrong=wrong))
    if len(kept) == 1:
        ((index, span),) = kept.items()
        return Extraction(index, "statement", span)
    ranked = None if kept or wrong or not counted else _ranked(text, start, marks)
    return None if kept else ranked or _largest(text, start, marks, counted=counted)


def _kept(
    text: str, start: int, marks: OptionMarks, *, counted: bool, wrong: bool | None
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Return the options beside which all others are ruled out, with where that is said."""
    if counted and marks.count >= _FEWEST:
        ruled = _LIST_TRUE if wrong else _LIST_FALSE
        for sentence in _SENTENCE.finditer(text, start):
            for listed in _LIST.finditer(text, *sentence.span()):
                out = (
                    not wrong
                    and text[sentence.end() : sentence.end() + 1] != "?"
                    and _ENDS.match(text, _end(listed))
                    and _OUT_BEFORE.search(text, max(start, listed.start() - 40), listed.start())
                )
                if not out and not any(
                    ruled.match(text, end) for end in (listed.end(), _end(listed))
                ):
                    continue
                named = {
                    marks.index(sign) for sign in marks.marker.finditer(text, *listed.span("list"))
                }  # fmt: skip
                for run in _RANGE.finditer(text, *listed.span("list")):
                    named |= set(range(sign_place(run["first"]), sign_place(run["last"]) + 1))
                left = set(range(marks.count)) - named
                if len(left) == 1:
                    yield left.pop(), listed.span("list")
    if wrong:
        return
    if counted and marks.count >= _FEWEST:
        yield from _left(text, start, marks)
    for but in _BUT.finditer(text, start):
        marker = marks.marker.match(text, but.end())
        ends = _ENDS if but["out"] else _RULED_OUT
        if marker and ends.match(text, marker.end()) and (index := marks.index(marker)) is not None:
            yield index, marker.span()
    for but in _KOREAN_BUT.finditer(text, start):
        marker = marks.marker.match(text, but.start())
        if marker and (index := marks.index(marker)) is not None:
            yield index, marker.span()
    for only in _ONLY.finditer(text, start):
        marker = marks.marker.search(text, only.end())
        if marker and (index := marks.index(marker)) is not None:
            yield index, marker.span()


def _left(text: str, start: int, marks: OptionMarks) -> Iterator[tuple[int, tuple[int, int]]]:
    """Return the option that is left where each of the others is called wrong by itself."""
    said = line_verdicts(text, start, marks)
    if any(verdict.right for verdict in said.values()):
        return
    out = {index: verdict.span for index, verdict in said.items()}
    for ruled_out in _OUT.finditer(text, start):
        marker = marks.marker.match(text, ruled_out.start("marker"))
        index = marks.index(marker) if marker else None
        if index is not None:
            out[index] = ruled_out.span("marker")
    left = set(range(marks.count)) - out.keys()
    if len(left) == 1:
        yield left.pop(), max(out.values())


def _end(listed: re.Match[str]) -> int:
    """Return where a list ends without the blanks behind it."""
    return listed.start("list") + len(listed["list"].rstrip())


def _ranked(text: str, start: int, marks: OptionMarks) -> Extraction | None:
    """Read the first of all options, where a reply is nothing but their order of likelihood."""
    order = _RANKED.fullmatch(text, start)
    if order is None:
        return None
    signs = list(marks.marker.finditer(text, order.start("first")))
    indexes = [marks.index(sign) for sign in signs]
    if len(indexes) < _FEWEST or set(indexes) != set(range(marks.count)):
        return None
    return Extraction(indexes[0], "statement", signs[0].span())


def _largest(text: str, start: int, marks: OptionMarks, *, counted: bool) -> Extraction | None:
    """Read the option that has more than half, where each option has its share of a whole."""
    if not counted or not ("%" in text or "0." in text) or _NEITHER.search(text, start):
        return None
    shares: dict[int, tuple[float, tuple[int, int]]] = {}
    for marker in marks.marker.finditer(text, start):
        index, share = marks.index(marker), _SHARE.match(text, marker.end())
        if index is None or share is None:
            continue
        if index in shares:
            return None
        number = share["share"]
        part = float(number.rstrip("% ")) / (100 if number.endswith("%") else 1)
        shares[index] = part, marker.span()
    if len(shares) != marks.count or marks.count < _FEWEST:
        return None
    total, (most, span) = sum(part for part, _ in shares.values()), max(shares.values())
    if not _LEAST <= total <= _MOST or most < _CLEAR:
        return None
    index = next(i for i, (part, _) in shares.items() if part == most)
    return None if most * 2 <= total else Extraction(index, "statement", span)
