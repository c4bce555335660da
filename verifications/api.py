"""What checks the register over HTTP: imports of items, baselines, audits."""

from verifications import api_audits, api_baselines, api_imports

urlpatterns = [*api_imports.urlpatterns, *api_baselines.urlpatterns, *api_audits.urlpatterns]
