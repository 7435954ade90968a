"""The DevOps worker at the module path that other systems spawn."""

import sys

if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and not __file__.startswith(sys.path[0] + "/agents/"):
    del sys.path[0]  # `python -m` starts in a folder that may be anybody's repository: no module is imported from there
