r"""Medical Training Dataset: ten English sources compiled into one file, for instruction tuning.

A raw row, invented; ``source`` names the file it was compiled from::

    {"input": "A child scraped a knee. What comes first?",
     "context": "A) Rinse the wound\nB) Call a surgeon", "output": "Clean water removes dirt ...",
     "source": "medqa"}
"""

from medqa_kit.catalog import Parent, Part, Source
from medqa_kit.entries._shared.compilation import WARNING, claims, compilation_layout

PARENTS = (
    Parent("medical_o1_reasoning_sft", "compiled; reasoning and reply put together", "question"),
    Parent("medical_o1_verifiable", "compiled, repeated questions left out", "question"),
    Parent("medqa_usmle", "train split compiled; the right option became an explanation", "stem"),
    Parent("wiki_medical_terms", "questions and answers generated from each page", "page text"),
    Parent("medicationqa", "compiled", "question"),
    Parent("symptom_to_diagnosis", "train split compiled; labels worded by a model", "description"),
    Parent("diseases_symptoms", "compiled; answers worded", "cell of symptoms"),
    Parent("first_aid", "compiled; first pattern of each intent", "first pattern"),
    Parent("disaster_reports", "compiled; questions and answers worded", "worded question"),
    Parent("extreme_firstaid", "generated for the compilation", "question"),
)

SOURCE = Source(
    name="medical_training_dataset",
    title="Medical Training Dataset (compiled)",
    about="Questions and answers of ten English sources in one file: medical reasoning, exams, "
    "drugs, symptoms, first aid.",
    language=("en",),
    layout=compilation_layout(
        "ericrisco/medical-training-dataset", "medical_training_dataset.json"
    ),
    parts=(Part(None, "train", 84_325),),
    license=claims("ericrisco/medical-training-dataset"),
    citation="""@misc{medical_training_dataset_2024,
  title  = {Medical Training Dataset},
  author = {Eric Risco},
  year   = {2024},
  url    = {https://huggingface.co/datasets/ericrisco/medical-training-dataset}
}""",
    derived_from=PARENTS,
    quirks=(
        "Every row is tagged source:… after the file it was compiled from; licence claims name the "
        "tag they apply to. Values not known here are accepted and have no family.",
        "Rows by source: medical_o1_verifiable_problem 40,316, medical_o1_reasoning_sft 19,704, "
        "medqa 10,177, wiki_medical_terms 9,528, extreme_firstaid_qa_dataset 1,641, "
        "synthetic_disaster_reports 1,000, symptom_to_diagnosis 849, medicationqa 690, "
        "diseases_symptoms 394, first_aid_dataset 26.",
        "Exam rows (source:medqa) list their options in upstream's context; they are moved to "
        "`options`, and `context` is null. The right option was not kept: `answer_index` and `answer` "
        "are null, and upstream's output, a generated explanation, is the `rationale`. Join "
        "medqa_usmle on `family` for the answer.",
        "Reasoning rows (source:medical_o1_reasoning_sft) have reasoning and reply in one output; "
        "they are `rationale` and `answer` here.",
        "view='verbatim' takes nothing apart: question, context and answer are upstream's input, "
        "context and output.",
        "An output that is null, blank or n/a is a missing answer: one row of medicationqa.",
        "`family` equals that of the source a row comes from, by the text both share, so rows of "
        "test sets can be held out here. Half of it may be there twice: questions of "
        "medical_o1_reasoning_sft also stand in medical_o1_verifiable_problem, up to 19.7 thousand. "
        "Put the reasoning rows first and mk.dedupe(..., on='item') keeps those; the short truth of a "
        "dropped row can be joined by `family`.",
        "Upstream shuffled without a seed and removed no duplicates across sources, whatever its "
        "card says; nor does it hold to the 10 to 1,500 characters of the card.",
        "Ids are hashed from all four columns, for rows have no key and their order means nothing; "
        "exact copies are told apart by ~2.",
        "Two listed sources, II-Medical-Reasoning-SFT and CAMEO, contributed no row.",
        "Answers of medqa, wiki_medical_terms, symptom_to_diagnosis and extreme_firstaid_qa_dataset "
        "are generated with Gemma 3n; of the review the card speaks of there is no trace.",
        "The card says 2024, the files are of July 2025.",
    ),
    warning=WARNING,
)
