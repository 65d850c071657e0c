"""What a build leaves: row files in several formats, and the papers that go with them."""
