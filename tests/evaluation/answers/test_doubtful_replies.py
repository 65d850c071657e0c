"""Replies that think aloud, doubt, deny, run on or take back: nothing is read rather than a wrong letter."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import examples
from medqa_kit.evaluation.extract import extract

OPTIONS = {
    "ko": ["위염", "심근경색", "고혈압", "폐결핵", "편두통"],
    "en": ["Gastritis", "Myocardial infarction", "Hypertension", "Tuberculosis", "Migraine"],
    "km": ["រលាកក្រពះ", "គាំងបេះដូង", "លើសឈាម", "របេងសួត", "ឈឺក្បាល"],
}

# language of the options, reply, the letter to be read
REPLIES: list[tuple[str, str, str | None]] = [
    ("ko", "<thought>정답은 A이다.</thought>\n\nB", "B"),
    ("ko", "<thought>정답은 A이다.", None),
    ("ko", "[THINK]정답은 A이다.[/THINK]\n\nB", "B"),
    ("ko", "[THINK]정답은 A이다.\n\nB", None),
    (
        "ko",
        "<|channel|>analysis<|message|>정답은 A이다.<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>",
        "B",
    ),
    ("ko", "<|channel|>analysis<|message|>정답은 A이다.<|end|>", None),
    ("ko", "analysisThe answer is A.assistantfinalB", "B"),
    ("ko", "analysisThe answer is A.", None),
    ("ko", "<|channel>thought\n정답은 A이다.<channel|>B", "B"),
    ("ko", "<|channel>thought\n정답은 A이다.", None),
    ("ko", "<seed:think>정답은 A이다.</seed:think>B", "B"),
    ("ko", "<seed:think>정답은 A이다.", None),
    ("ko", "분석: 정답은 A이다.\n\nB", "B"),
    ("ko", "분석: 정답은 A이다.", None),
    ("ko", "분석 정답은 A이다.\n\nB", "B"),
    ("ko", "분석\n정답은 A로 보인다.\n최종 답변: B", "B"),
    ("ko", "<scratchpad>정답은 A이다.</scratchpad>\nB", "B"),
    ("ko", "<scratchpad>정답은 A이다.", None),
    ("ko", "<|START_THINKING|>The answer is A.<|END_THINKING|>B", "B"),
    ("ko", "<unused94>thought\nAnswer: A<unused95>B", "B"),
    ("ko", "<think>a</think>B<think>정답은 A", None),
    ("ko", "정답은 A이다.</think>\nB", "B"),
    ("ko", "정답은 A라고 생각하기 쉽지만 실제로는 B이다.", "B"),
    ("ko", "You might think the answer is A, but it is B.", "B"),
    ("ko", "정답은 B라고 할 수 없다.", None),
    ("ko", "정답이 B인지 C인지 확신할 수 없습니다.", None),
    ("ko", "If the answer is B, then the heart is at risk.", None),
    ("ko", "B\n\n문제: 다음은?\nA. 가\nB. 나\n정답: A", "B"),
    ("ko", "B\n\nQuestion: What?\nA. x\nB. y\nAnswer: A", "B"),
    ("ko", "옳지 않은 것은 C이다.", "C"),
    ("ko", "거리가 먼 것은 ③", "C"),
    ("ko", "거리가 가장 먼 것은 ③", "C"),
    ("ko", "가장 관련이 적은 것은 C이다.", "C"),
    ("ko", "관계가 먼 것은 C이다.", "C"),
    ("ko", "가능성이 가장 낮은 것은 C이다.", "C"),
    ("ko", "가능성이 낮은 것은 A이다.", None),
    ("ko", '{"answer": "B"}', "B"),
    ("ko", '{"정답": "②"}', "B"),
    ("ko", '```json\n{"answer": "B", "reason": "..."}\n```', "B"),
    ("ko", "\\boxed{\\textbf{(B)}}", "B"),
    ("ko", "$\\boxed{\\text{B}}$", "B"),
    ("ko", "'정답: A' 형식으로 답하겠습니다.\n\nB", "B"),
    ("ko", "The calculated answer is 11. We see. Answer: A", "A"),
    ("ko", "정답은 B입니다.\n\nC", None),
    ("ko", "A: X\nB: O\nC: X\nD: X\nE: X", "B"),
    ("ko", "A. O\nB. X\nC. O\nD. O\nE. O", "B"),
    ("ko", "| A | X |\n| B | O |\n| C | X |\n| D | X |\n| E | X |", "B"),
    ("ko", "Is the answer B?", None),
    ("ko", "정답은 B일까요?", None),
    ("ko", "The answer is B<|im_end|>\n<|im_start|>user\nThe answer is A", "B"),
    ("ko", "Some people say the answer is A. The correct answer is B.", "B"),
    ("ko", "That is why the answer is B.", "B"),
    ("ko", "If you look at the lab values, the answer is B.", "B"),
    ("ko", "I'm not sure whether the answer is B.", None),
    ("ko", "អ្នកអាចគិតថាចម្លើយគឺ ក ប៉ុន្តែតាមពិតគឺ ខ។", "B"),
    ("ko", "ប្រសិនបើចម្លើយគឺ ខ នោះ…", None),
    ("ko", "ចម្លើយគឺ ខ មែនទេ?", None),
    ("ko", "ចម្លើយគឺ ខ។", "B"),
    ("ko", "정답은 B이지만 A도 가능하다", None),
    ("ko", "B가 정답이라고 생각하기 쉽다.", None),
    ("ko", "정답은 B가 아니다. 정답은 C이다.", "C"),
    ("ko", "정답은 B이며 A는 아니다.", "B"),
    ("ko", "A는 틀리고 B가 맞다.", "B"),
    ("ko", "The answer cannot be B.", None),
    ("ko", "The answer is probably B.", "B"),
    ("ko", "It is tempting to say the answer is A.", None),
    ("ko", "Answer: B (format: letter)", None),
    ("ko", "처음에는 정답은 A라고 생각했다. 그러나 정답은 B이다.", "B"),
    ("ko", "정답: B. 인지장애", "B"),
    ("ko", "정답은 B일 수도 있다.", None),
    ("ko", "아마 정답은 B일 것이다.", "B"),
    ("ko", "환자는 위염이 의심된다. 다음 검사가 필요하다.", None),
    ("ko", "심근경색을 의심합니다.", "B"),
    ("ko", "심근경색", "B"),
    ("ko", "## Thinking\nThe answer is A\n## Final Response\nThe answer is B", "B"),
    ("ko", "B. 심근경색\n\n해설: 흉통이 있다. A는 아니다.", "B"),
    ("ko", "흉통과 ST 상승으로 보아 심근경색이 의심되므로 정답은 B번입니다.", "B"),
    ("ko", "정답을 A로 착각할 수 있으나 B가 정답이다.", "B"),
    ("ko", "보기 A는 소화기 질환이고, 보기 B는 심장 질환이다. 따라서 B.", "B"),
    ("ko", "답: ②", "B"),
    ("ko", "최종 정답: **D**", "D"),
    ("ko", "A인 것 같기도 하고 B인 것 같기도 하다.", None),
    ("ko", "정답은 A, B 중 하나이다.", None),
    ("ko", "만약 열이 있었다면 정답은 D였을 것이다. 하지만 열이 없으므로 정답은 B이다.", "B"),
    ("ko", "정답이 C라는 주장도 있지만 근거가 약하다. 정답은 B로 한다.", "B"),
    ("ko", "C는 정답이 될 수 없다. A와 D도 아니다. 남는 것은 B이다.", "B"),
    ("ko", "[답변]\nE", "E"),
    ("ko", "정답 : 마", None),
    ("ko", "해설\nA. 위염: 흉통과 무관\nB. 심근경색: 흉통\nC. 고혈압: 무관\n정답: B", "B"),
    ("ko", "정답은 없습니다.", None),
    ("ko", "제가 의사는 아니지만, 정답은 B라고 생각합니다.", "B"),
    ("ko", "B가 아닐까 싶습니다.", None),
    ("ko", "정답: B\n\n(참고: 정답: A 로 표기된 자료도 있음)", None),
    ("ko", "정답은 B입니다. 다음 문제로 넘어가겠습니다.\n\n문제 2: 다음 중?\nA. 가\n정답: A", "B"),
    ("ko", "<reasoning>정답은 D</reasoning><answer>B</answer>", "B"),
    ("ko", "1번 위염, 2번 심근경색 중 2번을 선택합니다.", "B"),
    ("ko", "확실하지 않지만 B를 고르겠습니다.", "B"),
    ("ko", "틀린 것은 A이고 맞는 것은 B이다.", "B"),
    ("ko", "정답은 A → 아니, 다시 보니 B입니다.", "B"),
    ("ko", '{"answer": "C", "explanation": "정답은 C"}', "C"),
    ("ko", "사용자님, 죄송하지만 답변할 수 없습니다.", None),
    ("ko", "B (심근경색)", "B"),
    ("ko", "B. 위염", None),
    ("ko", "심근경색(B)", "B"),
    ("en", "Looking at the ECG, this is consistent with B.", None),
    ("en", "The correct answer is **B. Myocardial infarction**.", "B"),
    ("en", "**Answer:** B", "B"),
    ("en", "Final answer: (D)", "D"),
    ("en", "I would have said the answer is A, but the ST elevation makes it B.", None),
    ("en", "A is wrong because there is no fever; B is correct.", "B"),
    ("en", "The answer isn't A. It's B.", "B"),
    ("en", "Either A or B could be right.", None),
    ("en", "Students often say the answer is A. It is actually B.", "B"),
    ("en", "Unless troponin is normal, the answer is B.", "B"),
    (
        "en",
        "Suppose the answer is C. Then we would see retinopathy. We do not. So the answer is B.",
        "B",
    ),
    ("en", "<think>Maybe C. The answer is C.</think>\n\nThe answer is B.", "B"),
    ("en", "<thinking>The answer is C", None),
    ("en", "<notes>The answer is C</notes>B", "B"),
    ("en", "B) Myocardial infarction\n\nQuestion 2: Which?\nA) x\nB) y\nAnswer: A", "B"),
    ("en", '{"final_answer": "E"}', "E"),
    ("en", "$$\\boxed{D}$$", "D"),
    ("en", "\\boxed{\\text{(C)}}", "C"),
    ("en", "The answer format is 'ANSWER: A'.\n\nANSWER: B", "B"),
    ("en", "The total dose is 3. The answer is B.", "B"),
    ("en", "I cannot answer this question.", None),
    ("en", "Hypertension", "C"),
    ("en", "It is not migraine.", None),
    ("en", "The exception is D.", "D"),
    ("en", "All are true except C.", None),
    ("en", "Not A, B, C or D: the answer is E.", "E"),
    ("en", "A: false\nB: true\nC: false\nD: false\nE: false", "B"),
    ("en", "The answer might be B.", None),
    ("en", "So is the answer C? No. The answer is B.", "B"),
    ("en", "answer is b", "B"),
    ("en", "The answer is a beta blocker.", None),
    ("km", "ចម្លើយត្រឹមត្រូវគឺ ខ. គាំងបេះដូង", "B"),
    ("km", "ចម្លើយ៖ ខ", "B"),
    ("km", "ខ", "B"),
    ("km", "(គ)", "C"),
    ("km", "ចម្លើយមិនមែនជា ក ទេ។", None),
    ("km", "<think>ចម្លើយគឺ ក</think>ខ", "B"),
    ("km", "ខ្ញុំមិនប្រាកដថាចម្លើយគឺ ខ ឬអត់។", None),
    ("km", "ប្រហែលជាចម្លើយគឺ ខ", None),
    ("km", "បើសិនជាចម្លើយគឺ ក អ្នកជំងឺនឹងឈឺពោះ។ ដូច្នេះចម្លើយគឺ ខ។", "B"),
    ("km", "ចម្លើយគឺ ខ\n\nសំណួរ: អ្វី?\nក. x\nចម្លើយ: ក", "B"),
    ("km", '{"ចម្លើយ": "ឃ"}', "D"),
    ("km", "ជ្រើសរើស គ", "C"),
    ("km", "តើចម្លើយគឺ ខ ឬ?", None),
    ("km", "សូមទោស ខ្ញុំមិនអាចឆ្លើយបានទេ។", None),
]


KEYCAP = "\ufe0f\u20e3"  # behind a figure: a sign of a key
WORDS_BESIDE: list[tuple[str, str, str | None]] = [
    ("ko", f"2{KEYCAP} 심근경색", "B"),
    ("ko", f"정답은 **5{KEYCAP}** 편두통입니다.", "E"),
    ("en", f"The correct answer is 1{KEYCAP} Gastritis.", "A"),
    ("km", f"ចម្លើយត្រឹមត្រូវគឺ 4{KEYCAP} របេងសួត", "D"),
    ("ko", f"2{KEYCAP} 위염", None),
    ("en", f"1{KEYCAP} First take the history.\n2{KEYCAP} Then examine the patient.", None),
    ("ko", "①번은 위염, ②번은 심근경색입니다.", None),
    ("ko", "②번은 흉통이 있을 때 생각할 수 있다.", None),
    ("ko", "③ 은 혈압이 높은 상태를 말합니다.", None),
    ("ko", "②은 정답이다. 흉통이 있기 때문이다.", "B"),
    ("ko", "④번은 폐결핵으로, 정답입니다.", "D"),
    ("ko", "④번은 이 환자에게 가장 적절하다.", "D"),
    ("ko", "정답은 C라고 봅니다만, 단정은 못 합니다.", None),
    ("ko", "정답은 D로 생각됩니다만 애매합니다.", None),
    ("ko", "어려운 문제입니다만 정답은 D입니다.", "D"),
    ("ko", "A, C, D, E는 증상과 맞지 않는다.", "B"),
    ("ko", "A, C, D, E는 증상과 맞는다.", None),
    ("ko", "A, B는 증상과 맞지 않는다.", None),
    ("ko", "①, ③은 이 환자와 무관하다.", None),
    ("ko", "A, B는 오답이고 정답은 C이다.", "C"),
    ("ko", "①, ③, ④, ⑤는 이 질환과 맞지 않습니다.", "B"),
    (
        "ko",
        "① 위염: 부적합\n② 심근경색: 적합함\n③ 고혈압: 부적합\n④ 폐결핵: 부적합\n⑤ 편두통: 부적합",
        "B",
    ),
    (
        "ko",
        "① 위염: 적합\n② 심근경색: 적합\n③ 고혈압: 부적합\n④ 폐결핵: 부적합\n⑤ 편두통: 부적합",
        None,
    ),
    ("en", '{"answer": "B", "text": "Tuberculosis"}', None),
    ("en", '{"answer": "B", "text": "Myocardial infarction"}', "B"),
    ("en", '{"text": "Hypertension", "answer": "B"}', None),
    ("en", '{"answer": {"letter": "B", "text": "Gastritis"}}', None),
    ("ko", '{"정답": "②", "내용": "고혈압"}', None),
    ("km", '{"answer": "C", "text": "របេងសួត"}', None),
    ("en", '{"answer": "B", "text": "A heart attack."}', "B"),
    ("en", '{"question": {"text": "Gastritis"}, "answer": "B"}', "B"),
    ("en", '{"options": [{"letter": "A", "text": "Gastritis"}], "answer": "B"}', "B"),
]


@pytest.mark.parametrize(("language", "reply", "letter"), WORDS_BESIDE)
def test_the_words_beside_a_marker_count(language: str, reply: str, letter: str | None) -> None:
    index = extract(reply, options=OPTIONS[language]).index
    assert (None if index is None else "ABCDE"[index]) == letter


@pytest.mark.parametrize(("language", "reply", "letter"), REPLIES)
def test_a_reply_is_read_only_when_sure(language: str, reply: str, letter: str | None) -> None:
    index = extract(reply, options=OPTIONS[language]).index
    assert (None if index is None else "ABCDE"[index]) == letter


def test_without_the_texts_of_options_no_other_letter_is_read() -> None:
    for _, reply, letter in REPLIES:
        index = None if reply == "B. 위염" else extract(reply).index  # the texts show the conflict
        assert index is None or "ABCDE"[index] == letter, reply


PLAIN = [
    "정답은 B입니다.",
    "정답: B",
    "The answer is B.",
    "Answer: (B)",
    "ចម្លើយគឺ ខ។",
    "B가 정답이다.",
]
DOUBTS = [
    "정답은 A라고 생각하기 쉽다.", "처음에는 정답이 A라고 보았다.", "정답이 A인지 확신할 수 없다.", "만약 정답이 C라면 열이 있다.",
    "'정답: D' 형식으로 쓴다.", "정답은 A가 아니다.", "A는 오답이다.", "정답은 C일 수도 있다.", "정답은 D일까?",
    "You might think the answer is A.", "If the answer is C, there is fever.", "The answer is not D.",
    "Some people say the answer is A.", "Is the answer C?", "The answer cannot be A.", "I am not sure whether it is D.",
    "정답을 A로 볼 근거가 부족하다.", "The answer is A unless there is fever.", "It is unlikely that the answer is D.",
    "មិនច្បាស់ថាចម្លើយគឺ គ ទេ។", "បើចម្លើយគឺ ក នោះមានគ្រុន។", "តើចម្លើយគឺ ឃ ឬទេ?", "<추론>정답은 A</추론>",
    "The format is 'Answer: A'.", "The total is 11.", "ចម្លើយមិនមែនជា ក ទេ។", "ប្រសិនបើចម្លើយគឺ គ នោះមានគ្រុន។",
    "<think>정답은 A</think>", "<notes>The answer is C</notes>",
]  # fmt: skip
AFTERWARDS = ["\n\n문제: 다음은?\nA. 가\n정답: A", "\n\nQuestion: Which?\nA. x\nAnswer: A", "<|im_end|>\nAnswer: C",
              "\n\nសំណួរ៖ អ្វី?\nចម្លើយ៖ ក", "\n\n[문제 2] 다음은?\n정답: A", "\n\n7. Which?\nA. x\nB. y\nAnswer: A", ""]  # fmt: skip


@settings(max_examples=examples(300), deadline=None)
@given(
    before=st.lists(st.sampled_from(DOUBTS), max_size=3),
    plain=st.sampled_from(PLAIN),
    after=st.lists(st.sampled_from(DOUBTS[:-2]), max_size=2),
    rest=st.sampled_from(AFTERWARDS),
    joint=st.sampled_from([" ", "\n", "\n\n"]),
)
def test_doubts_around_an_answer_never_change_it(
    before: list[str], plain: str, after: list[str], rest: str, joint: str
) -> None:
    reply = joint.join([*before, plain, *after]) + rest
    assert extract(reply, options=5).index in (1, None), reply
    if not after:
        assert extract(reply, options=5).index == 1, reply


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_doubt_alone_is_no_answer(doubt: str) -> None:
    assert extract(doubt, options=5).index is None


@pytest.mark.parametrize(
    "reply",
    ["<a>" * 700_000, "<x></x>" * 300_000, "<x>" * 300_000 + "</x>", "\n\n" * 1_000_000, "분석:\n\n" * 300_000,
     "정답은 A라고 " * 150_000, "분석" + " " * 2_000_000, "B\n문제" + " " * 2_000_000, "analysis" * 250_000, "<|channel|>" * 200_000, "A: X\n" * 400_000,
     "If the answer is A, " * 100_000, "\\boxed{" * 250_000],
    ids=lambda reply: ascii(reply[:12]),
)  # fmt: skip
@pytest.mark.slow
def test_two_megabytes_of_anything_take_seconds_at_most(reply: str) -> None:
    began = time.process_time()
    extract(reply, options=OPTIONS["en"])
    assert time.process_time() - began < 10
