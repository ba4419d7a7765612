"""`make doctor WEBHOOK_URL=…`: examines that portal; without WEBHOOK_URL, the bundled one."""

import os
import sys
from pathlib import Path

from source_bitrix24.doctor.run import run

from .portal import running_portal

_DEALS = 1000
_FOLDER = Path(".demo")


def main() -> None:
    """Run the doctor."""
    if os.environ.get("WEBHOOK_URL"):
        run(sys.argv[1:])
        return
    print("WEBHOOK_URL is not set: examining the bundled portal.", file=sys.stderr, flush=True)
    with running_portal(_DEALS) as portal:
        run([portal.webhook_url, "--folder", str(_FOLDER), *sys.argv[1:]])


if __name__ == "__main__":
    main()
