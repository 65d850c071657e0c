"""Outcomes of the requests that a result file answers: replies that were judged, and requests that failed."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.generation.outcomes import OUTCOMES
from medqa_kit.generation.replies import judged_replies
from medqa_kit.generation.requests import Generation


def judged_outcomes(
    replies: pa.Table, requests: pa.Table, parents: pa.Table, task: Generation
) -> pa.Table:
    """Judge replies.

    Args:
        replies: As :func:`medqa_kit.parse_batch` returns them; ``id`` is the id of a request.
        requests: All requests, as :meth:`Generation.requests` returns them.
        parents: The rows that the requests are about.
        task: The task of the requests.

    Returns:
        One outcome per reply, with the schema :data:`~medqa_kit.generation.outcomes.OUTCOMES`.

    Example:
        >>> from medqa_kit.training.openai_batch import parse_batch
        >>> task = Generation(task="translation", model="m", language="ko")
        >>> parents = pa.table({"id": ["d/1"], "language": ["en"], "question": ["Is 5 mg enough?"]})
        >>> requests = task.requests(parents)
        >>> [request] = requests["request"].to_pylist()
        >>> line = json.dumps({"custom_id": request, "error": None, "response": {"status_code": 200, "body": {
        ...     "choices": [{"finish_reason": "stop", "message": {"content": "no JSON"}}]}}})
        >>> replies, _ = parse_batch([line], ids=requests["request"])
        >>> judged_outcomes(replies, requests, parents, task)["code"].to_pylist()
        ['not_json']
    """
    at = pc.index_in(replies["id"], value_set=requests["request"])
    answered = requests.take(at)
    origins = parents.take(answered["parent"])
    languages = (
        origins["language"].to_pylist()
        if "language" in origins.column_names
        else [None] * len(origins)
    )
    wanted = [task.language or language for language in languages]
    verdicts = judged_replies(
        replies["completion"].to_pylist(), answered["prompt"].to_pylist(), wanted, task
    )
    fields = [
        None if verdict.code else json.dumps(verdict.fields, ensure_ascii=False)
        for verdict in verdicts
    ]
    return pa.table([
        replies["id"], pa.array([verdict.code for verdict in verdicts], pa.string()),
        pa.array([verdict.detail for verdict in verdicts], pa.string()), replies["completion"],
        pa.array(fields, pa.string()), replies["model"], replies["prompt_tokens"], replies["completion_tokens"],
    ], schema=OUTCOMES)  # fmt: skip


def failed_outcomes(findings: pa.Table, requests: pa.Table) -> pa.Table:
    """Return the outcomes of requests that got no reply.

    Args:
        findings: Findings of :func:`medqa_kit.parse_batch`; ``id`` is the id of a request.
        requests: All requests, as :meth:`Generation.requests` returns them.

    Returns:
        One outcome per finding about one of these requests, with the schema
        :data:`~medqa_kit.generation.outcomes.OUTCOMES`.
    """
    ours = pc.is_in(findings["id"], value_set=requests["request"])
    passing = pc.is_in(findings["code"], value_set=pa.array(["superseded", "duplicate_id"]))
    failures = findings.filter(pc.and_not(ours, passing))
    columns = {"request": failures["id"], "code": failures["code"], "detail": failures["detail"]}
    return pa.table([
        columns.get(field.name, pa.nulls(len(failures), field.type)) for field in OUTCOMES
    ], schema=OUTCOMES)  # fmt: skip
