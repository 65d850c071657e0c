"""Open-korean-corpora, a list of Korean data sets. A README, not rows: nothing to load."""

from medqa_kit.catalog import Claim, NoData, Source

SOURCE = Source(
    name="open_korean_corpora",
    title="Open Korean Corpora",
    about="A list of open Korean data sets with notes on licence and redistribution.",
    language=("ko", "en"),
    layout=NoData(
        "it is a list in a README, with no data of its own",
        see="https://github.com/ko-nlp/Open-korean-corpora for the list; the instruction set often "
        "confused with it is open_korean_instructions",
        access="no-rows",
    ),
    license=(
        Claim(
            "GFDL-1.3", "licence of the repository ko-nlp/Open-korean-corpora, for the list itself"
        ),
    ),
    citation="""@inproceedings{cho2020open,
  title     = {Open {Korean} Corpora: A Practical Report},
  author    = {Cho, Won Ik and others},
  booktitle = {Proceedings of the Second Workshop for NLP Open Source Software (NLP-OSS)},
  year      = {2020},
  note      = {arXiv:2012.15621}
}""",
    quirks=(
        "It marks kormedmcqa and kormedlawqa as academic use only, and kbmc as free for all.",
        "'Korean news' is attributed to it in a training guide; no set is named there.",
    ),
)
