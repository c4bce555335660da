from django.urls import path

from transitions import row_views, template_views, views

app_name = "transitions"
urlpatterns = [
    path("transitions/", views.listing, name="list"),
    path("transitions/new/", views.new, name="new"),
    path("transitions/templates/", template_views.listing, name="templates"),
    path("transitions/templates/new/", template_views.new, name="new-template"),
    path("transitions/templates/<slug:code>/", template_views.detail, name="template"),
    path("transitions/templates/<slug:code>/revise/", template_views.revise, name="revise-template"),
    path("transitions/templates/<slug:code>/switch/", template_views.switch, name="switch-template"),
    path("transitions/<str:number>/", views.detail, name="detail"),
    path("transitions/<str:number>/edit/<slug:part>/", views.edit, name="edit"),
    path("transitions/<str:number>/rows/<slug:part>/<int:item>/<slug:act>/", row_views.row, name="row"),
    path("transitions/<str:number>/checklists/<int:item>/", row_views.look, name="look"),
    path("transitions/<str:number>/checklists/<int:item>/points/", row_views.add_point, name="add-point"),
    path("transitions/<str:number>/checklists/<int:item>/sign/", row_views.sign, name="sign"),
    path("transitions/<str:number>/settle/", row_views.settle, name="settle"),
    path("transitions/<str:number>/observations/<int:item>/", row_views.led_to, name="led-to"),
    path("transitions/<str:number>/<slug:act>/", views.act, name="act"),
]
