from django.urls import path

from agreements import (
    beginning,
    document_views,
    file_views,
    impact_views,
    life_views,
    remark_views,
    replay_views,
    terms_views,
    views,
)

app_name = "agreements"
urlpatterns = [
    path("agreements/", views.listing, name="list"),
    path("agreements/new/", views.new, name="new"),
    path("agreements/begin/", beginning.page, name="begin"),
    path("agreements/keepers/", file_views.shared, name="keepers"),
    path("agreements/<str:number>/", views.detail, name="detail"),
    path("agreements/<str:number>/terms/", terms_views.overview, name="terms"),
    path("agreements/<str:number>/terms/json/", views.terms, name="terms-json"),
    path("agreements/<str:number>/terms/sections/<str:code>/", terms_views.section, name="terms-section"),
    path("agreements/<str:number>/terms/<str:part>/", terms_views.part, name="terms-part"),
    path("agreements/<str:number>/terms/<str:part>/row/", terms_views.row, name="terms-row"),
    path("agreements/<str:number>/terms/<str:part>/remove/", terms_views.remove, name="terms-remove"),
    path("agreements/<str:number>/file/", file_views.file, name="file"),
    path("agreements/<str:number>/end/", life_views.end, name="end"),
    path("agreements/<str:number>/proof/", terms_views.proof, name="proof"),
    path("agreements/<str:number>/impact/", impact_views.page, name="impact"),
    path("agreements/<str:number>/follow-ups/<int:item>/", views.finish, name="follow-up"),
    path("agreements/<str:number>/remarks/<int:remark>/", remark_views.answer, name="answer"),
    path("agreements/<str:number>/replay/", replay_views.listing, name="replays"),
    path("agreements/<str:number>/replay/<int:pk>/", replay_views.detail, name="replay"),
    path("agreements/<str:number>/document/", document_views.page, name="document"),
    path("agreements/<str:number>/document.pdf", document_views.as_pdf, name="document-pdf"),
    path("agreements/<str:number>/document.docx", document_views.as_docx, name="document-docx"),
    path("agreements/<str:number>/<str:act>/", views.act, name="act"),
]
