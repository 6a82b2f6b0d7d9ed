"""What competitors of several operations share."""
