"""``python -m msiss``."""

import sys

from msiss.cli.main import main

sys.exit(main())
