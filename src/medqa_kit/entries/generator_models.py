"""The models that wrote or are trained on catalogued rows. Weights and services: nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="generator_models",
    title="Generator and target models of the compilations",
    about="GPT-4o-mini, Gemma 3n and Cohere embed-english-v3.0, which wrote rows or picked passages, "
    "and Qwen2.5-1.5B and SmolLM-1.7B, which are trained on them.",
    language=("mul",),
    layout=NoData(
        "these are models: some wrote the rows of other sources, some are trained on them, and "
        "none has rows",
        see="medical_training_dataset and khmer_medical_qa for the rows they wrote",
        access="model",
    ),
    license=(
        Claim("model-output-terms", "each provider's own terms: conditions on what a model wrote"),
    ),
    citation="""@misc{generatormodels,
  title  = {Generator and target models of the compilations},
  author = {{OpenAI} and {Google} and {Cohere} and {Alibaba} and {Hugging Face}},
  year   = {2024},
  note   = {models, no data}
}""",
    quirks=(
        "What they wrote is claimed for in the sources it stands in, as model-output-terms or "
        "Gemma-terms.",
    ),
)
