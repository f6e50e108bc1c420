"""Cells run in a real kernel by nbclient, each followed by a check in the same kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

STRICT = "import warnings\nwarnings.simplefilter('error')"

Execute = Callable[..., dict[str, list[Any]]]


@pytest.fixture(params=["python3", "ipykernel-6.31"])
def execute(request: pytest.FixtureRequest, tmp_path: Path) -> Execute:
    """Runs a notebook's code cells in a new kernel in which warnings are errors; gives their outputs back by cell id.

    After the cell of an id that `checks` names, its statements run too. What a cell or a check raises is raised here; what
    anything writes to stderr fails.
    """

    def execute(notebook: Any, checks: Mapping[str, str]) -> dict[str, list[Any]]:
        unknown = checks.keys() - {cell.id for cell in notebook.cells}
        assert not unknown, f"checks for cells that are not there: {unknown}"
        run = nbformat.v4.new_notebook(metadata=notebook.metadata, cells=[nbformat.v4.new_code_cell(STRICT)])
        for cell in notebook.cells:
            if cell.cell_type == "code":
                run.cells.append(cell)
                run.cells.append(nbformat.v4.new_code_cell(checks.get(cell.id, "")))
        resources = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(run, kernel_name=request.param, timeout=600, resources=resources).execute()
        outputs = {cell.id: cell.outputs for cell in run.cells}
        for id_, of_cell in outputs.items():
            said = "".join(output.text for output in of_cell if output.get("name") == "stderr")
            assert not said, f"cell {id_!r} wrote to stderr:\n{said}"
        return outputs

    return execute
