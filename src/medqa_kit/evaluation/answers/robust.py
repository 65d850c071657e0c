"""Our own rule for reading the answer in a reply, in Korean, Khmer and English.

It would rather read nothing than guess: several answers, a marker that disagrees with the text
beside it, a statement that is doubted or denied, a refusal or a bare letter in the middle of a
sentence give no index, and say why. The order is: what the reply *states* ("정답은 ②번입니다", "answer
is (C)", "ចម្លើយគឺ ខ"), else what it *is* (a marker, a line that begins with one, a table of right and
wrong, the words of one option and nothing else). Reasoning between a model's own marks and what follows the
reply are not read; of what remains, if it is longer than 30,000 characters, only the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from medqa_kit.evaluation.answers import cues, markup
from medqa_kit.evaluation.answers.doubts import is_doubted, is_odd_ending, without_hedges
from medqa_kit.evaluation.answers.endings import final_marker, without_farewell
from medqa_kit.evaluation.answers.joints import (
    goes_on,
    is_behind_another,
    is_end_of_word,
    is_joined,
    is_joined_before,
    is_within_words,
)
from medqa_kit.evaluation.answers.mentions import ObjectWords, mentioned_option
from medqa_kit.evaluation.answers.option_lines import (
    BESIDE,
    leading_marker,
    marker_alone,
    runs_into_next_item,
)
from medqa_kit.evaluation.answers.option_marks import OptionMarks, is_marked_else
from medqa_kit.evaluation.answers.quantities import is_other_amount, is_term
from medqa_kit.evaluation.answers.readings import Extraction, Reason, Statement
from medqa_kit.evaluation.answers.reviews import compared_option, reviewed_option
from medqa_kit.evaluation.answers.rewordings import reworded_option, whole_option
from medqa_kit.evaluation.answers.turns import says_otherwise, turns_to_another
from medqa_kit.evaluation.answers.verdict_tables import (
    OptionVerdict,
    answer_cells,
    judged_statements,
    odd_verdict,
    whole_verdicts,
)
from medqa_kit.quality.reasoning import answer_span, lowered, without_asides

_LONGEST = 30_000  # characters read of a reply, from its end: answers to questions end sooner
_LINE = re.compile(r"[^\n]+")
_ANSWER = re.compile(r"답|answer|ចម្លើយ", re.IGNORECASE)
_IN_BRACKETS = re.compile(
    r"(?P<words>(?>(?:(?!\bnot\b|n't|아니|아닌|않)[^\n()\[\].:;,]){2,60}))[(\[](?:option\s)?(?=[A-Z1-9①-⑳]번?[)\]]\s*+[.]?\s*+(?:\n|$))"
)
_VALUE_ENDS = re.compile(r"\s*+[\"'}\],]")


class Robust:
    """The rule for one question.

    Args:
        count: How many options there are.
        options: Their texts, or none.
        labels: Markers of the prompt's own, such as ``ㄱ`` to ``ㅁ``.
        counted: Whether the question has that many options, rather than no more.
        negative: Whether the question asks for the wrong one; ``None`` where it is not known.
    """

    def __init__(
        self, count: int, options: Sequence[str], labels: Sequence[str], *,
        counted: bool = True, negative: bool | None = None,
    ) -> None:  # fmt: skip
        self._marks = OptionMarks(count, options, labels, counted=counted)
        self._counted = counted
        self._asks_for_wrong = negative

    def read(self, reply: str) -> Extraction:
        """Read a reply."""
        composed = markup.composed_form(reply)
        text = without_asides(markup.without_markup(markup.folded(composed)))
        text, places = markup.shortened_blanks(without_hedges(text))
        answer = answer_span(text)
        if answer is None:
            return Extraction(None, "unfinished")
        text = markup.without_answer_tags(text[: answer.end].rstrip(), answer.start)
        text = without_farewell(markup.alone(text, answer.start), answer.start, self._marks)
        if not text[answer.start :].strip():
            return Extraction(None, "empty")
        read = self._read(text, max(answer.start, len(text) - _LONGEST))
        if read.span is None:
            return read
        begin, end = places.before(read.span[0]), places.before(read.span[1] - 1) + 1
        if composed != reply:  # places in the composed text are not places in the reply
            return Extraction(read.index, read.reason, None, composed[begin:end])
        return Extraction(read.index, read.reason, (begin, end), reply[begin:end])

    def _read(self, text: str, start: int) -> Extraction:
        keyed = self._keyed(text, start)
        if keyed and cues.SAID_FALSE.search(text, start):
            return Extraction(None, "nothing")
        closed = any(_VALUE_ENDS.match(text, claim.end) for claim in keyed)
        if not closed and (value := markup.answer_value(text, start)):
            return self._read(*value)
        if not keyed and cues.CUT_OBJECT.fullmatch(text, start):
            return Extraction(None, "unfinished")
        verdicts = whole_verdicts(text, start, self._marks, counted=self._counted)
        table = {verdict.span[0] for verdict in verdicts.values()}
        statements = keyed or [
            claim for claim in self._statements(text, start)
            if claim.start not in table and (claim.index is not None or not table)  # "B → X"
        ]  # fmt: skip
        certain = [claim for claim in statements if not claim.doubted]
        if not certain and self._asks_for_wrong is not False:
            negative = self._cued(text, start, cues.BEFORE_NEGATIVE)
            certain = [claim for claim in negative if not claim.doubted]
        if not certain and self._asks_for_wrong:
            certain = self._named_wrong(text, start)
        if certain:
            return self._settled(text, start, certain, whole=bool(keyed))
        counted, wrong = self._counted, self._asks_for_wrong
        bare = judged_statements(text, start, self._marks.statements, wrong=wrong)
        if not verdicts and bare is None:
            bare = reviewed_option(text, start, self._marks, counted=counted, wrong=wrong)
            bare = bare or compared_option(text, start, self._marks, counted=counted, wrong=wrong)
        bare = bare or self._bare(text, start, verdicts)
        if bare is not None:
            ending = final_marker(text, start, self._marks) if bare.reason == "several" else None
            return ending or bare
        # What is only doubted is not read from what is only mentioned.
        if not statements or cues.HOWEVER.search(text, statements[-1].end):
            whole = whole_option(text, start, self._marks) or final_marker(text, start, self._marks)
            if whole is not None:
                return whole
        if refusal := cues.REFUSAL.search(text, start):
            return Extraction(None, "refusal", refusal.span())
        return Extraction(None, "nothing") if statements else self._in_words(text, start)

    # -- what the reply states -----------------------------------------------------------------

    def _statements(self, text: str, start: int) -> list[Statement]:
        stated: dict[int, Statement] = {}
        for claim in self._cued(text, start, (*cues.before(text, start), cues.KEYED)):
            stated[claim.start] = claim
        for place in answer_cells(text, start):
            if one_ := self._answer_at(text, place, place):
                stated[place] = one_
        joined_to, joined_at = None, -1  # where a marker stands that is joined to the one before it
        for marker in self._marks.marker.finditer(text, start):
            joined = marker.start() == joined_at and self._marks.index(marker) != joined_to
            joint = None if is_end_of_word(text, marker) else cues.AND.match(text, marker.end())
            joined_at = joint.end() if joint else joined_at
            joined_to = self._marks.index(marker)
            closed = cues.CLOSING.match(text, marker.end()).end()  # type: ignore[union-attr]
            tight = marker.end() + len(text[marker.end() : closed].rstrip())
            if any(cues.AFTER.match(text, end) for end in {closed, tight, marker.end()}):
                said_to_hold = self._asks_for_wrong and cues.HOLDS_AFTER.match(text, marker.end())
                if is_within_words(text, marker) or said_to_hold:
                    continue
                one_ = self._answer_at(text, marker.start(), marker.start())
                if one_ is not None:
                    more = joined or cues.ALSO.match(text, marker.end()) is not None
                    one_ = replace(one_, plural=one_.plural or more)
                    if one_.start not in stated or stated[one_.start].doubted:
                        stated[one_.start] = one_
        return sorted(stated.values(), key=lambda claim: claim.start)

    def _keyed(self, text: str, start: int) -> list[Statement]:
        """Return what stands under the key of an answer, of a reply that is one JSON object."""
        if not (cues.OBJECT.fullmatch(text, start) or cues.CUT_OBJECT.fullmatch(text, start)):
            return []
        words = ObjectWords(text, start, self._marks)
        keyed = (  # what stands in other values casts no doubt
            replace(claim, doubted=claim.doubted and not _VALUE_ENDS.match(text, claim.end),
                    conflict=claim.conflict or words.contradict(claim.end, claim.index))
            for claim in self._cued(text, start, (cues.KEYED,))
        )  # fmt: skip
        return sorted(keyed, key=lambda claim: claim.start)

    def _named_wrong(self, text: str, start: int) -> list[Statement]:
        """Return the options that are called wrong, in a reply to a question for the wrong one."""
        return [
            Statement(*marker.span(), self._marks.index(marker),
                      plural=is_joined_before(text, start, marker))
            for marker in self._marks.marker.finditer(text, start)
            if not is_within_words(text, marker)
            and not cues.NOT_ASKED_FOR.match(text, marker.end())
            and (
                cues.AFTER_NEGATIVE.match(text, marker.end())
                or cues.EXCEPT.search(text, max(start, marker.start() - 24), marker.start())
            )
        ]  # fmt: skip

    def _cued(
        self, text: str, start: int, patterns: Sequence[re.Pattern[str]]
    ) -> Iterator[Statement]:
        for pattern in patterns:
            for cue in pattern.finditer(text, start):
                if runs_into_next_item(text, cue, self._marks):
                    continue
                place = cues.OPENING.match(text, cue.end()).end()  # type: ignore[union-attr]
                statement = self._answer_at(text, place, cue.start())
                if (
                    statement is None
                    and _ANSWER.search(cue.group())
                    and (named := _IN_BRACKETS.match(text, place))
                ):
                    statement = self._bracketed(text, cue.start(), named)
                if statement is not None:
                    yield statement

    def _bracketed(self, text: str, cue: int, named: re.Match[str]) -> Statement | None:
        """Return the marker in brackets behind words that are no option's: "정답: 레보티록신 (B)"."""
        words = lowered(named["words"])
        if any(option in words for option, _ in self._marks.texts):
            return None
        return self._answer_at(text, named.end(), cue)

    def _answer_at(self, text: str, place: int, cue: int) -> Statement | None:
        """Return the answer that stands at a place, if one does."""
        marker = self._marks.marker.match(text, place)
        spoken = self._marks.text_at(text, place)
        spoken = spoken if spoken and spoken[0] else None
        if spoken is not None and is_term(text, place, spoken[1]):
            return None
        if spoken is not None and (
            marker is None or spoken[1] > marker.end() or self._marks.index(marker) is None
        ):  # "20", where no option has that number
            indexes, end = spoken
            doubted = is_odd_ending(text, end, named=True) or is_doubted(text, cue, place, end, end)
            return self._stated(text, cue, place, end, indexes[0], "text",
                                plural=len(indexes) > 1 or is_joined(text, end, indexes, self._marks),
                                conflict=is_marked_else(text, end, indexes, self._marks), doubted=doubted)  # fmt: skip
        if marker is None:
            return None
        after = cues.CLOSING.match(text, marker.end()).end()  # type: ignore[union-attr]
        index = self._marks.index(marker)
        beside = BESIDE.match(text, marker.end()).end()  # type: ignore[union-attr]
        named = self._marks.text_at(text, beside)
        conflict = (
            is_other_amount(text, marker, self._marks) if named is None else index not in named[0]
        ) or is_behind_another(text, marker, self._marks)
        doubted = is_odd_ending(text, marker.end(), named=named is not None) or is_doubted(
            text, cue, place, after, named[1] if named else after
        )
        plural = goes_on(text, marker, self._marks) or bool(
            named and is_joined(text, named[1], [index], self._marks)
        )
        return self._stated(text, cue, place, marker.end(), index, marker.lastgroup or "",
                            plural=plural, conflict=conflict,
                            doubted=doubted)  # fmt: skip

    def _stated(self, text: str, cue: int, start: int, end: int, index: int | None, kind: str,
                *, plural: bool, doubted: bool, conflict: bool = False) -> Statement:  # fmt: skip
        before = text[max(0, cue - 24) : start]
        clause = re.split(r"[\n]", before)[-1]
        doubted = doubted or bool(self._asks_for_wrong and cues.HOLDS.search(clause))
        return Statement(start, end, index, kind, bool(cues.FINAL.search(clause)),
                          bool(cues.REVISED.search(before)), plural, conflict, doubted)  # fmt: skip

    def _settled(
        self, text: str, start: int, stated: list[Statement], *, whole: bool
    ) -> Extraction:
        """Return which of the statements holds; a number that no option has may be any quantity."""
        within = [claim for claim in stated if claim.index is not None or claim.kind != "digit"]
        stated = within or stated
        weighed = [claim for claim in stated if claim.final] or stated
        last = weighed[-1]
        span = (last.start, last.end)
        if last.plural:
            return Extraction(None, "several", span)
        others = [claim.end for claim in weighed if claim.index != last.index]
        corrected = others and cues.CORRECTING.search(text, max(others), last.start)
        if others and not last.revised and not corrected:
            return Extraction(None, "several", span)
        if last.index is None:
            return Extraction(None, "out of range", span)
        if last.conflict:
            return Extraction(None, "conflict", span)
        if not whole and (
            cues.TAKEN_BACK.search(text, last.end)
            or turns_to_another(text, last.end, last.index, self._marks)
            or says_otherwise(text, start, last, self._marks)
            or (last.kind == "text" and self._marks.goes_on(text, last.end))
        ):
            return Extraction(None, "several", span)
        reason: Reason = "option text" if last.kind == "text" else "statement"
        return Extraction(last.index, reason, span)

    # -- what the reply is ---------------------------------------------------------------------

    def _bare(
        self, text: str, start: int, verdicts: Mapping[int, OptionVerdict]
    ) -> Extraction | None:
        """Read a reply, a first or a last line that is a marker, or begins with one."""
        lines = [m for m in _LINE.finditer(text, start) if m.group().strip()]
        whole = [marker_alone(line, self._marks) for line in lines]
        if len(lines) == 1 and whole[0] is not None:
            return self._marked(whole[0], text)
        if verdicts:
            only = odd_verdict(verdicts, wrong=self._asks_for_wrong)
            return (
                Extraction(None, "several")
                if only is None
                else Extraction(only, "marker", verdicts[only].span)
            )
        led = [leading_marker(line, self._marks, single=len(lines) == 1) for line in lines]
        begun = {self._marks.index(m) for m in (*whole, *led) if m is not None}
        if len(begun) > 1:
            return Extraction(None, "several")
        for marker in (whole[0], whole[-1], led[0]):
            if marker is not None:
                return self._marked(marker, text)
        return None

    def _marked(self, marker: re.Match[str], text: str) -> Extraction:
        index = self._marks.index(marker)
        if goes_on(text, marker, self._marks):
            return Extraction(None, "several", marker.span())
        statement = self._answer_at(text, marker.start(), marker.start())
        if statement is None or statement.doubted:  # "A는 아니다"
            return Extraction(None, "nothing", marker.span())
        if statement.kind == "text":  # "C. difficile colitis", which is an option
            index = statement.index
        if statement.plural:
            return Extraction(None, "several", marker.span())
        if index is None:
            return Extraction(None, "out of range", marker.span())
        beside = BESIDE.match(text, marker.end()).end()  # type: ignore[union-attr]
        line = _LINE.match(text, beside)
        other = (
            marker_alone(line, self._marks) if line else None
        )  # "A: C", of a question and its answer
        if cues.UNSURE.match(text, marker.end()) or turns_to_another(
            text, marker.end(), index, self._marks
        ):  # "A... no, B"
            return Extraction(None, "several", marker.span())
        if statement.conflict or (other is not None and self._marks.index(other) != index):
            return Extraction(None, "conflict", marker.span())
        return Extraction(index, "marker", marker.span())

    def _in_words(self, text: str, start: int) -> Extraction:
        """Read a reply that names an option by its words alone, in any order, or in its last sentence."""
        wrong = bool(self._asks_for_wrong)
        read = mentioned_option(text, start, self._marks, wrong=wrong)
        if read.reason == "several" and (ending := cues.CONCLUSION.search(text, start)):
            read = mentioned_option(text, ending.start("last"), self._marks, wrong=wrong)
        if read.reason == "nothing":
            return reworded_option(lowered(text), start, self._marks.texts) or read
        return read
