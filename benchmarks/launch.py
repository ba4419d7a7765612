"""`python -m benchmarks.launch REPORT SECONDS COMMAND…`: run a command, and write down what it took.

A process that is started inherits the peak memory of the one that starts it, as the kernel counts; this one is small.
The command is ended after SECONDS.
"""

import json
import os
import subprocess
import sys
import threading
import time


def main() -> None:
    """Run it; REPORT gets its start, wall and CPU seconds, peak memory and exit code."""
    report, seconds, *command = sys.argv[1:]
    started = time.time()
    clock = time.monotonic()
    process = subprocess.Popen(command)
    timer = threading.Timer(float(seconds), process.kill)
    timer.daemon = True
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    timer.cancel()
    with open(report, "w", encoding="utf-8") as file:
        json.dump(
            {
                "started": started,
                "wall": time.monotonic() - clock,
                "cpu": usage.ru_utime + usage.ru_stime,
                "peak_mb": usage.ru_maxrss / 1024,
                "code": process.returncode,
            },
            file,
        )


if __name__ == "__main__":
    main()
