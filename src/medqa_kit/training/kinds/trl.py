"""TRL 1.x: the primary target. Column names decide what a trainer does, so they are exact.

=============================  ==========================  ======================================
record                         trainers                    loss
=============================  ==========================  ======================================
trl/prompt-completion          SFT, GKD                    the completion
trl/messages                   SFT                         everything, unless assistant_only_loss
trl/language-modeling          SFT                         everything
trl/prompt-only                GRPO, RLOO, OnlineDPO       (rewards; carry columns with keep=)
trl/preference                 DPO, ORPO, CPO, Reward      chosen against rejected
trl/kto                        KTO, BCO                    by label
=============================  ==========================  ======================================

``…/standard`` has strings in place of message lists, for base models; the separator stands at the
head of the completion. ``trl/preference/implicit`` has the prompt inside both replies: trainers
find it again by comparing them, which with strings cuts into equal beginnings of the replies.
Use it only where a trainer knows nothing else.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.ragged import joined_lists
from medqa_kit.training.conversations import Exchange
from medqa_kit.training.kinds import message_columns as columns
from medqa_kit.training.kinds import schema_parts as schemas
from medqa_kit.training.kinds.model import RecordColumns, RecordKind, Setting, Settings

_SEPARATOR = {"separator": Setting("\n\n")}


def _messages(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"messages": joined_lists(x.prompt, x.completion)}


def _prompt_completion(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"prompt": x.prompt, "completion": x.completion}


def _prompt_only(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"prompt": x.prompt}


def _preference(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"prompt": x.prompt, "chosen": x.completion, "rejected": x.rejected}


def _implicit(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {
        "chosen": joined_lists(x.prompt, x.completion),
        "rejected": joined_lists(x.prompt, x.rejected),
    }


def _unpaired(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"prompt": x.prompt, "completion": x.completion, "label": x.label}


def _after(lists: pa.ListArray, settings: Settings) -> pa.Array:
    return pc.binary_join_element_wise(settings["separator"], columns.last_text(lists), "")


def _text(x: Exchange, _: pa.Table, settings: Settings) -> RecordColumns:
    if x.text is not None:
        return {"text": x.text}
    return {
        "text": pc.binary_join_element_wise(
            columns.prompt_text(x), _after(x.completion, settings), ""
        )
    }


def _prompt_completion_text(x: Exchange, _: pa.Table, settings: Settings) -> RecordColumns:
    return {"prompt": columns.prompt_text(x), "completion": _after(x.completion, settings)}


def _prompt_only_text(x: Exchange, _: pa.Table, __: Settings) -> RecordColumns:
    return {"prompt": columns.prompt_text(x)}


def _preference_text(x: Exchange, _: pa.Table, settings: Settings) -> RecordColumns:
    replies = {"chosen": _after(x.completion, settings), "rejected": _after(x.rejected, settings)}
    return {"prompt": columns.prompt_text(x), **replies}


def _implicit_text(x: Exchange, table: pa.Table, settings: Settings) -> RecordColumns:
    parts = _preference_text(x, table, settings)
    prompt = parts.pop("prompt")
    return {name: pc.binary_join_element_wise(prompt, said, "") for name, said in parts.items()}


def _unpaired_text(x: Exchange, table: pa.Table, settings: Settings) -> RecordColumns:
    return _prompt_completion_text(x, table, settings) | {"label": x.label}


_CARRIED = ("tool_calls", "name")
_THREAD = schemas.thread_schema(apart=True, carried=_CARRIED)
_PROMPT = schemas.thread_schema(carried=_CARRIED)
_REPLY = schemas.reply_schema(apart=True, carried=_CARRIED)
_TEXTS = dict.fromkeys(("prompt", "completion", "chosen", "rejected"), schemas.SOME_TEXT)

TRL_KINDS = (
    RecordKind(
        "trl/prompt-completion", "TRL SFT; the loss stays off the prompt without marks or flags",
        "reply", _prompt_completion, schemas.row_schema({"prompt": _THREAD, "completion": _REPLY}), columns.unchanged,
        reasoning="field", apart=True, carried=_CARRIED, loss="the completion",
    ),
    RecordKind(
        "trl/prompt-completion/standard", "TRL SFT of base models; strings, no roles",
        "reply", _prompt_completion_text,
        schemas.row_schema({"prompt": schemas.SOME_TEXT, "completion": schemas.SOME_TEXT}), columns.unchanged,
        holds="single", settings=_SEPARATOR, loss="the completion",
    ),
    RecordKind(
        "trl/messages", "TRL SFT; trains the prompt too unless assistant_only_loss=True",
        "reply", _messages, schemas.row_schema({"messages": _THREAD}), columns.unchanged,
        reasoning="field", apart=True, carried=_CARRIED, loss="every turn",
    ),
    RecordKind(
        "trl/language-modeling", "TRL SFT of base models; prompt and reply run together",
        "text", _text, schemas.row_schema({"text": schemas.SOME_TEXT}), columns.unchanged,
        reasoning="before", holds="single", settings=_SEPARATOR, loss="the whole text",
    ),
    RecordKind(
        "trl/prompt-only", "TRL GRPO, RLOO, OnlineDPO; the answer is left out, keep=('answer',) "
        "carries it to the reward",
        "prompt", _prompt_only, schemas.row_schema({"prompt": _PROMPT}), columns.unchanged,
        carried=_CARRIED,
    ),
    RecordKind(
        "trl/prompt-only/standard", "as trl/prompt-only, as a string",
        "prompt", _prompt_only_text, schemas.row_schema({"prompt": schemas.SOME_TEXT}), columns.unchanged, holds="single",
    ),
    RecordKind(
        "trl/preference", "TRL DPO, ORPO, CPO, Reward; scores are left out",
        "preference", _preference,
        schemas.row_schema({"prompt": _THREAD, "chosen": _REPLY, "rejected": _REPLY}), columns.unchanged,
        reasoning="field", apart=True, carried=_CARRIED, loss="chosen against rejected",
    ),
    RecordKind(
        "trl/preference/standard", "as trl/preference, as strings",
        "preference", _preference_text,
        schemas.row_schema({name: _TEXTS[name] for name in ("prompt", "chosen", "rejected")}), columns.unchanged,
        holds="single", settings=_SEPARATOR, loss="chosen against rejected",
    ),
    RecordKind(
        "trl/preference/implicit", "TRL Reward; the prompt stands inside both replies",
        "preference", _implicit, schemas.row_schema({"chosen": _THREAD, "rejected": _THREAD}), columns.unchanged,
        reasoning="field", apart=True, carried=_CARRIED, loss="chosen against rejected",
    ),
    RecordKind(
        "trl/preference/implicit/standard", "as before, as strings: trainers mistake equal "
        "beginnings of the replies for the prompt",
        "preference", _implicit_text,
        schemas.row_schema({"chosen": schemas.SOME_TEXT, "rejected": schemas.SOME_TEXT}), columns.unchanged,
        holds="single", settings=_SEPARATOR, loss="chosen against rejected",
    ),
    RecordKind(
        "trl/kto", "TRL KTO, BCO; one row a reply, so preferences give two rows each",
        "unpaired", _unpaired,
        schemas.row_schema({"prompt": _THREAD, "completion": _REPLY, "label": schemas.LABEL}), columns.unchanged,
        reasoning="field", apart=True, carried=_CARRIED, loss="by label",
    ),
    RecordKind(
        "trl/kto/standard", "as trl/kto, as strings",
        "unpaired", _unpaired_text,
        schemas.row_schema({"prompt": schemas.SOME_TEXT, "completion": schemas.SOME_TEXT, "label": schemas.LABEL}), columns.unchanged,
        holds="single", settings=_SEPARATOR, loss="by label",
    ),
)  # fmt: skip
