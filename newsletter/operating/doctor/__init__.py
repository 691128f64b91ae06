"""What `newsletter doctor` looks at that is no stage's own: disks, Redis, DNS, processes, its own pages from outside."""
