"""python -m ricap_explorer COMMAND."""

import sys

from .cli import main

sys.exit(main())
