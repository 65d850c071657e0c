"""Describe what a build would do, before anything is fetched."""
