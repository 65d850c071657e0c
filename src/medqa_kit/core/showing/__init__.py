"""Results as text for a terminal, as HTML for a notebook, and as charts."""
