"""The routes of this app."""

from rest_framework.routers import SimpleRouter

from assets.api_assets import Applications, Assets
from assets.api_licences import Findings, Licences
from assets.api_sites import Sites
from assets.api_upkeep import Checks, Plans

router = SimpleRouter()
router.register("assets", Assets, basename="assets")
router.register("asset-applications", Applications, basename="asset-applications")
router.register("asset-checks", Checks, basename="asset-checks")
router.register("maintenance-plans", Plans, basename="maintenance-plans")
router.register("licences", Licences, basename="licences")
router.register("software-findings", Findings, basename="software-findings")
router.register("service-sites", Sites, basename="service-sites")
urlpatterns = router.urls
