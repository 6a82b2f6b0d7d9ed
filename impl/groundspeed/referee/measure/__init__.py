"""How a time is taken: stopwatch, phases, memory, GPU, passes under asv, and the noise of a machine."""
