"""Assets, their upkeep, licences and service sites; and what was asked for and done."""

from assets.models.applications import Application, ApplicationNotice
from assets.models.entries import Entry
from assets.models.licences import Licence, LicenceDocument, SoftwareFinding
from assets.models.register import Asset, AssetState, Covered, DisposalWay
from assets.models.sites import ServiceSite, SiteState
from assets.models.upkeep import Check, MaintenancePlan

__all__ = [
    "Application",
    "ApplicationNotice",
    "Asset",
    "AssetState",
    "Check",
    "Covered",
    "DisposalWay",
    "Entry",
    "Licence",
    "LicenceDocument",
    "MaintenancePlan",
    "ServiceSite",
    "SiteState",
    "SoftwareFinding",
]
