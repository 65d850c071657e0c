"""The files that a build writes: rows in several formats, the manifest, and papers for people."""
