"""The pages of suppliers' people; records.narrow opens this namespace to them and nothing else."""

from django.urls import path

from sourcing import portal_views as views

app_name = "supplier"
urlpatterns = [
    path("supplier/", views.home, name="home"),
    path("supplier/contracts/", views.own_contracts, name="contracts"),
    path("supplier/notices/", views.notices, name="notices"),
    path("supplier/notices/<int:item>/answer/", views.answer_notice, name="answer-notice"),
    path("supplier/tickets/<slug:number>/", views.ticket, name="ticket"),
    path("supplier/tickets/<slug:number>/write/", views.write, name="write"),
    path("supplier/tickets/<slug:number>/files/<slug:key>/", views.attachment, name="attachment"),
]
