"""What a project that imports the library writes, without a note on types."""

import medqa_kit as mk

for question in mk.loaders.kormedmcqa(split="test"):
    print(question["question"], question["options"])
