"""Sources of other packages: listed, loaded, protected and built without an edit here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = """
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import medqa_kit as mk
from medqa_kit.catalog import Choice, Claim, Layout, LocalFiles, Parent, Part, Protection
from medqa_kit.normalizing import Columns

DATA = Path(__file__).parent / "data"
RAW = pa.schema({"q": pa.string(), "a": pa.string(), "note": pa.string()})
SHORT = Columns(take={"question": "q", "answer": "a"}, content=("q",), family=("ward", ("q",)))


def layout(pattern, **more):
    return Layout(at=LocalFiles(str(DATA)), files=pattern, raw=RAW, schema=mk.schemas.QA, normalize=SHORT, **more)


def answered(layout, value):
    by = {"answer": "a" if value == "short" else "note"}
    return replace(layout, normalize=replace(SHORT, take={"question": "q", **by}))


def made(name, pattern, parts, **more):
    return mk.Source(
        name=name, title=name, about="Invented questions of a ward.", language=("en",),
        layout=layout(pattern), parts=parts, license=(Claim("CC0-1.0", "our own"),),
        citation="@misc{ward, title={Ward notes}, year={2026}}", **more,
    )


EXAM = made(
    "ward_exam", "exam-{split}.jsonl",
    (Part(None, "train", 30), Part(None, "test", 2, evaluation=True, layout=layout("test.tsv"))),
    choices=(Choice("variant", ("short", "long"), "which answer", answered),),
    holdouts=(Protection(NAME, split="test", items=2, reason="we report it", protects=("ward/exam",)),),
)
NOTES = made("ward_notes", "notes.jsonl", (Part(None, "train", 21),),
             derived_from=(Parent("ward_exam", "copied"),))
"""
USE = """
import sys

import datasets
import medqa_kit as mk

names = [source.name for source in mk.sources(use="commercial")]
assert {"ward_exam", "ward_notes"} <= set(names)
assert "ward-exam-test" in repr(mk.holdouts())
assert mk.holdout("ward-exam-test").source == "ward_exam"
for name in ("ward_exam", "ward_notes"):
    assert mk.source(name).protected_by == ("ward-exam-test",)
assert mk.source("ward_exam").show().count("ward-exam-test") == 2
try:
    mk.Holdout.named("ward_exam")
except mk.errors.UnknownSourceError as error:
    assert "did you mean 'ward-exam-test'" in str(error)
assert list(mk.load("ward_exam", split="test")["question"]) == ["Why 3?", "Why 5?"]
assert len(mk.Holdout.named("ward-exam-test")) == 2
long = mk.load("ward_exam", split="train", choices={"variant": "long"})
assert mk.loaders.ward_exam(split="train", variant="long")["answer"] == long["answer"]
assert long["answer"][0] == "At length 10.", long["answer"][0]
recipe = {"name": "ward", "source": [{"name": "ward_exam"}, {"name": "ward_notes"}], "use": "commercial"}
build = mk.build(recipe, out=sys.argv[1])
(held,) = build.manifest["holdouts"]
assert (held["name"], held["applied"], held["items"]) == ("ward-exam-test", True, 2)
dropped = datasets.load_dataset(str(build.path), "dropped", split="dropped")
print(sorted(row["source"] for row in dropped if row["reason"].startswith("held_out")))
"""


def installed(site: Path, holdout: str = "ward-exam-test") -> None:
    """Install the package into a folder, with rows of which one in each source is in the test."""
    info, data = site / "ward_data-1.0.dist-info", site / "data"
    info.mkdir(parents=True)
    data.mkdir()
    (site / "ward_data.py").write_text(SOURCES.replace("NAME", repr(holdout)), "utf-8")

    def lines(numbers: list[int]) -> str:
        row = '{{"q": "Why {0}?", "a": "So {0}.", "note": "At length {0}."}}\n'
        return "".join(row.format(number) for number in numbers)

    (data / "exam-train.jsonl").write_text(lines([*range(10, 39), 3]), "utf-8")
    (data / "notes.jsonl").write_text(lines([*range(40, 60), 5]), "utf-8")
    (data / "test.tsv").write_text("q\ta\tnote\nWhy 3?\tSo 3.\tn\nWhy 5?\tSo 5.\tn\n", "utf-8")
    declare(info, "ward_exam = ward_data:EXAM\nward_notes = ward_data:NOTES\n")


def declare(info: Path, entry_points: str) -> None:
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ward-data\nVersion: 1.0\n", "utf-8"
    )
    (info / "entry_points.txt").write_text(f"[medqa_kit.sources]\n{entry_points}", "utf-8")


def run(site: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(site)!r})\n{code}"
    environment = {"HF_HOME": str(site.parent / "hf"), "PATH": "", "HF_HUB_OFFLINE": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2] / "src")
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True,
                          check=False, env=environment)  # fmt: skip


@pytest.mark.slow
def test_another_package_brings_sources_a_holdout_a_choice_and_layouts(tmp_path: Path) -> None:
    installed(tmp_path / "site")
    done = run(tmp_path / "site", USE, str(tmp_path / "out"))
    assert done.stdout.strip() == "['ward_exam', 'ward_notes']", done.stderr


def test_a_holdout_whose_name_is_taken_is_refused(tmp_path: Path) -> None:
    installed(tmp_path / "site", holdout="kormedmcqa-official-test")
    done = run(tmp_path / "site", "import medqa_kit as mk\nmk.holdouts()")
    assert "InvalidSourceError: source 'ward_exam': the name of the holdout" in done.stderr
    assert "the source 'kormedmcqa' has a holdout of that name" in done.stderr


def test_a_broken_plugin_is_named(tmp_path: Path) -> None:
    info = tmp_path / "ward_data-1.0.dist-info"
    info.mkdir()
    declare(info, "ward_notes = ward_gone:SOURCE\n")
    done = run(tmp_path, "import medqa_kit as mk\nmk.sources()")
    for words in (
        "'ward_notes'",
        "ward_gone:SOURCE: ModuleNotFoundError",
        "Hint: repair or uninstall",
    ):
        assert words in done.stderr


STANDS = """
import medqa_kit as mk
names = [source.name for source in mk.sources()]
assert "klue" in names and "ward_notes" not in names
assert mk.source("klue").name == "klue"
mk.holdouts()
print("the catalogue stands")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entry", "code", "words"),
    [
        ("copy = medqa_kit.entries.klue:SOURCE", "", "brings a source whose name is taken"),
        ("ward_notes = ward_gone:SOURCE", "", "ModuleNotFoundError"),
        ("ward_notes = ward_data:SOURCE", "SOURCE = 3", "TypeError"),
        ("ward_notes = ward_data:SOURCE", "SOURCE = ['ward']", "does not name sources"),
        ("ward_notes = ward_data:SOURCE", "1 / 0", "ZeroDivisionError"),
        (
            "ward_notes = ward_data:NOTES",
            SOURCES.replace("NAME", "'x-test'").replace("CC0-1.0", "free-for-all"),
            "license= takes one of",
        ),
        (
            "ward_notes = ward_data:NOTES",
            SOURCES.replace("NAME", "'x-test'").replace("@misc{ward,", "see the ward,"),
            "how to cite it",
        ),
        (
            "ward_notes = ward_data:NOTES",  # without ward_exam, its parent
            SOURCES.replace("NAME", "'x-test'"),
            "its parent 'ward_exam' is not in the catalogue",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_is_left_out_with_a_warning(
    tmp_path: Path, entry: str, code: str, words: str
) -> None:
    info = tmp_path / "ward_data-1.0.dist-info"
    info.mkdir()
    (tmp_path / "ward_data.py").write_text(code, "utf-8")
    declare(info, f"{entry}\n")
    done = run(tmp_path, STANDS)
    assert done.stdout.strip() == "the catalogue stands", done.stderr
    assert "PluginWarning: a source of another package is left out" in done.stderr
    assert words in done.stderr
    assert "Hint:" in done.stderr


@pytest.mark.slow
def test_a_plugin_under_a_licence_that_the_catalogue_does_not_know(tmp_path: Path) -> None:
    installed(tmp_path)
    code = (tmp_path / "ward_data.py").read_text("utf-8").replace("CC0-1.0", "odc-by-1.0")
    (tmp_path / "ward_data.py").write_text(code, "utf-8")
    use = (
        "import medqa_kit as mk\n"
        "ward = mk.source('ward_notes')\n"
        "assert ward.license[0].license == 'ODC-By-1.0' and 'ODC-By-1.0' in ward.show()\n"
        "assert ward.terms.commercial == 'unknown'\n"
        "assert 'ward_notes' in [s.name for s in mk.sources()]\n"
        "print([s.name for s in mk.sources(use='commercial') if 'ward' in s.name])\n"
    )
    done = run(tmp_path, use)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_metadata_of_packages_is_parsed_only_where_one_names_the_group(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    done = run(
        tmp_path / "site",
        "import medqa_kit as mk\nmk.sources()\nprint('importlib.metadata' in sys.modules)",
    )
    assert done.stdout.strip() == "False", done.stderr


def test_a_package_in_an_archive_brings_sources(tmp_path: Path) -> None:
    installed(tmp_path / "site")
    archive = Path(shutil.make_archive(str(tmp_path / "site"), "zip", tmp_path / "site"))
    done = run(archive, "import medqa_kit as mk\nprint(mk.source('ward_exam').name)")
    assert done.stdout.strip() == "ward_exam", done.stderr
