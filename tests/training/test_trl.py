"""The records and templates, through the real trl: data functions, and one optimiser step each.

Nothing is downloaded: the tokenizer knows bytes, the model is two layers of random numbers.
"""

from __future__ import annotations

import os
import random
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from byte_tokenizer import EOS, byte_tokenizer
from formatting_rows import CHOICE, ENGLISH, OPEN, qa
from medqa_kit.core.kernel import IDENTITY
from medqa_kit.errors import FormattingError
from medqa_kit.tokens.chat_templates import render
from medqa_kit.tokens.counts import count_tokens, token_counts
from medqa_kit.training.kinds.index import find_kind, record_kinds
from medqa_kit.training.preferences import to_preference
from medqa_kit.training.records import record

pytestmark = [
    pytest.mark.trainer,
    pytest.mark.filterwarnings("ignore"),  # trl's, torch's and transformers' own, not ours
    pytest.mark.skipif(find_spec("trl") is None or find_spec("torch") is None, reason="needs trl and torch"),
]  # fmt: skip

ROWS = qa(CHOICE, OPEN, ENGLISH)
PAIRS = to_preference()(qa(CHOICE, ENGLISH))
TRL = [kind.name for kind in record_kinds() if kind.name.startswith("trl/")]


@pytest.fixture(scope="module", autouse=True)
def _offline() -> None:
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def templates() -> Path:
    import trl

    return Path(trl.__file__).parent / "chat_templates"


def tokenizer(template: str = "qwen3") -> Any:
    return byte_tokenizer((templates() / f"{template}.jinja").read_text("utf-8"))


def model(vocabulary: Any, *, reward: bool = False) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=16, intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=4096, num_labels=1,
        pad_token_id=vocabulary.pad_token_id,
    )  # fmt: skip
    return (LlamaForSequenceClassification if reward else LlamaForCausalLM)(config)


def dataset(name: str, **arguments: Any) -> Any:
    import datasets

    preference = find_kind(name).needs in ("preference", "unpaired")
    return datasets.Dataset(record(name, **arguments)(PAIRS if preference else ROWS))


def plain(name: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in IDENTITY} for row in dataset(name)]


@pytest.mark.parametrize("name", TRL)
def test_trl_reads_each_kind_as_what_it_is(name: str) -> None:
    from trl.data_utils import apply_chat_template, is_conversational, maybe_apply_chat_template

    vocabulary = tokenizer()
    for row in plain(name):
        chat = "standard" not in name and name != "trl/language-modeling"
        assert is_conversational(row) == chat
        templated = maybe_apply_chat_template(row, vocabulary)
        texts = {k: v for k, v in templated.items() if k != "label"}
        assert texts
        assert all(isinstance(text, str) and text for text in texts.values())
        if name == "trl/prompt-completion":
            messages = {"messages": [*row["prompt"], *row["completion"]]}
            whole = apply_chat_template(messages, vocabulary)["text"]
            assert templated["prompt"] + templated["completion"] == whole


def test_preferences_go_through_extract_and_unpair() -> None:
    from trl.data_utils import maybe_extract_prompt, unpair_preference_dataset

    for name in ("trl/preference", "trl/preference/standard", "trl/preference/implicit"):
        for explicit, row in zip(plain("trl/preference"), plain(name), strict=True):
            pair = maybe_extract_prompt(row)
            assert set(pair) == {"prompt", "chosen", "rejected"}
            if "standard" not in name:
                said = [{k: v for k, v in m.items() if v is not None} for m in pair["prompt"]]
                assert said == explicit["prompt"]
    pairs = dataset("trl/preference", identity=False)
    unpaired = unpair_preference_dataset(pairs).to_list()
    ours = plain("trl/kto")
    assert len(unpaired) == len(ours) == 2 * len(pairs)
    key = lambda row: (str(row["prompt"]), row["label"])  # noqa: E731
    assert sorted(unpaired, key=key) == sorted(ours, key=key)


def arguments(kind: Any, folder: Path, **rest: Any) -> Any:
    return kind(
        output_dir=str(folder), max_steps=1, per_device_train_batch_size=2, use_cpu=True, bf16=False,
        report_to=[], save_strategy="no", disable_tqdm=True, **rest,
    )  # fmt: skip


def moved(before: dict[str, Any], after: Any) -> bool:
    import torch

    return any(not torch.equal(before[name], value) for name, value in after.state_dict().items())


def step(trainer: Any) -> float:
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    loss = trainer.train().training_loss
    assert moved(before, trainer.model), "one step changed no weight"
    return float(loss)


SFT = [
    "trl/prompt-completion",
    "trl/prompt-completion/standard",
    "trl/messages",
    "trl/language-modeling",
]


@pytest.mark.parametrize("name", SFT)
def test_one_step_of_sft(name: str, tmp_path: Path) -> None:
    from trl import SFTConfig, SFTTrainer

    vocabulary = tokenizer("qwen3_training")
    trainer = SFTTrainer(
        model=model(vocabulary), args=arguments(SFTConfig, tmp_path, max_length=None),
        train_dataset=dataset(name), processing_class=vocabulary,
    )  # fmt: skip
    assert step(trainer) > 0
    if "prompt-completion" in name:
        batch = trainer.data_collator([trainer.train_dataset[i] for i in range(2)])
        for labels, row in zip(batch["labels"], plain(name), strict=False):
            trained = vocabulary.decode(labels[labels != -100])
            if name == "trl/prompt-completion":
                said = row["completion"][0]
                thought = said["reasoning_content"] or ""
                expected = f"<think>\n{thought}\n</think>\n\n{said['content']}{EOS}\n"
            else:
                expected = row["completion"] + EOS
            assert trained == expected, "the loss falls on something else than the reply"


def test_only_replies_are_trained_when_asked(tmp_path: Path) -> None:
    from trl import SFTConfig, SFTTrainer

    vocabulary = tokenizer("qwen3_training")
    trainer = SFTTrainer(
        model=model(vocabulary),
        args=arguments(SFTConfig, tmp_path, max_length=None, assistant_only_loss=True),
        train_dataset=dataset("trl/messages"), processing_class=vocabulary,
    )  # fmt: skip
    assert step(trainer) > 0
    batch = trainer.data_collator([trainer.train_dataset[0]])
    trained = vocabulary.decode(batch["labels"][0][batch["labels"][0] != -100])
    assert "정답: A. 심전도" in trained
    assert CHOICE["question"] not in trained


@pytest.mark.parametrize(
    "name", ["trl/preference", "trl/preference/standard", "trl/preference/implicit",
             "trl/preference/implicit/standard"])  # fmt: skip
def test_one_step_of_dpo_and_of_reward(name: str, tmp_path: Path) -> None:
    from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer

    vocabulary = tokenizer()
    trainer = DPOTrainer(
        model=model(vocabulary), ref_model=model(vocabulary),
        args=arguments(DPOConfig, tmp_path, max_length=None),
        train_dataset=dataset(name), processing_class=vocabulary,
    )  # fmt: skip
    assert step(trainer) > 0
    reward = RewardTrainer(
        model=model(vocabulary, reward=True), args=arguments(RewardConfig, tmp_path, max_length=None),
        train_dataset=dataset(name), processing_class=vocabulary,
    )  # fmt: skip
    assert step(reward) > 0


@pytest.mark.parametrize("name", ["trl/kto", "trl/kto/standard"])
def test_one_step_of_kto(name: str, tmp_path: Path) -> None:
    from trl import KTOConfig, KTOTrainer

    vocabulary = tokenizer()
    trainer = KTOTrainer(
        model=model(vocabulary), ref_model=model(vocabulary),
        args=arguments(KTOConfig, tmp_path, max_length=None),
        train_dataset=dataset(name), processing_class=vocabulary,
    )  # fmt: skip
    assert step(trainer) > 0


@pytest.mark.parametrize("name", ["trl/prompt-only", "trl/prompt-only/standard"])
def test_one_step_of_grpo(name: str, tmp_path: Path) -> None:
    from trl import GRPOConfig, GRPOTrainer

    def lengths(completions: list[Any], answer: list[str], **_: Any) -> list[float]:
        assert all(answer)  # the column carried by keep= reaches the reward
        return [float(i) for i, _ in enumerate(completions)]

    vocabulary = tokenizer()
    trainer = GRPOTrainer(
        model=model(vocabulary), reward_funcs=lengths,
        args=arguments(GRPOConfig, tmp_path, num_generations=2, max_completion_length=4),
        train_dataset=dataset(name, keep=("id", "answer")), processing_class=vocabulary,
    )  # fmt: skip
    step(trainer)


def test_counts_agree_with_the_trainers_own() -> None:
    from trl.data_utils import apply_chat_template

    vocabulary = tokenizer()
    table = record("trl/prompt-completion")(ROWS)
    rows = token_counts(counter=vocabulary)(table)
    for row, counted in zip(plain("trl/prompt-completion"), rows.to_pylist(), strict=True):
        texts = apply_chat_template(row, vocabulary)
        prompt = len(vocabulary(texts["prompt"])["input_ids"])
        whole = len(vocabulary(texts["prompt"] + texts["completion"])["input_ids"])
        assert (counted["prompt_tokens"], counted["completion_tokens"]) == (prompt, whole - prompt)
    fast = count_tokens(["발열 <think>"], counter=vocabulary.backend_tokenizer)
    assert fast == count_tokens(["발열 <think>"], counter=vocabulary)
    assert fast.to_pylist() == [len("발열 ".encode()) + 1]


ORIGINALS = {
    "gemma2": "gemma", "gemma3": "gemma3", "llama3": "llama3", "llama3.1": "llama3_1",
    "llama3.2": "llama3_2", "qwen2.5": "qwen2_5", "qwen3": "qwen3",
}  # fmt: skip


@pytest.mark.parametrize("name", ORIGINALS)
def test_templates_equal_the_originals_on_random_conversations(name: str) -> None:
    """Equal text, or an error of the same type, on 1,500 conversations, most of them malformed."""
    from transformers.utils.chat_template_utils import _compile_jinja_template

    original = _compile_jinja_template(
        (templates() / f"{ORIGINALS[name]}.jinja").read_text("utf-8")
    )
    bos = {"g": "<bos>", "l": "<|begin_of_text|>", "q": ""}[name[0]]
    draw = random.Random(0)
    for _ in range(1500):
        turns, prompted = conversation(draw, tools=name[0] != "l"), draw.random() < 0.5
        values: dict[str, Any] = {"date_string": "01 Jan 2030"}
        if draw.random() < 0.3:
            values["enable_thinking"] = draw.random() < 0.5
        expected: str | type
        try:
            expected = original.render(
                messages=turns, add_generation_prompt=prompted, bos_token=bos, **values
            )
        except Exception as error:
            expected = type(error)
        outcome: str | type
        try:
            outcome = render(turns, template=name, generation_prompt=prompted, variables=values)
        except FormattingError as error:
            outcome = type(error.__cause__)
        assert outcome == expected, turns


def conversation(draw: random.Random, *, tools: bool) -> list[dict[str, Any]]:
    names = ["system", "user", "assistant", "user", "assistant", "tool" if tools else "human"]
    roles = [draw.choice(names) for _ in range(draw.randint(1, 6))]
    if draw.random() < 0.5:
        roles = ["system"] * (draw.random() < 0.5) + ["user", "assistant"] * draw.randint(1, 3)
    contents = [" a ", "b\n", "<think>\nx\n</think>\n\ny", "\n\nz", "<tool_response>q</tool_response>",
                "", "<think>u</think>"]  # fmt: skip
    turns: list[dict[str, Any]] = []
    for role in roles:
        turn: dict[str, Any] = {"role": role, "content": draw.choice(contents)}
        if role == "assistant" and draw.random() < 0.3:
            turn["reasoning_content"] = draw.choice(["R", "\nR\n", ""])
        if draw.random() < 0.05:
            del turn["content"]
        elif draw.random() < 0.05:
            turn["content"] = [{"type": "text", "text": " p "}, {"type": "image"}]
        turns.append(turn)
    return turns


@pytest.mark.parametrize("row", [
    {"messages": [{"role": "human", "content": "Q"}, {"role": "assistant", "content": "A"}]},
    {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": ""}]},
    {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]},
])  # fmt: skip
def test_what_trl_takes_in_silence_we_refuse(row: dict[str, Any]) -> None:
    """If one of these ever raises in trl, the rule here may be relaxed."""
    from trl.data_utils import apply_chat_template

    assert apply_chat_template(row, tokenizer())["text"]
    with pytest.raises(FormattingError):
        record("trl/messages")(pa.table({"messages": [row["messages"]]}))
