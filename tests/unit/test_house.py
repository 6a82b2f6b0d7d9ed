"""The house rules that a machine can check: import direction, light imports, size, documentation."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import groundspeed as gs
from groundspeed import _public

SOURCE = Path(__file__).parents[2] / "impl" / "groundspeed"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 80

ROOMS = {
    "scalar": ({"scalar"}, {"numba", "numpy"}),
    "engines": (
        {"engines", "scalar"},
        {"llvmlite", "numba", "numba_cuda_mlir", "numpy", "cuda", "cupy", "platformdirs", "psutil"},
    ),
    "geometry": ({"geometry", "engines"}, {"numpy", "cupy", "shapely", "geopandas", "pyarrow", "pyproj"}),
    "inputs": ({"inputs", "geometry"}, {"numpy", "shapely", "pandas", "cudf"}),
    "dispatch.py": ({"engines"}, {"tqdm"}),
    "io": (
        {"io", "inputs", "geometry", "engines", "scalar"},
        {"numba", "numpy", "pandas", "pyarrow", "pyogrio", "shapely", "geopandas", "polars", "cudf"},
    ),
    "operations": (
        {"operations", "dispatch", "inputs", "geometry", "engines", "scalar", "io"},
        {"numba", "numpy", "tqdm"},
    ),
    "datasets": (
        {"datasets", "geometry"},
        {"numpy", "pandas", "platformdirs", "pyarrow", "pyogrio", "pyproj", "requests", "tqdm", "typer"},
    ),
    "warm.py": ({"operations", "engines"}, set()),
    "_public.py": ({"operations"}, set()),
    "__init__.py": ({"_public"}, set()),
}
"""Room -> the rooms it may import from, and the packages; the referee and the command line may import all."""
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


def target(module: str) -> Path | None:
    """The file of a module of Groundspeed."""
    parts = module.split(".")[1:]
    found = SOURCE.joinpath(*parts).with_suffix(".py"), SOURCE.joinpath(*parts, "__init__.py")
    return next((path for path in found if path.is_file()), None)


def reached(starts: set[Path]) -> set[Path]:
    """Files of operations that these import, directly or through others of operations."""
    found, new = set(), {path for path in starts if path.is_file()}
    while new:
        found |= new
        modules = {one for path in new for one in imports(path) if one.startswith("groundspeed.operations.")}
        new = {path for path in map(target, modules) if path} - found
    return found


OPERATIONS = SOURCE / "operations"
WHAT_AND_HOW = reached({*OPERATIONS.glob("*/*/__init__.py"), *OPERATIONS.glob("*/*/kernels.py")})


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_go_one_way(path):
    room = path.relative_to(SOURCE).parts[0]
    judging = room == "operations" and path not in WHAT_AND_HOW and path != OPERATIONS / "__init__.py"
    if judging or room in ("referee", "cli.py"):
        return
    rooms, packages = ROOMS[room]
    inside = {one.split(".")[1] for one in imports(path) if one.count(".") and one.startswith("groundspeed")}
    outside = {one.partition(".")[0] for one in imports(path)} - sys.stdlib_module_names - {"groundspeed"}
    assert inside <= rooms | {"__version__"}, f"{name(path)} imports {inside - rooms}"
    assert outside <= packages, f"{name(path)} imports {outside - packages}"


def test_what_judges_is_not_reached_by_what_computes():
    judging = {"cases", "foss4g", "databases", "files"}
    assert not [name(path) for path in WHAT_AND_HOW if path.stem in judging]


CALLS = """
import sys, numpy as np, shapely, groundspeed as gs
square = [shapely.box(0, 0, 2, 2)]
gs.haversine_distance(0, 0, 1, 1)
gs.directed_hausdorff_distance([[(0, 0), (1, 0)]])
gs.point_in_polygon([(1.0, 1.0)], square)
gs.write(gs.GeometryColumn.from_points([0.0], [1.0]), sys.argv[1])
gs.read(sys.argv[1])
gs.available()
print([name for name in sys.modules if name.startswith(("groundspeed.referee", "groundspeed.datasets"))])
"""


def test_calling_an_operation_loads_nothing_of_the_referee(tmp_path):
    command = [sys.executable, "-c", CALLS, str(tmp_path / "point.parquet")]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_editors_are_told_of_every_public_name():
    names = set(_public.homes())
    assert _public.STUB.read_text() == _public.stub(), "run: groundspeed ops --stub"
    assert names <= set(dir(gs))
    assert all(hasattr(gs, each) for each in names)
    with pytest.raises(AttributeError, match="havershine"):
        _ = gs.havershine


def test_importing_the_package_loads_no_optional_library():
    code = "import sys, groundspeed; print(*[name for name in sys.argv[1:] if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code, *OPTIONAL], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_stay_small(path):
    tree = ast.parse(path.read_text())
    documented = [one for one in ast.walk(tree) if isinstance(one, DOCUMENTED)]
    assert len(path.read_text().splitlines()) - sum(map(docstring_lines, documented)) <= LONGEST_FILE
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    long = {
        one.name for one in functions if one.end_lineno - one.lineno - docstring_lines(one) > LONGEST_FUNCTION
    }
    assert not long


DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef


def docstring_lines(documented: DOCUMENTED) -> int:
    return len((ast.get_docstring(documented, clean=False) or "").splitlines())


def test_only_engines_and_the_kernel_table_know_the_cuda_compilers():
    importers = {
        path for path in FILES if any(re.match(r"numba(_cuda_mlir)?\.cuda", one) for one in imports(path))
    }
    assert {path.relative_to(SOURCE).parts[0] for path in importers} <= {"engines", "referee"}
