"""Which points, boxes and polygons belong together."""
