"""Find the beginning of the answer in a reply: models may think first, between marks of their own.

One table of the marks, so that whoever reads replies and whoever checks training data see the same.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class AnswerSpan(NamedTuple):
    """The part of a reply that answers: ``reply[start:end]``."""

    start: int
    end: int


REASONING_MARKS: tuple[tuple[str, str], ...] = (
    ("<think>", "</think>"),  # Qwen, DeepSeek, and most others
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),  # EXAONE Deep
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<analysis>", "</analysis>"),
    ("<seed:think>", "</seed:think>"),  # Seed-OSS
    ("[think]", "[/think]"),  # Magistral
    ("◁think▷", "◁/think▷"),  # Kimi
    ("<|start_thinking|>", "<|end_thinking|>"),  # Command A
    ("<|begin_of_thought|>", "<|end_of_thought|>"),  # Sky-T1, OpenThoughts
    ("<|channel>thought", "<channel|>"),  # Gemma 4
    ("<unused94>thought", "<unused95>"),  # MedGemma
    ("<|channel|>analysis", "<|channel|>final<|message|>"),  # gpt-oss
    ("<|channel|>commentary", "<|channel|>final<|message|>"),
)
"""What stands before and after the reasoning, in small letters."""

END_OF_TURN: tuple[str, ...] = (
    "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<|return|>", "</s>", "<eos>",
    "<|end_of_solution|>", "<end_of_turn>", "<turn|>", "[|endofturn|]", "<|end_of_turn_token|>", "<|im_start|>", "<start_of_turn>",
    "<|start_header_id|>", "<｜end▁of▁sentence｜>", "<|end▁of▁sentence|>", "<｜user｜>", "<|user|>", "<|observation|>", "<|turn>user", "[|user|]",
)  # fmt: skip
"""Control tokens after which nothing of the reply follows, in small letters."""

_CLOSERS = tuple(dict.fromkeys(close for _, close in REASONING_MARKS))
_OPENERS = tuple(open_ for open_, _ in REASONING_MARKS)

# Control tokens of the kind <|think|>, whatever they are called.
_THOUGHT = r"(?:think\w{0,9}|thought\w{0,9}|reason\w{0,9}|analysis|cot|scratchpad)"
_TOKEN_OPENER = re.compile(
    rf"<\|(?:begin_|start_)?(?:of_)?{_THOUGHT}\|>|\[(?:begin|start)\s(?:of\s)?{_THOUGHT}\]"
)
_TOKEN_CLOSER = re.compile(
    rf"<\|(?:/|end_)(?:of_)?{_THOUGHT}\|>|<\|{_THOUGHT}_end\|>|\[end\s(?:of\s)?{_THOUGHT}\]|\.\.\.done\sthinking\."
)
# One of these is in each mark of reasoning and in each control token.
_MARK = re.compile(r"[<\[◁]|\.\.\.done\sthinking")
# gpt-oss without its control tokens.
_BARE_CHANNEL, _BARE_FINAL = re.compile(r"\s*+analysis(?=[a-z가-힣\"'(])"), "assistantfinal"
# Reasoning under a heading at the start, and headings of the answer that ends it.
_HEADING = re.compile(
    r"\s*+[\[(<【]?+\s*+(?:분석|(?:사고|추론|풀이)\s?과정|생각|추론|analysis|thinking(?:\s+process|\.\.\.|…)?|thought\s+process|thoughts?|reasoning|ការវិភាគ|ការគិត)(?>(?:[^\S\n]*+[\])>】])?)"
    r"(?:[^\S\n]*+[:\n]|(?=\s++정답|\s++the answer))"
)
_ANSWER_HEADING = re.compile(
    r"(?:^|\n)[^\S\n]*+[\[(<【]?+[^\S\n]*+(?:(?:final )?response|assistantfinal(?=[^\S\n]*+\n)|(?:최종\s?)?(?:답변|정답|답)|최종|결론|판정|(?:final\s)?(?:answer|verdict|decision|conclusion)|final|"
    r"ចម្លើយ(?:ចុងក្រោយ)?)(?>(?:[^\S\n]*+[\])>】])?)[^\S\n]*+(?=[:\n])"
)
# The same within the line of the reasoning.
_ANSWER_INLINE = re.compile(
    r"(?<=[.!?。។])[\s*]+(?=(?:final\s|최종\s)?(?:answer|정답|ចម្លើយ)[^\S\n]*+[*]*+[:៖])"
)
_FINAL_RESPONSE = re.compile(r"(?:^|\n)[^\S\n]*+final response\b")
# What opens the reply's own turn, where a sampler leaves it in.
_OWN_TURN = re.compile(
    r"(?:<\|im_start\|>assistant|<start_of_turn>model|<\|start_header_id\|>assistant<\|end_header_id\|>)"
)
_ANSWER_BEGINS, _ANSWER_ENDS = "<answer>", "</answer>"
_PARAGRAPHS = re.compile(r"\n[^\S\n]*+\n\s*+")
# The reply goes on: another exercise, or another speaker.
_NEXT_EXERCISE = re.compile(
    r"\n[^\S\n]*+[#*\[(<【-]*+[^\S\n]*+(?>(?:[0-9]{1,3}번\s?)?)(?>(?:(?:다음|예시|연습|추가|새로운|또\s?다른|another|additional|next|example|sample)\s)?)(?:문제|질문|문항|예제|question|exercise|problem|pregunta|pergunta|domanda|frage|soal|pertanyaan|câu(?:\shỏi)?|вопрос|問題|问题|題目|题目|問|คำถาม|"
    r"សំណួរ|លំហាត់|q)[^\S\n]*+(?>(?:ទី|បន្ទាប់)?)[^\S\n]*+[0-9០-៩]{0,3}+[^\S\n]*+번?+[^\S\n]*+[*]*+[:.)៖\]】>\n]"
    r"|\n[^\S\n]*+#{0,6}+[^\S\n]*+(?:user|human|instruction|input|system|사용자|អ្នកប្រើ)\s*+:"
    r"|\n[^\S\n]*+[#*\[(<【-]*+[^\S\n]*+문\s?[0-9]{1,3}+[^\S\n]*+번?+[^\S\n]*+[*]*+[:.)\]】]"
    r"|\n[^\S\n]*+(?:example|예시|ឧទាហរណ៍)[^\S\n]*+[0-9]{1,3}+[^\S\n]*+[:.]?+[^\S\n]*+\n"
    # A numbered line, and options below it.
    r"|\n[^\S\n]*+[#*]*+[^\S\n]*+[0-9]{1,3}+[.)][^\S\n][^\n]{3,400}+\n\s*+[(]?(?:a|1|ក)[.):៖][^\n]{1,200}+\n\s*+[(]?(?:b|2|ខ)[.):៖]"
    r"|\n[^\S\n]*+[#*]*+[^\S\n]*+[0-9]{1,3}+[.)][^\S\n][^\n]{3,400}+\n\s*+①"
)
_TAG = re.compile(r"<(/?)([a-z가-힣\u1780-\u17b3][\w:.\u17b4-\u17d3-]{0,30})>")
_THINKS = re.compile(
    r"분석|사고|추론|생각|독백|풀이|reason|think|thought|analy|scratch|monolog|reflect|cogit|delibera|plan|វិភាគ|គិត|គំនិត"
)
_PAIRED = re.compile(
    r"(?:[<\[《]|\{\{)(/?)([a-z가-힣\u1780-\u17b3][\w:.\u17b4-\u17d3-]{0,30})(?:[>\]》]|\}\})"
)
_MARKUP = frozenset(
    ("answer", "final_answer", "final", "response", "result", "output", "solution", "choice", "a", "b", "i", "ans",
     "u", "s", "p", "em", "br", "hr", "li", "ol", "ul", "td", "th", "tr", "sub", "sup", "div", "pre", "span",
     "code", "정답", "답", "답안", "답변", "최종답", "최종답변", "최종정답", "결론", "ចម្លើយ", "ចម្លើយចុងក្រោយ",
     "conclusion", "final-answer", "finalanswer", "correct_answer", "json", "bold", "mark", "small", "strong", "table", "tbody", "thead", "html", "body", "center", "xml", "root", "reply", "message", "assistant"),
)  # fmt: skip


def answer_span(reply: str) -> AnswerSpan | None:
    """Return where the answer of a reply stands, after its reasoning and before what follows it.

    Args:
        reply: A reply of a model; case does not count.

    Returns:
        The part that answers; ``None`` where the reply ends within its reasoning.

    Example:
        >>> reply = "<think>A looks right.</think>B<|im_end|>"
        >>> span = answer_span(reply)
        >>> reply[span.start : span.end], answer_span("<think>A looks")
        ('B', None)
    """
    text = lowered(reply)
    start = 0
    if _MARK.search(text):
        closers = [text.rfind(close) + len(close) for close in _CLOSERS if close in text]
        closers += [closer.end() for closer in _TOKEN_CLOSER.finditer(text)]
        start = max(0, _after_lone_closer(text), *closers)
        unfinished = any(text.find(open_, start) >= 0 for open_ in _OPENERS)
        if unfinished or _TOKEN_OPENER.search(text, start):
            return None
    if not start:
        headed = _after_heading(text)
        if headed is None:
            return None
        start = headed
    begin = start + len(text[start:]) - len(text[start:].lstrip())
    own = _OWN_TURN.match(text, begin)
    opened = None if own else _TAG.match(text, begin)
    if opened and not opened[1] and opened[2] not in _MARKUP and f"</{opened[2]}>" not in text:
        return None
    if _is_left_open(text, begin):
        return None
    start = own.end() if own else start
    return AnswerSpan(start, _end(text, start))


def _is_left_open(text: str, start: int) -> bool:
    """Check whether a tag stands open whose name says that the reply thinks."""
    tags = list(_TAG.finditer(text, start))
    opened = {tag[2] for tag in tags if not tag[1] and _THINKS.search(tag[2])}
    return not opened <= {tag[2] for tag in tags if tag[1]}


def _after_lone_closer(text: str) -> int:
    """Return where a tag ends that closes what the prompt opened: nothing in the reply opens it."""
    end, opened = 0, set()
    for tag in _TAG.finditer(text):
        if not tag[1]:
            opened.add(tag[2])
        elif tag[2] not in opened and tag[2] not in _MARKUP:
            end = tag.end()
    return end


def lowered(text: str) -> str:
    """Lower the case without changing the length: the few letters that become two stay.

    Example:
        >>> lowered("ABİ")
        'abİ'
    """
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def without_asides(text: str) -> str:
    """Blank what stands between a pair of tags that is neither markup nor an answer; places stay.

    Example:
        >>> without_asides("<notes>A?</notes> <b>B</b>")
        '                  <b>B</b>'
    """
    if not any(closer in text for closer in ("</", "[/", "{{/", "《/")):
        return text
    tags = list(_PAIRED.finditer(lowered(text)))
    last = {tag[2]: tag.start() for tag in tags if tag[1]}
    kept, place, open_ = [], 0, ""
    for tag in tags:
        if not open_ and not tag[1] and not _says(tag[2]) and last.get(tag[2], -1) > tag.start():
            kept.append(text[place : tag.start()])
            place, open_ = tag.start(), tag[2]
        elif tag[1] and tag[2] == open_:
            kept.append(" " * (tag.end() - place))
            place, open_ = tag.end(), ""
    return "".join([*kept, text[place:]])


def _says(name: str) -> bool:
    """Check whether what stands in a tag is said: markup, an answer, or the call that hands it in."""
    return name in _MARKUP or "answer" in name or name in ("tool_call", "function_call")


def _after_heading(text: str) -> int | None:
    """Return where the answer begins in a reply whose reasoning stands under a heading."""
    responses = list(_FINAL_RESPONSE.finditer(text))
    if responses:
        return responses[-1].end()
    if _BARE_CHANNEL.match(text):
        final = text.rfind(_BARE_FINAL)
        return None if final < 0 else final + len(_BARE_FINAL)
    heading = _HEADING.match(text)
    if heading is None:
        return 0
    answers = list(_ANSWER_HEADING.finditer(text, heading.end()))
    if answers:  # the last before another exercise
        other = _NEXT_EXERCISE.search(text, answers[0].end())
        return [a.start() for a in answers if other is None or a.start() < other.start()][-1]
    breaks = list(_PARAGRAPHS.finditer(text.rstrip(), heading.end()))
    last = breaks[-1].end() if breaks else None
    if last is not None and "\n" not in text[last:].strip():
        return last
    inline = list(_ANSWER_INLINE.finditer(text, heading.end()))
    return inline[-1].end() if inline else None


def _end(text: str, start: int) -> int:
    begin = start + len(text[start:]) - len(text[start:].lstrip())
    marked = _MARK.search(text, begin) is not None
    ends = [text.find(mark, begin) for mark in END_OF_TURN] if marked else []
    closed = text.find(_ANSWER_ENDS, begin) if marked else -1
    if closed > 0 and text.find(_ANSWER_BEGINS, begin, closed) < 0:  # the prompt opened it
        ends.append(closed)
    following = _NEXT_EXERCISE.search(text, begin)
    if following:
        ends.append(following.start())
    return min((end for end in ends if end >= 0), default=len(text))
