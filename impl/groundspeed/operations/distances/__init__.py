"""Distances between points, lines and sets of points."""
