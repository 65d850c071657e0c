r"""AI-Hub 71875: essential medical knowledge in Korean, questions and the texts behind them.

A raw row, invented, of one file of 02.라벨링데이터 and one of 01.원천데이터::

    {"qa_id": 7, "domain": 17, "q_type": 1, "answer": "2) 체온계 \n열을 재는 도구이다.",
     "question": "열을 재는 도구는?\n1) 저울 \n2) 체온계 \n3) 자"}
    {"c_id": "T7", "domain": 17, "source": "2", "source_spec": "지어낸 안내서",
     "creation_year": "2020", "content": "체온계는 열을 잰다."}
"""

from medqa_kit.catalog import Source
from medqa_kit.entries._shared.aihub import cited, terms_of
from medqa_kit.entries._shared.aihub_medical import QUIRKS, layout, parts

LAYOUT = layout(71875, folder="09.필수의료 의학지식 데이터")

SOURCE = Source(
    name="aihub_essential_medical",
    title="AI-Hub: Essential Medical Knowledge (필수의료 의학지식 데이터)",
    about="Choice, short and long questions of internal medicine, obstetrics, paediatrics and emergency "
    "medicine, with answers, and the texts they rest on.",
    language=("ko", "en"),
    layout=LAYOUT,
    parts=parts(LAYOUT),
    license=terms_of(71875),
    citation=cited(71875, title="AI-Hub: Essential Medical Knowledge (필수의료 의학지식 데이터)"),
    quirks=(
        "Holds the departments 14 to 17. Sizes in circulation do not agree: 12,781 questions for internal "
        "medicine alone, and 10,299 training and 1,248 validation questions in one project; so none is "
        "declared.",
        *QUIRKS,
    ),
)
