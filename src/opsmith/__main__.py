"""`python -m opsmith`. The folder that it is started in may be anybody's repository: no module is imported from there."""

import sys

if not sys.flags.safe_path and not __file__.startswith(sys.path[0] + "/opsmith/"):
    del sys.path[0]

from opsmith.cli.main import script  # only now is the path safe

script()
