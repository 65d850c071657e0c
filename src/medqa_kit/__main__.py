"""``python -m medqa_kit`` is ``medqa-kit``."""

import sys

from medqa_kit.cli import main

sys.exit(main())
