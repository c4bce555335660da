"""Changes: asked for, assessed, approved, planned, implemented, verified, archived."""
