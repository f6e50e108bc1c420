"""The command line: `python -m burr_chat_widget demo` opens the packaged notebooks in JupyterLab, `serve` serves an application."""

from __future__ import annotations

import argparse
import filecmp
import importlib.util
import os
import runpy
import shutil
import sys
from pathlib import Path

from ._version import __version__

QUICKSTART = "01_quickstart.ipynb"
COPIES = "burr-chat-notebooks"


def main() -> None:
    """Parse the command line and run the command that it names."""
    parser = argparse.ArgumentParser(
        prog="python -m burr_chat_widget",
        description="Any Burr application, chatted with inside a Jupyter notebook cell.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "demo",
        help="open the example notebooks in JupyterLab",
        usage="%(prog)s [ARGUMENT OF JUPYTERLAB ...]",
        description=f"Copies the example notebooks to ./{COPIES} and opens the first one in JupyterLab. "
        "A notebook that is there already is left as it is. No API key and no network are needed.",
        epilog="Everything else goes on to JupyterLab, for example: demo --no-browser --port=8899",
        allow_abbrev=False,
    )
    commands.add_parser("serve", help="serve an application builder: a chat page and HTTP endpoints", add_help=False)
    given, rest = parser.parse_known_args()
    {"demo": demo, "serve": serve}[given.command](rest)


def demo(arguments: list[str]) -> None:
    """Open the quickstart in JupyterLab; returns when JupyterLab stops.

    Args:
        arguments: what JupyterLab is given on its command line.

    Raises:
        SystemExit: what the demo extra installs is not there.
    """
    need("The demo", "demo", "jupyterlab", "openai")
    folder = notebooks()
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    sys.argv = [
        "jupyter lab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{QUICKSTART}",
        *as_root,
        *arguments,
    ]
    runpy.run_module("jupyterlab", run_name="__main__", alter_sys=True)


def serve(arguments: list[str]) -> None:
    """Serve an application builder; returns when the server stops.

    Args:
        arguments: see `serve --help`.

    Raises:
        SystemExit: what the serve extra installs is not there, or the arguments are wrong.
    """
    need("Serving", "serve", "fastapi", "uvicorn", "filelock")
    from .serve import command_line

    command_line.main(arguments)


def need(what: str, extra: str, *modules: str) -> None:
    """Make sure that these modules, which the extra installs, are there. Raises SystemExit if not."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(f"{what} needs {' and '.join(missing)}. Install it with: pip install 'burr-chat-widget[{extra}]'")


def notebooks() -> Path:
    """The folder to work in: copies of the packaged notebooks, or of a checkout's, under the current folder."""
    package = Path(__file__).resolve().parent
    packaged = package / "notebooks"
    copies = Path.cwd() / COPIES
    copy_missing(packaged if packaged.is_dir() else package.parents[1] / "notebooks", copies)
    return copies


def copy_missing(source: Path, target: Path) -> None:
    """Copy each file of `source` that `target` does not have, and say what became of each."""
    print(f"Notebooks in {target}:")
    for original in sorted(
        path for path in source.rglob("*") if path.is_file() and not hidden(path.relative_to(source))
    ):
        name = original.relative_to(source)
        copy = target / name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, copy)
            print(f"  {name}: copied")
        elif filecmp.cmp(original, copy, shallow=False):
            print(f"  {name}: there already")
        else:
            print(f"  {name}: yours, kept (move it away to get the packaged one)")


def hidden(name: Path) -> bool:
    """Whether it is none of the notebooks: what Jupyter leaves beside those of a checkout, or their copies."""
    return any(part.startswith(".") or part == COPIES for part in name.parts)


if __name__ == "__main__":
    main()
