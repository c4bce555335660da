"""The fields of the agents' forms; they live with the records, for other processes use them too."""

from records.fields import EARLIEST_YEAR, LATEST_YEAR, MOMENT, Files, ManyFilesInput, Moment, RemoteChoice

__all__ = ["EARLIEST_YEAR", "LATEST_YEAR", "MOMENT", "Files", "ManyFilesInput", "Moment", "RemoteChoice"]
