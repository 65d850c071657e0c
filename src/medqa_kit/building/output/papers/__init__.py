"""The papers of a result, all written from its manifest: card, licences, references, stanzas, checksums."""
