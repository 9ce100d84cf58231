"""A headless Chromium for looking at a report: what it draws, in which colours, and what it asks the network for."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--metrics-recording-only",
    "--no-pings",
    "--hide-scrollbars",
    "--virtual-time-budget=3000",
    "--timeout=20000",
)
# Nobody listens there: whatever the browser wants to ask of its maker stays on this machine.
NOBODY = "http://127.0.0.1:9"
_MAKER = re.compile(r"^(?:https?://)?[\w.-]+\.(?:google|googleapis|gvt1)\.com(?:[:/]|$)")
LIMIT_S = 90

# Looks at a report inside a frame of a given width: every text with its colour and what lies right below it.
_LOOK = """
const frame = document.querySelector('iframe'), out = {};
const numbers = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
const solid = colour => { const n = numbers(colour); return n.length > 2 && (n.length < 4 || n[3] > 0); };
function ground(view, page, element, x, y) {
  const own = view.getComputedStyle(element);
  if (element.closest('svg') && own.stroke !== 'none' && parseFloat(own.strokeWidth) > 0) return own.stroke;
  for (const below of page.elementsFromPoint(x, y)) {
    const style = view.getComputedStyle(below);
    if (below.closest('svg') && below.tagName !== 'svg') {
      if (below !== element && below.tagName !== 'text' && solid(style.fill)) return style.fill;
    } else if (solid(style.backgroundColor)) return style.backgroundColor;
  }
  return view.getComputedStyle(page.body).backgroundColor;
}
frame.onload = () => {
  const view = frame.contentWindow, page = frame.contentDocument;
  page.querySelectorAll('details').forEach(one => one.open = true);
  frame.style.height = page.documentElement.scrollHeight + 50 + 'px';
  out.pairs = {}; out.texts = 0; out.pwned = view.pwned === undefined ? null : view.pwned;
  const walk = page.createTreeWalker(page.body, view.NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest('.unseen, .skip, title, desc')) continue;
    const range = page.createRange(); range.selectNodeContents(node);
    const box = range.getClientRects()[0];
    if (!box || !box.width) continue;
    out.texts++;
    const style = view.getComputedStyle(element), colour = element.closest('svg') ? style.fill : style.color;
    const below = ground(view, page, element, box.x + box.width / 2, box.y + box.height / 2);
    const key = colour + ' on ' + below;
    out.pairs[key] = out.pairs[key] || [contrast(numbers(colour), numbers(below)), node.data.trim().slice(0, 40)];
  }
  out.page = view.getComputedStyle(page.body).backgroundColor;
  out.too_wide = page.documentElement.scrollWidth - view.innerWidth;
  out.scripts = page.scripts.length;
  out.loaded = view.performance.getEntriesByType('resource').map(entry => entry.name);
  out.failing = [...page.querySelectorAll('.hop.fail text')].map(text => text.textContent);
  out.drawn = [...page.querySelectorAll('svg')].every(svg => svg.getBoundingClientRect().width > 100);
  document.querySelector('pre').textContent = JSON.stringify(out);
};
"""


def binary() -> str | None:
    """Where a Chromium is; None when this machine has none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def dumped(page: str, folder: Path, *flags: str, proxy: str = NOBODY) -> str:
    """What the document is once the browser is done with it."""
    browser = binary()
    assert browser
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--proxy-server={proxy}", *flags]
    return subprocess.run(
        [*command, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=LIMIT_S, check=True
    ).stdout


def looked_at(page: str, folder: Path, width: int = 1100, dark: bool = False) -> dict[str, Any]:
    """What the report is like in a window of this width, in pixels."""
    around = (
        f'<!doctype html><meta charset="utf-8"><body data-page="{html.escape(page)}"><pre></pre>'
        f'<iframe width="{width}" height="800" style="border:0"></iframe>'
        f"<script>{_LOOK}frame.srcdoc = document.body.dataset.page;</script>"
    )
    text = dumped(around, folder, f"--blink-settings=preferredColorScheme={0 if dark else 1}")
    found = re.search(r"<pre>(\{.*?\})</pre>", text, re.S)
    assert found, text[-2000:]
    seen: dict[str, Any] = json.loads(html.unescape(found[1]))
    return seen


@contextmanager
def sink() -> Iterator[tuple[str, list[str]]]:
    """A proxy that answers nothing and remembers what pages ask for (not what the browser asks of its maker)."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def refuse(self) -> None:
            if not _MAKER.match(self.path):
                asked.append(self.path)
            self.send_error(404)

        do_GET = do_POST = do_CONNECT = do_HEAD = refuse

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
