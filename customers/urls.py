from django.urls import path

from customers import (
    answer_views,
    callback_views,
    figure_views,
    portal_views,
    profile_views,
    survey_views,
    views,
)

app_name = "customers"
urlpatterns = [
    path("complaints/", views.listing, name="complaints"),
    path("complaints/new/", views.new, name="new"),
    path("complaints/figures/", figure_views.figures, name="figures"),
    path("complaints/figures/<slug:key>/", figure_views.figure, name="figure"),
    path("complaints/proposed/", survey_views.proposals, name="proposals"),
    path("complaints/proposed/<int:item>/<str:act>/", survey_views.decide, name="decide"),
    path("complaints/<str:number>/", views.detail, name="complaint"),
    path("complaints/<str:number>/<str:act>/", views.act, name="act"),
    path("customers/", profile_views.listing, name="customers"),
    path("customers/<slug:code>/", profile_views.detail, name="customer"),
    path("customers/<slug:code>/<str:act>/", profile_views.act, name="customer-act"),
    path("customers/<slug:code>/<int:item>/<str:act>/", profile_views.item_act, name="item-act"),
    path("surveys/", survey_views.listing, name="surveys"),
    path("surveys/new/", survey_views.new, name="new-survey"),
    path("surveys/questionnaires/new/", survey_views.new_questionnaire, name="new-questionnaire"),
    path("surveys/by-telephone/<int:item>/", survey_views.collect, name="collect"),
    path("surveys/<str:number>/", survey_views.detail, name="survey"),
    path("surveys/<str:number>/<str:act>/", survey_views.act, name="survey-act"),
    path("callbacks/", callback_views.listing, name="callbacks"),
    path("callbacks/<int:item>/<str:act>/", callback_views.act, name="callback-act"),
    path("opinion/<str:token>/", answer_views.answer, name="answer"),
    path("portal/feedback/", portal_views.listing, name="feedbacks"),
    path("portal/feedback/new/", portal_views.new, name="new-feedback"),
    path("portal/feedback/<str:number>/", portal_views.detail, name="feedback"),
    path("portal/feedback/<str:number>/<str:act>/", portal_views.act, name="feedback-act"),
    path("portal/opinions/<int:item>/", answer_views.portal_answer, name="own-answer"),
    path("portal/surveys/<str:number>/", answer_views.own_survey, name="own-survey"),
]
