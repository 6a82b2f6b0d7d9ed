"""The house rules that a machine can check: import direction, light imports, size, documentation."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "impl" / "groundspeed"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 80

FORBIDDEN = {
    "scalar": r"^groundspeed\.(?!scalar)",
    "engines": r"^groundspeed\.(operations|datasets|geometry|referee)",
    "operations": r"^groundspeed\.(datasets|referee\.(report|records|measure))",
    "datasets": r"^groundspeed\.(referee|operations)",
}
OPTIONAL = (
    "cupy",
    "cudf",
    "duckdb",
    "sedonadb",
    "polars",
    "adbc_driver_postgresql",
    "spatialpandas",
    "dask",
    "sklearn",
    "matplotlib",
    "asv",
    "shapely",
    "geopandas",
    "pyproj",
)


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_go_one_way(path):
    rule = FORBIDDEN.get(path.relative_to(SOURCE).parts[0])
    wrong = {one for one in imports(path) if rule and re.match(rule, one)}
    assert not wrong, f"{name(path)} imports {wrong}"


def test_importing_the_package_loads_no_optional_library():
    code = "import sys, groundspeed; print(*[name for name in sys.argv[1:] if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code, *OPTIONAL], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_stay_small(path):
    tree = ast.parse(path.read_text())
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    long = {
        one.name for one in functions if one.end_lineno - one.lineno - docstring_lines(one) > LONGEST_FUNCTION
    }
    assert not long


def docstring_lines(function: ast.FunctionDef) -> int:
    return len((ast.get_docstring(function, clean=False) or "").splitlines())


def test_only_engines_and_the_kernel_table_know_the_cuda_compilers():
    importers = {
        path for path in FILES if any(re.match(r"numba(_cuda_mlir)?\.cuda", one) for one in imports(path))
    }
    assert {path.relative_to(SOURCE).parts[0] for path in importers} <= {"engines", "referee"}
