from django.urls import path

from knowledge import portal_views, ticket_views, views

app_name = "knowledge"
urlpatterns = [
    path("knowledge/", views.listing, name="list"),
    path("knowledge/new/", views.new, name="new"),
    path("knowledge/preview/", views.preview, name="preview"),
    path("knowledge/reports/", views.reports, name="reports"),
    path("knowledge/suggest/", ticket_views.suggest, name="suggest"),
    path("knowledge/for/<slug:number>/", ticket_views.for_ticket, name="for-ticket"),
    path("knowledge/for/<slug:number>/use/", ticket_views.use, name="use"),
    path("knowledge/for/<slug:number>/write/", ticket_views.write_up, name="write-up"),
    path("knowledge/<slug:number>/", views.detail, name="detail"),
    path("knowledge/<slug:number>/edit/", views.edit, name="edit"),
    path("knowledge/<slug:number>/vote/", ticket_views.vote, name="vote"),
    path("knowledge/<slug:number>/versions/<int:version>/", views.version, name="version"),
    path("knowledge/<slug:number>/act/<slug:act>/", views.act, name="act"),
    path("portal/knowledge/", portal_views.listing, name="portal-list"),
    path("portal/knowledge/<slug:number>/", portal_views.article, name="portal-article"),
]
