"""Numbers of geometries: how large, how long, where."""
