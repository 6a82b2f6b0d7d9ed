"""pandas with nothing but what cuDF documents."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

# From https://docs.rapids.ai/api/cudf/stable/: parameters of functions, and names on frames and series.
CUDF = {
    "read_csv": {
        *(
            "filepath_or_buffer",
            "sep",
            "delimiter",
            "header",
            "names",
            "index_col",
            "usecols",
            "prefix",
            "dtype",
        ),
        *("true_values", "false_values", "skipinitialspace", "skiprows", "skipfooter", "nrows", "na_values"),
        *("keep_default_na", "na_filter", "skip_blank_lines", "parse_dates", "dayfirst", "compression"),
        *("thousands", "decimal", "lineterminator", "quotechar", "quoting", "doublequote", "comment"),
        *("delim_whitespace", "byte_range", "storage_options", "bytes_per_thread"),
    },
    "read_parquet": {
        *(
            "filepath_or_buffer",
            "engine",
            "columns",
            "storage_options",
            "filesystem",
            "filters",
            "row_groups",
        ),
        *("use_pandas_metadata", "categorical_partitions", "bytes_per_thread", "dataset_kwargs", "nrows"),
        *("skip_rows", "allow_mismatched_pq_schemas"),
    },
    "to_numeric": {"arg", "errors", "downcast", "dtype_backend"},
}

EXACT = {"read_csv": {"float_precision": "round_trip"}}
"""What makes pandas read numbers to the last bit, which its version 3.0 does not do unasked."""


def like_cudf():
    """pandas as far as cuDF documents it."""

    def restricted(name):
        def call(first, **options):
            assert options.keys() <= CUDF[name], options.keys() - CUDF[name]
            return getattr(pd, name)(first, **options, **EXACT.get(name, {}))

        return call

    return SimpleNamespace(**{name: restricted(name) for name in CUDF})
