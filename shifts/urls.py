from django.urls import path

from shifts import change_views, swap_views, views

app_name = "shifts"
urlpatterns = [
    path("roster/", views.roster, name="roster"),
    path("roster/add/", views.add, name="add"),
    path("roster/copy/", views.copy, name="copy"),
    path("roster/remove/<int:pk>/", views.remove, name="remove"),
    path("roster/handovers/", change_views.handovers, name="handovers"),
    path("roster/handovers/new/", change_views.new_handover, name="new-handover"),
    path("roster/handovers/<int:pk>/", change_views.handover, name="handover"),
    path("roster/handovers/<int:pk>/accept/", change_views.accept, name="accept"),
    path("roster/handovers/<int:pk>/remark/", change_views.remark, name="remark"),
    path("roster/log/", change_views.log, name="log"),
    path("roster/checklist/", change_views.checklist, name="checklist"),
    path("roster/swaps/", swap_views.swaps, name="swaps"),
    path("roster/swaps/new/<int:pk>/", swap_views.new_swap, name="new-swap"),
    path("roster/swaps/<int:pk>/<slug:act>/", swap_views.act, name="act-swap"),
]
