from django.urls import path

from boards import calendar_views, feed_views, table_views, views

app_name = "boards"
urlpatterns = [
    path("boards/", views.listing, name="list"),
    path("boards/new/", views.new, name="new"),
    path("boards/seats/", views.seats, name="seats"),
    path("boards/seats/<int:item>/", views.unseat, name="unseat"),
    path("change-calendar/", calendar_views.calendar_page, name="calendar"),
    path("change-calendar/slot/", calendar_views.slot, name="slot"),
    path("change-calendar/feed/", feed_views.mine, name="feed"),
    path("change-calendar/feed/<str:token>.ics", feed_views.feed, name="ics"),
    path("boards/<str:number>/", views.detail, name="detail"),
    path("boards/<str:number>/add/", views.add, name="add"),
    path("boards/<str:number>/attend/", views.attend, name="attend"),
    path("boards/<str:number>/write/", views.write, name="write"),
    path("boards/<str:number>/agenda/", views.printed, {"what": "agenda"}, name="agenda"),
    path("boards/<str:number>/minutes/", views.printed, {"what": "minutes"}, name="minutes"),
    path("boards/<str:number>/people/<int:item>/", views.remove, name="remove"),
    path("boards/<str:number>/items/<int:item>/", table_views.paper, name="paper"),
    path("boards/<str:number>/items/<int:item>/vote/<int:voter>/", table_views.vote, name="vote"),
    path("boards/<str:number>/items/<int:item>/rule/", table_views.rule, name="rule"),
    path("boards/<str:number>/items/<int:item>/note/", table_views.note, name="note"),
    path("boards/<str:number>/items/<int:item>/<str:how>/", views.arrange, name="arrange"),
    path("boards/<str:number>/act/<str:act>/", views.act, name="act"),
]
