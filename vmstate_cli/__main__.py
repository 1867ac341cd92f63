"""`python -m vmstate_cli`."""

import sys

from . import main

sys.exit(main())
