"""The two halves of a build: read rows, then decide about them and write them."""
