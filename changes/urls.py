from django.urls import path

from changes import more_views, views

app_name = "changes"
urlpatterns = [
    path("changes/", views.listing, name="list"),
    path("changes/new/", views.new, name="new"),
    path("changes/models/", more_views.template_list, name="templates"),
    path("changes/models/new/", more_views.template_new, name="template-new"),
    path("changes/models/<int:item>/", more_views.template_detail, name="template"),
    path("changes/models/<int:item>/<slug:act>/", more_views.template_act, name="template-act"),
    path("changes/risk/", more_views.risk, name="risk"),
    path("changes/unauthorised/", more_views.unauthorised_list, name="unauthorised"),
    path("changes/unauthorised/<int:item>/", more_views.unauthorised_one, name="unauthorised-one"),
    path("changes/figures/", more_views.figure_table, name="figures"),
    path("changes/figures/<slug:name>/<str:period>/", more_views.figure_list, name="figure"),
    path("changes/<str:number>/", views.detail, name="detail"),
    path("changes/<str:number>/write/<slug:part>/", views.part, name="part"),
    path("changes/<str:number>/conditions/<int:condition>/", views.tick, name="condition"),
    path("changes/<str:number>/items/<int:item>/", views.alter, name="alter"),
    path("changes/<str:number>/<slug:act>/", views.act, name="act"),
]
