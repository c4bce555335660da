from django.urls import path

from planning import portal_views, views, writing_views

app_name = "planning"
urlpatterns = [
    path("planning/", views.listing, name="list"),
    path("planning/new/", views.new, name="new"),
    path("planning/<str:number>/", views.detail, name="detail"),
    path("planning/<str:number>/edit/<str:part>/", writing_views.part, name="part"),
    path("planning/<str:number>/sheet/<str:kind>/", writing_views.sheet, name="sheet"),
    path("planning/<str:number>/files/", views.add_files, name="files"),
    path("planning/<str:number>/agreement/", views.draft, name="draft"),
    path("planning/<str:number>/lessons/", views.lesson, name="lessons"),
    path("planning/<str:number>/<str:act>/", views.act, name="act"),
    path("standards/<slug:code>/", writing_views.standard, name="standard"),
    path("standards/<slug:code>/edit/", writing_views.write_standard, name="write-standard"),
    path("standards/<slug:code>/publish/", writing_views.publish_standard, name="publish-standard"),
    path("portal/needs/", portal_views.listing, name="needs"),
    path("portal/needs/new/", portal_views.new, name="new-need"),
    path("portal/needs/<str:number>/", portal_views.detail, name="need"),
    path("portal/needs/<str:number>/reply/", portal_views.reply, name="reply-need"),
]
