r"""AI-Hub 71874: professional medical knowledge in Korean, questions and the texts behind them.

A raw row, invented, of one file of 02.라벨링데이터 and one of 01.원천데이터::

    {"qa_id": 7, "domain": 6, "q_type": 1, "answer": "1) 수정체 \n빛을 굴절시킨다.",
     "question": "빛을 굴절시키는 것은?\n1) 수정체 \n2) 눈썹 \n3) 눈물"}
    {"c_id": "T7", "domain": 6, "source": "2", "source_spec": "지어낸 안내서",
     "creation_year": "2020", "content": "수정체는 빛을 굴절시킨다."}
"""

from medqa_kit.catalog import Source
from medqa_kit.entries._shared.aihub import cited, terms_of
from medqa_kit.entries._shared.aihub_medical import QUIRKS, layout, parts

LAYOUT = layout(71874, folder="08.전문 의학지식 데이터")

SOURCE = Source(
    name="aihub_professional_medical",
    title="AI-Hub: Professional Medical Knowledge (전문 의학지식 데이터)",
    about="Choice, short and long questions of surgery, psychiatry, ophthalmology and other departments, "
    "with answers, and the texts they rest on.",
    language=("ko", "en"),
    layout=LAYOUT,
    parts=parts(LAYOUT),
    license=terms_of(71874),
    citation=cited(71874, title="AI-Hub: Professional Medical Knowledge (전문 의학지식 데이터)"),
    quirks=(
        "The number of rows is not known.",
        *QUIRKS,
    ),
)
