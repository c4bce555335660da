from django.urls import path

from automation import rule_views, schedule_views, ticket_views, words_views

app_name = "automation"
urlpatterns = [
    path("automation/schedules/", schedule_views.schedules, name="schedules"),
    path("automation/schedules/new/", schedule_views.edit, name="new-schedule"),
    path("automation/schedules/<int:item>/", schedule_views.schedule, name="schedule"),
    path("automation/schedules/<int:item>/edit/", schedule_views.edit, name="edit-schedule"),
    path("automation/schedules/<int:item>/extra/", schedule_views.extra, name="extra"),
    path("automation/runs/", schedule_views.runs, name="runs"),
    path("automation/runs/<int:item>/", schedule_views.run, name="run"),
    path("automation/rules/", rule_views.listing, name="rules"),
    path("automation/rules/new/", rule_views.edit, name="new-rule"),
    path("automation/rules/again/", rule_views.again, name="again"),
    path("automation/rules/<int:item>/", rule_views.detail, name="rule"),
    path("automation/rules/<int:item>/edit/", rule_views.edit, name="edit-rule"),
    path("automation/rules/<int:item>/try/", rule_views.try_out, name="try"),
    path("automation/rules/<int:item>/tried/<int:run>/", rule_views.tried, name="tried"),
    path("automation/rules/<int:item>/switch/", rule_views.switch, name="switch"),
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
