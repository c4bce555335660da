"""Items brought in from files, baselines, and audits of the register."""
