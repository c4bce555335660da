from django.urls import path

from fulfilment import approval_views, desk_views, offering_views, order_views, views, work_views

app_name = "fulfilment"
urlpatterns = [
    path("approvals/", approval_views.listing, name="approvals"),
    path("approvals/<int:pk>/", approval_views.decide, name="approval"),
    path("approvals/<int:pk>/hand-over/", approval_views.hand_over, name="hand-over"),
    path("approve/<str:token>/", approval_views.link, name="link"),
    path("offerings/", offering_views.listing, name="offerings"),
    path("offerings/new/", offering_views.new, name="offering-new"),
    path("offerings/<slug:code>/", offering_views.detail, name="offering"),
    path("offerings/<slug:code>/field/", offering_views.field, name="field-new"),
    path("offerings/<slug:code>/field/<slug:key>/", offering_views.field, name="field"),
    path("offerings/<slug:code>/field/<slug:key>/<slug:act>/", offering_views.arrange, name="arrange"),
    path("offerings/<slug:code>/drop/<slug:part>/<int:n>/", offering_views.drop, name="drop"),
    path("offerings/<slug:code>/<slug:step>/", offering_views.step, name="offering-step"),
    path("tasks/", work_views.listing, name="tasks"),
    path("tasks/<int:pk>/", work_views.detail, name="task"),
    path("tasks/<int:pk>/<slug:act>/", work_views.act, name="task-act"),
    path("access-rights/", desk_views.rights_list, name="rights"),
    path("access-rights/<int:pk>/withdraw/", desk_views.withdraw, name="right-withdraw"),
    path("attainment/", desk_views.attained, name="attainment"),
    path("attainment/<slug:code>/plan/", desk_views.plan, name="attainment-plan"),
    path("requests/new/", order_views.new, name="new"),
    path("requests/<str:number>/", views.detail, name="detail"),
    path("requests/<str:number>/comment/", views.comment, name="comment"),
    path("requests/<str:number>/<slug:action>/", views.act, name="act"),
]
