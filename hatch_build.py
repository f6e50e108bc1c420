"""The build hook: makes the front end, so that `pip install .` needs nothing but pip and Node, and installs the extension of JupyterLab.

A bundle that is newer than its sources is left alone, as is the one that an sdist carries. With
`BURR_CHAT_WIDGET_SKIP_JS=1` nothing is made and nothing is asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "src/burr_chat_widget/static/widget.js"
LABEXTENSION = "src/burr_chat_widget/labextension"
NEEDED = (BUNDLE, f"{LABEXTENSION}/package.json")


class FrontEndHook(BuildHookInterface[Any]):
    """Runs npm where the bundle is missing or older than what it is made from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects the files of a wheel or an sdist.

        Raises:
            RuntimeError: there is no bundle, and no Node to make it with.
        """
        self.build()
        # An editable install would keep a copy that grows old.
        if self.target_name == "wheel" and version != "editable" and (Path(self.root) / LABEXTENSION).is_dir():
            build_data["shared_data"][LABEXTENSION] = "share/jupyter/labextensions/burr-chat-widget"

    def build(self) -> None:
        """Make the front end, where that is to be done."""
        if os.environ.get("BURR_CHAT_WIDGET_SKIP_JS") == "1":
            return
        root = Path(self.root)
        missing = next((name for name in NEEDED if not (root / name).exists()), None)
        if missing is None and (root / BUNDLE).stat().st_mtime >= newest(root):
            return
        npm = shutil.which("npm")
        if npm:
            subprocess.run([npm, "ci"], cwd=root, check=True)
            subprocess.run([npm, "run", "build"], cwd=root, check=True)
        elif missing is not None:
            raise RuntimeError(
                f"{missing} is missing and there is no npm to build it: install Node.js 20 or newer, "
                "or set BURR_CHAT_WIDGET_SKIP_JS=1 and build it later with `npm ci && npm run build`"
            )
        else:
            self.app.display_warning(f"{BUNDLE} is older than its sources, and there is no npm to build it anew")


def newest(root: Path) -> float:
    """When the youngest of the front end's sources was written, in seconds since the epoch."""
    folders = [root / "js/src", root / "js/labextension", root / "notebooks"]
    sources = [
        root / "package-lock.json",
        *root.glob("js/*.mjs"),
        *(path for each in folders for path in each.rglob("*")),
    ]
    return max(path.stat().st_mtime for path in sources if path.is_file())
