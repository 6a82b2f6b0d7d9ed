"""Columns to and from the libraries around: GEOS (Shapely, WKB, WKT), GeoPandas, Arrow."""
