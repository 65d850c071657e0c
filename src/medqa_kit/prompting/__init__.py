"""Prompts from rows: templates, languages, options, few-shot examples."""
