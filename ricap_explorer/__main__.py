"""python -m ricap_explorer COMMAND."""

import sys

try:
    from .cli import main

    sys.exit(main())
except KeyboardInterrupt:  # while modules are imported; later the commands say what they leave behind
    sys.exit(130)
