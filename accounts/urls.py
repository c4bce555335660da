"""Pages about oneself, and the back office."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("accounts/login/", views.Login.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", views.PasswordChange.as_view(), name="password"),
    path("accounts/password/done/", views.PasswordDone.as_view(), name="password_done"),
    path("accounts/preferences/", views.preferences, name="preferences"),
]
