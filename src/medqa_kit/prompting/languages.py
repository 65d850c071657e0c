"""Language packs: every word the prompts add to the data, as data.

Nothing in the other modules speaks a language. To change a wording, replace the pack::

    import dataclasses
    mine = dataclasses.replace(KOREAN, system="당신은 간호사 국가시험의 출제 위원입니다.")
    mk.prompt(language=mine)

or one style of it with :meth:`Language.reworded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from medqa_kit.core.arguments import instance, nonempty_text, one_of
from medqa_kit.errors import ArgumentError
from medqa_kit.prompting.options import MarkerName
from medqa_kit.prompting.wording import PromptStyle, Wording

LanguageCode = Literal["ko", "km", "en"]


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language pack.

    Args:
        code: BCP 47 tag.
        markers: Option markers unless others are asked for.
        system: A system text to offer; prompts carry one only when asked to.
        styles: The wording of each style.
        answer: What stands before the answer in the reply of a training record.
        rationale: What stands before the reasons there.
        names: Names of languages in this language, by their tag.
        roles: How the speakers of a dialogue are called, by role; at least the assistant.

    Raises:
        ArgumentError: The markers or a style are unknown, or the assistant has no name.
    """

    code: str
    markers: MarkerName
    system: str
    styles: Mapping[PromptStyle, Wording]
    names: Mapping[str, str]
    roles: Mapping[str, str]
    answer: str = ""
    rationale: str = ""

    def __post_init__(self) -> None:
        nonempty_text("code", self.code)
        one_of("markers", self.markers, get_args(MarkerName))
        for style, wording in self.styles.items():
            one_of("styles", style, get_args(PromptStyle))
            instance("styles", wording, Wording, expected="a Wording for each style",
                     hint="medqa_kit.prompting.wording.Wording(prompt=..., target=...)")  # fmt: skip
        nonempty_text("roles", self.roles.get("assistant", ""),
                      hint="roles= calls at least the 'assistant' by a name")  # fmt: skip

    def wording(self, style: PromptStyle) -> Wording:
        """Return the wording of one style.

        Raises:
            ArgumentError: There is no such style, or the pack does not have it.
        """
        one_of("style", style, get_args(PromptStyle))
        if style not in self.styles:
            raise ArgumentError(f"the language pack {self.code!r} has no such style", argument="style",
                                found=repr(style), expected=", ".join(self.styles) or "no style",
                                hint="Language.reworded adds a style to a pack")  # fmt: skip
        return self.styles[style]

    def reworded(self, style: PromptStyle, wording: Wording) -> Language:
        """Return this pack with one style worded differently; this one stays as it is.

        Example:
            >>> plain = Wording(prompt="{question} {options} 답:", target="{marker}")
            >>> KOREAN.reworded("choice", plain).wording("choice").prompt
            '{question} {options} 답:'
        """
        return replace(self, styles={**self.styles, style: wording})


KOREAN = Language(
    code="ko",
    markers="A",
    system="당신은 정확하고 신중한 의학 지식 도우미입니다.",
    answer="정답: ",
    rationale="해설: ",
    names={"ko": "한국어", "en": "영어", "km": "크메르어", "zh": "중국어", "ja": "일본어"},
    roles={"system": "안내", "user": "사용자", "assistant": "상담자", "tool": "도구"},
    styles={
        "choice": Wording(
            prompt="{context:지문: |\n}질문: {question}\n선택지:\n{options}\n정답:",
            target="{marker}",
            instructions=(
                "",
                "다음 문제를 읽고 알맞은 답을 하나 고르시오.",
                "다음 질문에 가장 적절한 보기의 기호를 쓰시오.",
                "아래 의학 문제의 정답을 고르세요.",
            ),
        ),
        "choice-rationale": Wording(
            prompt="{context:지문: |\n}질문: {question}\n선택지:\n{options}",
            target="정답: {answer_line}\n해설: {rationale}",
            joint="\n",
            instructions=(
                "",
                "다음 문제의 정답과 해설을 쓰시오.",
                "정답을 고르고 그 까닭을 설명하세요.",
            ),
        ),
        "choice-reasoning": Wording(
            prompt="{context:지문: |\n}질문: {question}\n선택지:\n{options}",
            target="해설: {rationale}\n정답: {answer_line}",
            joint="\n",
            instructions=(
                "",
                "차근차근 풀이한 뒤 마지막 줄에 정답을 쓰시오.",
                "먼저 해설을 쓰고, 끝에 정답을 밝히세요.",
            ),
        ),
        "open": Wording(
            prompt="{context:지문: |\n}질문: {question}\n답변:",
            target="{answer}",
            instructions=(
                "",
                "다음 질문에 답하시오.",
                "아래 의학 질문에 정확하게 답해 주세요.",
            ),
        ),
        "open-rationale": Wording(
            prompt="{context:지문: |\n}질문: {question}",
            target="답변: {answer}\n해설: {rationale}",
            joint="\n",
            instructions=("", "다음 질문에 답하고 그 까닭을 설명하시오."),
        ),
        "ner-tags": Wording(
            prompt="문장: {tokens}\n태그:",
            target="{tagged}",
            joint="\n",
            instructions=(
                "다음 문장의 토큰마다 개체명 태그를 한 줄에 하나씩 쓰시오.{labels: 태그 종류: |.}",
            ),
        ),
        "ner-spans": Wording(
            prompt="문장: {text}\n개체:",
            target="{spans}",
            instructions=(
                "다음 문장의 개체명을 JSON 목록으로 쓰시오.{labels: 개체 종류: |.}",
                "아래 문장에서 개체명을 찾아 JSON 목록으로 답하시오.{labels: 개체 종류: |.}",
            ),
        ),
        "translate": Wording(
            prompt="{text_language_name:|: }{text}\n{translation_language_name:|:}",
            target="{translation}",
            instructions=("다음 글을 번역하시오.", "아래 내용을 의학 용어에 주의하여 옮기시오."),
        ),
        "translate-back": Wording(
            prompt="{translation_language_name:|: }{translation}\n{text_language_name:|:}",
            target="{text}",
            instructions=("다음 글을 번역하시오.", "아래 내용을 의학 용어에 주의하여 옮기시오."),
        ),
        "classify": Wording(
            prompt="글: {text}{text_pair:\n비교할 글: |}\n분류:",
            target="{label}",
            instructions=("다음 글을 분류하시오.{labels: 종류: |.}",),
        ),
        "dialogue": Wording(prompt="{transcript}\n{speaker}:", target="{reply}"),
    },
)

ENGLISH = Language(
    code="en",
    markers="A",
    system="You are a careful and accurate assistant for medical knowledge.",
    answer="Answer: ",
    rationale="Explanation: ",
    names={"ko": "Korean", "en": "English", "km": "Khmer", "zh": "Chinese", "ja": "Japanese"},
    roles={"system": "Note", "user": "User", "assistant": "Assistant", "tool": "Tool"},
    styles={
        "choice": Wording(
            prompt="{context:Context: |\n}Question: {question}\nOptions:\n{options}\nAnswer:",
            target="{marker}",
            instructions=(
                "",
                "Read the question and choose the one best answer.",
                "Answer the following multiple-choice question with the letter of the best option.",
                "Which option is correct?",
            ),
        ),
        "choice-rationale": Wording(
            prompt="{context:Context: |\n}Question: {question}\nOptions:\n{options}",
            target="Answer: {answer_line}\nExplanation: {rationale}",
            joint="\n",
            instructions=("", "Choose the best answer and explain why it is right."),
        ),
        "choice-reasoning": Wording(
            prompt="{context:Context: |\n}Question: {question}\nOptions:\n{options}",
            target="Explanation: {rationale}\nAnswer: {answer_line}",
            joint="\n",
            instructions=("", "Reason step by step, then give the answer on the last line."),
        ),
        "open": Wording(
            prompt="{context:Context: |\n}Question: {question}\nAnswer:",
            target="{answer}",
            instructions=("", "Answer the question.", "Answer this medical question accurately."),
        ),
        "open-rationale": Wording(
            prompt="{context:Context: |\n}Question: {question}",
            target="Answer: {answer}\nExplanation: {rationale}",
            joint="\n",
            instructions=("", "Answer the question and explain your answer."),
        ),
        "ner-tags": Wording(
            prompt="Sentence: {tokens}\nTags:",
            target="{tagged}",
            joint="\n",
            instructions=(
                "Tag each token of the sentence, one token and its tag a line.{labels: Tags: |.}",
            ),
        ),
        "ner-spans": Wording(
            prompt="Sentence: {text}\nEntities:",
            target="{spans}",
            instructions=(
                "List the entities of the sentence as JSON.{labels: Kinds: |.}",
                "Find all entities in this sentence; reply with a JSON list.{labels: Kinds: |.}",
            ),
        ),
        "translate": Wording(
            prompt="{text_language_name:|: }{text}\n{translation_language_name:|:}",
            target="{translation}",
            instructions=("Translate the text.", "Translate this medical text faithfully."),
        ),
        "translate-back": Wording(
            prompt="{translation_language_name:|: }{translation}\n{text_language_name:|:}",
            target="{text}",
            instructions=("Translate the text.", "Translate this medical text faithfully."),
        ),
        "classify": Wording(
            prompt="Text: {text}{text_pair:\nSecond text: |}\nClass:",
            target="{label}",
            instructions=("Classify the text.{labels: Classes: |.}",),
        ),
        "dialogue": Wording(prompt="{transcript}\n{speaker}:", target="{reply}"),
    },
)

KHMER = Language(
    code="km",
    markers="ក",
    system="អ្នកគឺជាជំនួយការចំណេះដឹងវេជ្ជសាស្ត្រដែលត្រឹមត្រូវ និងប្រុងប្រយ័ត្ន។",
    answer="ចម្លើយ: ",
    rationale="ការពន្យល់: ",
    names={
        "ko": "ភាសាកូរ៉េ",
        "en": "ភាសាអង់គ្លេស",
        "km": "ភាសាខ្មែរ",
        "zh": "ភាសាចិន",
        "ja": "ភាសាជប៉ុន",
    },
    roles={"system": "ការណែនាំ", "user": "អ្នកប្រើ", "assistant": "ជំនួយការ", "tool": "ឧបករណ៍"},
    styles={
        "choice": Wording(
            prompt="{context:បរិបទ: |\n\n}សំណួរ: {question}\nជម្រើស:\n{options}\n\nចម្លើយ:",
            target="{marker}",
            instructions=(
                "",
                "សូមជ្រើសរើសចម្លើយត្រឹមត្រូវតែមួយ។",
                "សូមអានសំណួរ រួចជ្រើសរើសចម្លើយដែលត្រឹមត្រូវបំផុត។",
            ),
        ),
        "choice-rationale": Wording(
            prompt="{context:បរិបទ: |\n\n}សំណួរ: {question}\nជម្រើស:\n{options}",
            target="ចម្លើយ: {answer_line}\nការពន្យល់: {rationale}",
            joint="\n\n",
            instructions=("", "សូមជ្រើសរើសចម្លើយត្រឹមត្រូវ ហើយពន្យល់ពីមូលហេតុ។"),
        ),
        "choice-reasoning": Wording(
            prompt="{context:បរិបទ: |\n\n}សំណួរ: {question}\nជម្រើស:\n{options}",
            target="ការពន្យល់: {rationale}\nចម្លើយ: {answer_line}",
            joint="\n\n",
            instructions=("", "សូមពន្យល់ជាជំហានៗ រួចសរសេរចម្លើយនៅបន្ទាត់ចុងក្រោយ។"),
        ),
        "open": Wording(
            prompt="{context:បរិបទ: |\n\n}សំណួរ: {question}\n\nចម្លើយ:",
            target="{answer}",
            instructions=("", "សូមឆ្លើយសំណួរខាងក្រោម។", "សូមឆ្លើយសំណួរវេជ្ជសាស្ត្រនេះឱ្យបានត្រឹមត្រូវ។"),
        ),
        "open-rationale": Wording(
            prompt="{context:បរិបទ: |\n\n}សំណួរ: {question}",
            target="ចម្លើយ: {answer}\nការពន្យល់: {rationale}",
            joint="\n\n",
            instructions=("", "សូមឆ្លើយសំណួរ ហើយពន្យល់ចម្លើយរបស់អ្នក។"),
        ),
        "ner-tags": Wording(
            prompt="ប្រយោគ: {tokens}\nស្លាក:",
            target="{tagged}",
            joint="\n",
            instructions=("សូមដាក់ស្លាកឱ្យពាក្យនីមួយៗ មួយពាក្យក្នុងមួយបន្ទាត់។{labels: ស្លាក: |។}",),
        ),
        "ner-spans": Wording(
            prompt="ប្រយោគ: {text}\nអង្គភាព:",
            target="{spans}",
            instructions=("សូមរាយអង្គភាពក្នុងប្រយោគជា JSON។{labels: ប្រភេទ: |។}",),
        ),
        "translate": Wording(
            prompt="{text_language_name:|: }{text}\n\n{translation_language_name:|:}",
            target="{translation}",
            instructions=("សូមបកប្រែអត្ថបទខាងក្រោម។",),
        ),
        "translate-back": Wording(
            prompt="{translation_language_name:|: }{translation}\n\n{text_language_name:|:}",
            target="{text}",
            instructions=("សូមបកប្រែអត្ថបទខាងក្រោម។",),
        ),
        "classify": Wording(
            prompt="អត្ថបទ: {text}{text_pair:\nអត្ថបទទីពីរ: |}\nប្រភេទ:",
            target="{label}",
            instructions=("សូមចាត់ថ្នាក់អត្ថបទ។{labels: ប្រភេទ: |។}",),
        ),
        "dialogue": Wording(prompt="{transcript}\n{speaker}:", target="{reply}"),
    },
)

LANGUAGES: Mapping[LanguageCode, Language] = {"ko": KOREAN, "km": KHMER, "en": ENGLISH}


def get_language(language: LanguageCode | Language) -> Language:
    """Return the pack of that code, or the pack that was passed.

    Raises:
        ArgumentError: There is no pack of that code.

    Example:
        >>> get_language("km").markers
        'ក'
    """
    if isinstance(language, Language):
        return language
    return LANGUAGES[
        one_of("language", language, tuple(LANGUAGES), hint="pass a Language of your own")
    ]
