"""Lists of any kind as files, made in the background."""
