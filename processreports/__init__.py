"""Reports of processes by schedule: written, approved, frozen, published."""
