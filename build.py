"""``python build.py`` is ``portal build``: read the invoices, freeze the pages that changed."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        from portal.cli import main
    except ModuleNotFoundError as missing:
        if str(missing.name).startswith("portal"):
            raise
        sys.exit(
            f"The portal's dependency {missing.name!r} is not installed here. Run `make install` once,"
            " then `.venv/bin/python build.py`."
        )
    main(["build", *sys.argv[1:]], prog_name="build.py")
