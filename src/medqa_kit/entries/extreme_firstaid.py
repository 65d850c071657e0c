r"""Extreme first aid: generated questions answered from quoted chunks of an emergency handbook.

A raw row, invented; the file holds rows of other sources too, told apart by ``source``::

    {"input": "No clean water on a hike: how do I clean a scrape?",
     "context": "A first chunk of the handbook ...\nA second one ...",
     "output": "Use drinking water from your bottle.", "source": "extreme_firstaid_qa_dataset"}
"""

from medqa_kit.catalog import Parent, Part, Source
from medqa_kit.entries._shared.compilation import EXTREME, EXTREME_CLAIMS, compilation_layout, only

SOURCE = Source(
    name="extreme_firstaid",
    title="Extreme first-aid questions with context",
    about="Generated questions on first aid far from help, each answered from five chunks of the "
    "WHO/ICRC handbook Basic Emergency Care.",
    language=("en",),
    layout=only(
        compilation_layout("ericrisco/medical-training-dataset", "medical_training_dataset.json"),
        EXTREME,
    ),
    parts=(Part(None, "train", 1641),),
    license=EXTREME_CLAIMS,
    citation="""@misc{medical_training_dataset_2024,
  title  = {Medical Training Dataset},
  author = {Eric Risco},
  year   = {2024},
  url    = {https://huggingface.co/datasets/ericrisco/medical-training-dataset}
}""",
    derived_from=(
        Parent("who_bec_pdf", "chunks quoted, questions and answers generated with Gemma 3n"),
        Parent("ifrc_pdf", "chunks quoted, questions and answers generated with Gemma 3n"),
    ),
    quirks=(
        "It was never published by itself. This is a filter on the file of medical_training_dataset: "
        "the 1,641 rows whose source is extreme_firstaid_qa_dataset. The other 82,684 rows of the "
        "file are not dropped from anything; load medical_training_dataset for them.",
        "`context` holds five chunks of 512 characters (not words), overlapping by 128, joined by "
        "line breaks: the nearest ones to the question, not always to the point.",
        "Questions come from 9 topics and 23 situations drawn at random; answers were generated "
        "'only from context', and of a review there is no trace.",
        "The sample on the compilation's card shows an empty context; the script always fills it.",
        "`family` and the hash in `id` are those of the same rows in medical_training_dataset.",
    ),
    warning="generated first-aid advice without a trace of review; never show it to people who need help",
)
