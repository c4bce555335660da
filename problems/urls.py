from django.urls import path

from problems import known_views, proposal_views, views

app_name = "problems"
urlpatterns = [
    path("problems/", views.listing, name="list"),
    path("problems/new/", views.new, name="new"),
    path("problems/known-errors/", known_views.listing, name="known-errors"),
    path("problems/known-errors/new/", known_views.new, name="new-known-error"),
    path("problems/known-errors/<slug:number>/", known_views.detail, name="known-error"),
    path("problems/known-errors/<slug:number>/edit/", known_views.edit, name="edit-known-error"),
    path("problems/known-errors/<slug:number>/act/<slug:act>/", known_views.act, name="act-known-error"),
    path("problems/proposals/", proposal_views.proposals, name="proposals"),
    path("problems/proposals/<int:pk>/", proposal_views.proposal, name="proposal"),
    path("problems/proposals/<int:pk>/<slug:act>/", proposal_views.decide, name="decide"),
    path("problems/figures/", proposal_views.report, name="figures"),
    path("problems/figures/<slug:key>/", proposal_views.figure, name="figure"),
    path("problems/frequent/", proposal_views.frequent_ones, name="frequent"),
    path("problems/suggest/", known_views.suggest, name="suggest"),
    path("problems/for/<slug:number>/", known_views.for_ticket, name="for-ticket"),
    path("problems/for/<slug:number>/match/", known_views.match, name="match"),
    path("problems/for/<slug:number>/gather/", known_views.gather, name="gather"),
    path("problems/<slug:number>/", views.detail, name="detail"),
    path("problems/<slug:number>/write-up/", proposal_views.write_up, name="write-up"),
    path("problems/<slug:number>/analysis/<slug:act>/", views.analyse, name="analyse"),
    path("problems/<slug:number>/act/<slug:act>/", views.act, name="act"),
]
