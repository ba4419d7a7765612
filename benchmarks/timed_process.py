"""`python -m benchmarks.timed_process REPORT SECONDS COMMAND…`: run a command and report its time and peak memory.

The kernel gives both exactly when the process ends (`wait4`); sampling, as psutil would do it, misses peaks and the last
moments. Peak memory starts at that of the parent process, so the parent has to be as small as this program. The command is
killed after SECONDS.
"""

import json
import os
import subprocess
import sys
import threading
import time


def main() -> None:
    """Run the command and write start time, wall seconds, CPU seconds, peak memory and exit code to REPORT."""
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
