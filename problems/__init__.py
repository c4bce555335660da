"""Problems behind incidents, their causes, and known errors."""
