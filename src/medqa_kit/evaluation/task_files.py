"""The contents of the files of an evaluation task that another harness runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

TaskHarness: TypeAlias = Literal["lm_eval", "inspect_ai"]
"""Whose task it is."""
Scored: TypeAlias = Literal["choices", "reply"]
"""What is scored: the likelihood of each marker, or what a model wrote, read by :func:`medqa_kit.extract`."""

_ROWS = '''
FILE = Path(__file__).with_name({parquet})
SHA256 = {sha256}


def checked_file() -> str:
    """Return the path of the rows, if they are those that the task was written with."""
    if sha256(FILE.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{{FILE}} is not the file this task was written with; write the task again")
    return str(FILE)
'''
_LM_EVAL = '''"""The rows of the task {name}, and how replies are read."""

from hashlib import sha256
from pathlib import Path

import datasets
{rows}

def rows(**_):
    """Return the splits of the task."""
    return datasets.load_dataset("parquet", data_files={{"test": checked_file()}})
'''
_LM_EVAL_REPLY = '''

def scores(doc, results):
    """Score one reply: read as medqa_kit reads it, with the options and the polarity of the question."""
    from medqa_kit import extract

    read = extract(results[0], question=doc).index
    return {"acc": float(read == doc["answer_index"]), "unread": float(read is None)}
'''
_INSPECT = '''"""The task {name} for inspect_ai."""

from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, NOANSWER, Score, accuracy, scorer, stderr
from inspect_ai.solver import generate
from medqa_kit import extract
{rows}

def samples():
    """Return the questions, as they are sent, with the marker that is right."""
    for row in pq.read_table(checked_file()).to_pylist():
        yield Sample(id=row["id"], input=row["prompt"], target=row["target"], metadata=row)


@scorer(metrics=[accuracy(), stderr()])
def read_marker():
    """Score a reply as medqa_kit reads it, with the options and the polarity of the question."""

    async def score(state, target):
        read = extract(state.output.completion, question=state.metadata)
        if read.index is None:
            return Score(value=NOANSWER, explanation=read.reason)
        right = read.index == state.metadata["answer_index"]
        return Score(value=CORRECT if right else INCORRECT, answer=read.value, explanation=read.reason)

    return score


@task
def {name}():
    return Task(dataset=MemoryDataset(list(samples()), name={quoted}), solver=generate(), scorer=read_marker())
'''


@dataclass(frozen=True)
class TaskTexts:
    """What the files of a task say.

    Attributes:
        name: The name of the task.
        sha256: Of the file of rows.
        scored: What is scored.
        joint: What stands between a prompt and its answer.
    """

    name: str
    sha256: str
    scored: Scored
    joint: str

    def files(self, harness: TaskHarness) -> Mapping[str, str]:
        """Return the texts of a harness's files by their names.

        Example:
            >>> texts = TaskTexts("demo", "0" * 64, "choices", " ")
            >>> sorted(texts.files("lm_eval")), sorted(texts.files("inspect_ai"))
            (['demo.yaml', 'demo_rows.py'], ['demo.py'])
        """
        rows = _ROWS.format(
            parquet=json.dumps(f"{self.name}.parquet"), sha256=json.dumps(self.sha256)
        )
        if harness == "inspect_ai":
            return {
                f"{self.name}.py": _INSPECT.format(
                    name=self.name, quoted=json.dumps(self.name), rows=rows
                )
            }
        module = _LM_EVAL.format(name=self.name, rows=rows)
        if self.scored == "reply":
            module += _LM_EVAL_REPLY
        return {f"{self.name}.yaml": self._yaml(), f"{self.name}_rows.py": module}

    def _yaml(self) -> str:
        # JSON is YAML; only the names of functions are not JSON.
        lines: dict[str, object] = {
            "task": self.name,
            "test_split": "test",
            "num_fewshot": 0,
            "doc_to_text": "prompt",
        }
        functions = {"custom_dataset": "rows"}
        if self.scored == "choices":
            lines |= {
                "output_type": "multiple_choice", "doc_to_choice": "choices", "doc_to_target": "answer_index",
                "target_delimiter": self.joint, "metric_list": [_metric("acc", better="higher")],
            }  # fmt: skip
        else:
            functions["process_results"] = "scores"
            lines |= {
                "output_type": "generate_until", "doc_to_target": "target", "target_delimiter": self.joint,
                "generation_kwargs": {"until": ["</s>", "<|im_end|>", "<|eot_id|>"], "do_sample": False, "max_gen_toks": 2048},
                "metric_list": [_metric("acc", better="higher"), _metric("unread", better="lower")],
            }  # fmt: skip
        lines["metadata"] = {"version": 1.0}
        calls = [f"{key}: !function {self.name}_rows.{name}" for key, name in functions.items()]
        return "\n".join(
            [
                *(
                    f"{key}: {json.dumps(value, ensure_ascii=False)}"
                    for key, value in lines.items()
                ),
                *calls,
                "",
            ]
        )


def _metric(name: str, *, better: Literal["higher", "lower"]) -> dict[str, object]:
    return {"metric": name, "aggregation": "mean", "higher_is_better": better == "higher"}
