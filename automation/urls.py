from django.urls import path

from automation import ticket_views, words_views

app_name = "automation"
urlpatterns = [
    path("automation/macros/", words_views.macros, name="macros"),
    path("automation/macros/new/", words_views.macro, name="new-macro"),
    path("automation/macros/<int:item>/", words_views.macro, name="macro"),
    path("automation/step/", words_views.step, name="step"),
    path("automation/templates/", words_views.templates, name="templates"),
    path("automation/templates/new/", words_views.template, name="new-template"),
    path("automation/templates/<int:item>/", words_views.template, name="template"),
    path("automation/on/<str:number>/macros/", ticket_views.choose, name="choose"),
    path("automation/on/<str:number>/macros/<int:item>/", ticket_views.use, name="use"),
    path("automation/on/<str:number>/texts/", ticket_views.replies, name="replies"),
]
