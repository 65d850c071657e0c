"""MedGemma, medical language models behind a click. Weights, not rows: nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="medgemma",
    title="MedGemma (4B-it, 27B-text-it)",
    about="Gemma 3 models trained further on medical data; what one fine-tunes, not what one trains "
    "on.",
    language=("en",),
    layout=NoData(
        "it is a model: gated weights, and no rows",
        see="https://huggingface.co/google/medgemma-4b-it and "
        "https://huggingface.co/google/medgemma-27b-text-it for the weights; medqa_usmle for an exam "
        "such models are reported on",
        access="model",
    ),
    license=(
        Claim(
            "Health-AI-Developer-Foundations-terms",
            "the terms one accepts on the model's page, by hand",
            note="that they must be accepted was seen; their text was not read",
        ),
    ),
    citation="""@misc{medgemma2025,
  title  = {MedGemma},
  author = {{Google}},
  year   = {2025},
  url    = {https://huggingface.co/google/medgemma-4b-it}
}""",
    quirks=(
        "Its chat template is Gemma 3's, byte for byte: the system text becomes a prefix of the first "
        "user turn, and roles must alternate.",
    ),
)
