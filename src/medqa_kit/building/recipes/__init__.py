"""What a recipe says: dataclasses that are the declaration, the TOML file and its JSON Schema at once."""
