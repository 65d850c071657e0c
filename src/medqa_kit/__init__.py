"""Typed, traced, licensed and leak-free medical QA data in Korean, Khmer and English.

The names below are the public interface. They are imported when they are first used, so that
``import medqa_kit`` stays quick.

Example:
    >>> import medqa_kit as mk
    >>> exam = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
    >>> exam[0]["question"]
    '괴혈병을 예방하는 비타민은?'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from medqa_kit._version import __version__ as __version__

if TYPE_CHECKING:
    from medqa_kit import catalog as catalog
    from medqa_kit import errors as errors
    from medqa_kit import loaders as loaders
    from medqa_kit import normalizing as normalizing
    from medqa_kit import schemas as schemas
    from medqa_kit.auditing.audit import Audit as Audit
    from medqa_kit.auditing.audit import audit as audit
    from medqa_kit.auditing.claims import CardClaim as CardClaim
    from medqa_kit.auditing.drift import drift as drift
    from medqa_kit.auditing.leak_map import leak_map as leak_map
    from medqa_kit.auditing.tracing import get as get
    from medqa_kit.auditing.tracing import trace as trace
    from medqa_kit.building.evaluation_tasks import task as task
    from medqa_kit.building.finished.build_diff import diff as diff
    from medqa_kit.building.finished.row_fates import why as why
    from medqa_kit.building.kept.remixing import remix as remix
    from medqa_kit.building.pipeline import build as build
    from medqa_kit.building.planning.build_plan import plan as plan
    from medqa_kit.building.recipe_lock import lock_recipe as lock_recipe
    from medqa_kit.building.recipes.recipe import Recipe as Recipe
    from medqa_kit.building.recipes.shipped_recipes import copy_recipe as copy_recipe
    from medqa_kit.building.recipes.shipped_recipes import shipped_recipes as shipped_recipes
    from medqa_kit.building.retraction import retract as retract
    from medqa_kit.building.verification import verify as verify
    from medqa_kit.catalog import Source as Source
    from medqa_kit.catalog import holdout as holdout
    from medqa_kit.catalog import holdouts as holdouts
    from medqa_kit.catalog import register as register
    from medqa_kit.catalog import source as source
    from medqa_kit.catalog import sources as sources
    from medqa_kit.catalog.citing import attribution as attribution
    from medqa_kit.catalog.citing import cite as cite
    from medqa_kit.catalog.verdicts import license as license
    from medqa_kit.core.apply import apply as apply
    from medqa_kit.core.code.versions import show_versions as show_versions
    from medqa_kit.core.report import Report as Report
    from medqa_kit.core.showing.chart import Chart as Chart
    from medqa_kit.core.showing.chart import length_chart as length_chart
    from medqa_kit.decontamination.comparison import compare_holdouts as compare_holdouts
    from medqa_kit.decontamination.exclusion import Excluding as Excluding
    from medqa_kit.decontamination.exclusion import check as check
    from medqa_kit.decontamination.exclusion import exclude as exclude
    from medqa_kit.decontamination.exclusion import overlap as overlap
    from medqa_kit.decontamination.exclusion import search as search
    from medqa_kit.decontamination.holdout import Holdout as Holdout
    from medqa_kit.decontamination.training_files import training_rows as training_rows
    from medqa_kit.entries._shared.benchmark_form import benchmark_layout as benchmark_layout
    from medqa_kit.errors import MedQAError as MedQAError
    from medqa_kit.evaluation.extract import extract as extract
    from medqa_kit.evaluation.extract import extract_answers as extract_answers
    from medqa_kit.evaluation.formats import harness as harness
    from medqa_kit.evaluation.formats import harnesses as harnesses
    from medqa_kit.evaluation.scoring import score as score
    from medqa_kit.evaluation.target_lint import lint_targets as lint_targets
    from medqa_kit.generation.ledger import Ledger as Ledger
    from medqa_kit.generation.passages import passages as passages
    from medqa_kit.generation.requests import Generation as Generation
    from medqa_kit.generation.retrieval import AddContext as AddContext
    from medqa_kit.loading.authoring.contract import check_source as check_source
    from medqa_kit.loading.authoring.new_source import new_source as new_source
    from medqa_kit.loading.carrying.fetch import fetch as fetch
    from medqa_kit.loading.load import load as load
    from medqa_kit.loading.load import rows as rows
    from medqa_kit.loading.lock import lock as lock
    from medqa_kit.loading.own_rows import own_source as own_source
    from medqa_kit.loading.own_rows import read as read
    from medqa_kit.loading.status import status as status
    from medqa_kit.normalizing.own_columns import OwnColumns as OwnColumns
    from medqa_kit.prompting.balance import option_balance as option_balance
    from medqa_kit.prompting.fewshot import few_shot as few_shot
    from medqa_kit.prompting.prompts import prompt as prompt
    from medqa_kit.prompting.shuffle import shuffle_options as shuffle_options
    from medqa_kit.prompting.template import Template as Template
    from medqa_kit.quality.fixes import FixText as FixText
    from medqa_kit.quality.namuwiki import StripNamuMarkup as StripNamuMarkup
    from medqa_kit.quality.numbers.comparing import number_changes as number_changes
    from medqa_kit.quality.numbers.same_numbers import SameNumbers as SameNumbers
    from medqa_kit.quality.personal.personal_data import FindPersonalData as FindPersonalData
    from medqa_kit.quality.personal.personal_data import MaskPersonalData as MaskPersonalData
    from medqa_kit.quality.script_report import script_report as script_report
    from medqa_kit.quality.scripts import InScript as InScript
    from medqa_kit.quality.term_report import term_report as term_report
    from medqa_kit.schemas import conform as conform
    from medqa_kit.schemas import json_schema as json_schema
    from medqa_kit.splitting.deduplication import dedupe as dedupe
    from medqa_kit.splitting.division import Split as Split
    from medqa_kit.splitting.manifests import apply_manifest as apply_manifest
    from medqa_kit.splitting.mixes.feed import Feed as Feed
    from medqa_kit.splitting.mixes.mixing import mix as mix
    from medqa_kit.splitting.splits import kfold as kfold
    from medqa_kit.splitting.splits import split as split
    from medqa_kit.splitting.splits import split_by_year as split_by_year
    from medqa_kit.splitting.warming import warm as warm
    from medqa_kit.tokens.budget import fit as fit
    from medqa_kit.tokens.chat_templates import chat_template as chat_template
    from medqa_kit.tokens.chat_templates import chat_templates as chat_templates
    from medqa_kit.tokens.chat_templates import render as render
    from medqa_kit.tokens.counts import count_tokens as count_tokens
    from medqa_kit.tokens.packing import pack as pack
    from medqa_kit.training.dialogues import to_dialogue as to_dialogue
    from medqa_kit.training.kinds.index import record_kinds as record_kinds
    from medqa_kit.training.kinds.index import record_schema as record_schema
    from medqa_kit.training.lint import lint as lint
    from medqa_kit.training.open_questions import to_open as to_open
    from medqa_kit.training.openai_batch import batch_files as batch_files
    from medqa_kit.training.openai_batch import parse_batch as parse_batch
    from medqa_kit.training.preferences import to_preference as to_preference
    from medqa_kit.training.record_files import check_records as check_records
    from medqa_kit.training.record_files import json_lines as json_lines
    from medqa_kit.training.records import record as record
    from medqa_kit.validation.checks import checks as checks
    from medqa_kit.validation.validating import validate as validate

_HOMES = {
    "medqa_kit.validation.validating": ("validate",),
    "medqa_kit.validation.checks": ("checks",),
    "medqa_kit.catalog.verdicts": ("license",),
    "medqa_kit.catalog.citing": ("attribution", "cite"),
    "medqa_kit.decontamination.training_files": ("training_rows",),
    "medqa_kit.auditing.audit": ("Audit", "audit"),
    "medqa_kit.auditing.claims": ("CardClaim",),
    "medqa_kit.auditing.drift": ("drift",),
    "medqa_kit.auditing.leak_map": ("leak_map",),
    "medqa_kit.auditing.tracing": ("get", "trace"),
    "medqa_kit.building.finished.build_diff": ("diff",),
    "medqa_kit.building.finished.row_fates": ("why",),
    "medqa_kit.building.kept.remixing": ("remix",),
    "medqa_kit.building.planning.build_plan": ("plan",),
    "medqa_kit.building.recipes.recipe": ("Recipe",),
    "medqa_kit.building.pipeline": ("build",),
    "medqa_kit.building.recipe_lock": ("lock_recipe",),
    "medqa_kit.building.recipes.shipped_recipes": ("copy_recipe", "shipped_recipes"),
    "medqa_kit.building.retraction": ("retract",),
    "medqa_kit.building.verification": ("verify",),
    "medqa_kit.building.evaluation_tasks": ("task",),
    "medqa_kit.catalog": ("Source", "holdout", "holdouts", "register", "source", "sources"),
    "medqa_kit.core.apply": ("apply",),
    "medqa_kit.entries._shared.benchmark_form": ("benchmark_layout",),
    "medqa_kit.errors": ("MedQAError",),
    "medqa_kit.tokens.budget": ("fit",),
    "medqa_kit.tokens.chat_templates": ("chat_template", "chat_templates", "render"),
    "medqa_kit.training.dialogues": ("to_dialogue",),
    "medqa_kit.training.open_questions": ("to_open",),
    "medqa_kit.training.preferences": ("to_preference",),
    "medqa_kit.evaluation.extract": ("extract", "extract_answers"),
    "medqa_kit.prompting.fewshot": ("few_shot",),
    "medqa_kit.evaluation.formats": ("harness", "harnesses"),
    "medqa_kit.training.kinds.index": ("record_kinds", "record_schema"),
    "medqa_kit.training.lint": ("lint",),
    "medqa_kit.evaluation.target_lint": ("lint_targets",),
    "medqa_kit.training.openai_batch": ("batch_files", "parse_batch"),
    "medqa_kit.tokens.packing": ("pack",),
    "medqa_kit.prompting.prompts": ("prompt",),
    "medqa_kit.training.record_files": ("check_records", "json_lines"),
    "medqa_kit.training.records": ("record",),
    "medqa_kit.prompting.balance": ("option_balance",),
    "medqa_kit.prompting.shuffle": ("shuffle_options",),
    "medqa_kit.prompting.template": ("Template",),
    "medqa_kit.tokens.counts": ("count_tokens",),
    "medqa_kit.loading.load": ("load", "rows"),
    "medqa_kit.loading.carrying.fetch": ("fetch",),
    "medqa_kit.loading.lock": ("lock",),
    "medqa_kit.loading.own_rows": ("own_source", "read"),
    "medqa_kit.loading.status": ("status",),
    "medqa_kit.normalizing.own_columns": ("OwnColumns",),
    "medqa_kit.loading.authoring.contract": ("check_source",),
    "medqa_kit.loading.authoring.new_source": ("new_source",),
    "medqa_kit.quality.fixes": ("FixText",),
    "medqa_kit.quality.namuwiki": ("StripNamuMarkup",),
    "medqa_kit.quality.numbers.comparing": ("number_changes",),
    "medqa_kit.quality.numbers.same_numbers": ("SameNumbers",),
    "medqa_kit.quality.personal.personal_data": ("FindPersonalData", "MaskPersonalData"),
    "medqa_kit.quality.scripts": ("InScript",),
    "medqa_kit.quality.script_report": ("script_report",),
    "medqa_kit.quality.term_report": ("term_report",),
    "medqa_kit.splitting.deduplication": ("dedupe",),
    "medqa_kit.splitting.mixes.feed": ("Feed",),
    "medqa_kit.splitting.mixes.mixing": ("mix",),
    "medqa_kit.splitting.warming": ("warm",),
    "medqa_kit.decontamination.holdout": ("Holdout",),
    "medqa_kit.core.report": ("Report",),
    "medqa_kit.core.showing.chart": ("Chart", "length_chart"),
    "medqa_kit.core.code.versions": ("show_versions",),
    "medqa_kit.decontamination.comparison": ("compare_holdouts",),
    "medqa_kit.splitting.division": ("Split",),
    "medqa_kit.splitting.manifests": ("apply_manifest",),
    "medqa_kit.splitting.splits": ("kfold", "split", "split_by_year"),
    "medqa_kit.decontamination.exclusion": ("Excluding", "check", "exclude", "overlap", "search"),
    "medqa_kit.schemas": ("conform", "json_schema"),
    "medqa_kit.evaluation.scoring": ("score",),
    "medqa_kit.generation.ledger": ("Ledger",),
    "medqa_kit.generation.passages": ("passages",),
    "medqa_kit.generation.requests": ("Generation",),
    "medqa_kit.generation.retrieval": ("AddContext",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("catalog", "errors", "loaders", "normalizing", "schemas")

__all__ = sorted(["__version__", *_MODULES, *_HOME], key=str.lower)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"medqa_kit.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'medqa_kit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
