"""Programs of their own that the benchmark's other environment runs: they import nothing of ours but `papers.json`'s contents."""
