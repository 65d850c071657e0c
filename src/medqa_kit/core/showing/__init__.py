"""How results show themselves: text for a terminal, HTML for a notebook, charts where they say more."""
