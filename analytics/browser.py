"""Opens a page in headless Chromium: what a reader would see, for tests and for the picture in README."""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright import sync_api  # type: ignore[import-not-found]  # in analytics/.venv only

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_MARKS = "chart => chart.querySelectorAll('svg .role-mark path, svg .role-mark text').length"
_WIDTH = "() => document.documentElement.scrollWidth - window.innerWidth"


def look(page_file: Path, picture: Path, width: int, height: int, scheme: str, *, whole: bool) -> dict[str, Any]:
    """Open a page, take its picture, and return what is on it.

    errors: lines of the console and failed requests. requests: addresses other than the page's own. marks: the number of
    drawn marks by chart. overflow: pixels by which the page is wider than the window. background: of the page.
    """
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if not program:
        sys.exit("No Chromium: install Debian's package chromium")
    errors: list[str] = []
    requests: list[str] = []
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=1)
        page.on("console", lambda line: errors.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("requestfailed", lambda request: errors.append(request.url))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(page_file.resolve().as_uri())
        try:
            page.wait_for_selector("body[data-drawn]", timeout=20_000)
        except sync_api.TimeoutError as timeout:
            errors.append(str(timeout))
        charts = page.query_selector_all(".chart")
        found = {
            "errors": errors,
            "requests": [url for url in requests if not url.startswith(("file:", "data:"))],
            "marks": {chart.get_attribute("id"): chart.evaluate(_MARKS) for chart in charts},
            "overflow": page.evaluate(_WIDTH),
            "background": page.evaluate("() => getComputedStyle(document.body).backgroundColor"),
            "text": page.inner_text("body"),
        }
        page.screenshot(path=str(picture), full_page=whole)
        browser.close()
    return found


def main() -> None:
    """Print what is on a page as JSON."""
    parser = argparse.ArgumentParser(prog="python -m analytics.browser", description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--whole", action="store_true", help="take the page to its end")
    options = parser.parse_args()
    found = look(options.page, options.picture, options.width, options.height, options.scheme, whole=options.whole)
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
