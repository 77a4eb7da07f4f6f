"""``python -m msiss``."""

import sys

from msiss.cli import main

sys.exit(main())
