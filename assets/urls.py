from django.urls import path

from assets import contract_views, licence_views, site_views, upkeep_views, views

app_name = "assets"
urlpatterns = [
    path("assets/", views.listing, name="list"),
    path("assets/new/", views.edit, name="new"),
    path("assets/coverage/", views.coverage, name="coverage"),
    path("assets/contracts/", contract_views.listing, name="contracts"),
    path("assets/contracts/<slug:code>/", contract_views.detail, name="contract"),
    path("assets/contracts/<slug:code>/objects.csv", contract_views.export, name="contract-csv"),
    path("assets/plans/", upkeep_views.plans, name="plans"),
    path("assets/plans/new/", upkeep_views.edit_plan, name="plan-new"),
    path("assets/plans/<int:item>/", upkeep_views.plan, name="plan"),
    path("assets/plans/<int:item>/edit/", upkeep_views.edit_plan, name="plan-edit"),
    path("assets/checks/", upkeep_views.checks, name="checks"),
    path("assets/checks/<int:item>/", upkeep_views.check, name="check"),
    path("assets/checks/<int:item>/skip/", upkeep_views.skip, name="check-skip"),
    path("assets/licences/", licence_views.listing, name="licences"),
    path("assets/licences/new/", licence_views.edit, name="licence-new"),
    path("assets/licences/<str:number>/", licence_views.licence, name="licence"),
    path("assets/licences/<str:number>/edit/", licence_views.edit, name="licence-edit"),
    path("assets/licences/<str:number>/end/", licence_views.end, name="licence-end"),
    path("assets/licences/<str:number>/documents/", licence_views.upload, name="licence-upload"),
    path(
        "assets/licences/<str:number>/documents/<int:item>/", licence_views.document, name="licence-document"
    ),
    path(
        "assets/licences/<str:number>/documents/<int:item>/remove/",
        licence_views.remove,
        name="licence-remove",
    ),
    path("assets/software/<int:item>/", licence_views.software, name="software"),
    path("assets/findings/", licence_views.findings, name="findings"),
    path("assets/findings/new/", licence_views.new_finding, name="finding-new"),
    path("assets/sites/", site_views.listing, name="sites"),
    path("assets/sites/new/", site_views.edit, name="site-new"),
    path("assets/sites/<slug:code>/", site_views.detail, name="site"),
    path("assets/sites/<slug:code>/edit/", site_views.edit, name="site-edit"),
    path("assets/sites/<slug:code>/<slug:act>/", site_views.apply, name="site-apply"),
    path("assets/applications/", site_views.asked, name="applications"),
    path("assets/applications/<int:item>/", site_views.application, name="application"),
    path("assets/<str:number>/", views.detail, name="detail"),
    path("assets/<str:number>/edit/", views.edit, name="edit"),
    path("assets/<str:number>/<slug:act>/", views.act, name="act"),
]
