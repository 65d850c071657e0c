"""Layouts and declarations that several sources share."""
