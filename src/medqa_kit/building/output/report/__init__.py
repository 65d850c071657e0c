"""``report.html``: what a result is made of, for a person: one file, without a script or a network."""
