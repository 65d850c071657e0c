"""Holding what is claimed against what is there: cards, pins, lineage."""
