"""Assets, their maintenance, licences, and service sites."""
