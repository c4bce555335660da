from django.urls import path

from levels import change_views, outage_views, views

app_name = "levels"
urlpatterns = [
    path("levels/", views.listing, name="list"),
    path("levels/outages/", outage_views.listing, name="outages"),
    path("levels/outages/new/", outage_views.new, name="new-outage"),
    path("levels/outages/<int:item>/", outage_views.detail, name="outage"),
    path("levels/outages/<int:item>/<str:act>/", outage_views.act, name="outage-act"),
    path("levels/interruptions/", outage_views.interruptions, name="interruptions"),
    path("levels/interruptions/new/", outage_views.announce, name="announce"),
    path("levels/interruptions/<int:item>/cancel/", outage_views.cancel, name="cancel"),
    path("levels/interruptions/<int:item>/tell/", outage_views.tell, name="tell"),
    path("levels/interruptions/<int:item>/move/", outage_views.move, name="move"),
    path("levels/notices/", change_views.notices, name="notices"),
    path("levels/changes/<str:number>/announce/", change_views.announce, name="announce-change"),
    path("levels/credits/", views.ledger_page, name="credits"),
    path("levels/<slug:code>/", views.detail, name="detail"),
    path("levels/<slug:code>/values/", views.values, name="values"),
    path("levels/<slug:code>/targets/<slug:outcome>/", views.clocks, name="clocks"),
]
