"""What customers see."""

from django.urls import path

from portal import agreement_views, order_views, views

app_name = "portal"

urlpatterns = [
    path("portal/", views.home, name="home"),
    path("portal/requests/", views.ticket_list, name="list"),
    path("portal/requests/new/", views.new, name="new"),
    path("portal/requests/<slug:number>/", views.detail, name="detail"),
    path("portal/requests/<slug:number>/reply/", views.reply, name="reply"),
    path("portal/requests/<slug:number>/confirm/", views.confirm, name="confirm"),
    path("portal/requests/<slug:number>/reopen/", views.reopen, name="reopen"),
    path("portal/requests/<slug:number>/take-back/", order_views.take_back, name="take-back"),
    path(
        "portal/requests/<slug:number>/quotation/<int:pk>/<slug:act>/",
        order_views.quotation,
        name="quotation",
    ),
    path("portal/catalogue/", order_views.catalogue, name="catalogue"),
    path("portal/catalogue/<slug:code>/", order_views.offering, name="offering"),
    path("portal/search/", views.search, name="search"),
    path("portal/search/quick/", views.quick, name="quick"),
    path("portal/search/helpful/", views.helpful, name="helpful"),
    path("portal/services/", views.services, name="services"),
    path("portal/agreements/", agreement_views.listing, name="agreements"),
    path("portal/agreements/<slug:number>/", agreement_views.detail, name="agreement"),
    path("portal/agreements/<slug:number>/document.pdf", agreement_views.as_pdf, name="agreement-pdf"),
    path("portal/agreements/<slug:number>/document.docx", agreement_views.as_docx, name="agreement-docx"),
    path("portal/agreements/<slug:number>/<slug:act>/", agreement_views.act, name="agreement-act"),
    path("portal/help/", views.help_page, name="help"),
]
