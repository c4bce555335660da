from django.urls import path

from fieldwork import board_views, calendar_views, form_views, portal_views, views

app_name = "fieldwork"
urlpatterns = [
    path("fieldwork/board/", board_views.board, name="board"),
    path("fieldwork/board/changes/", board_views.changes, name="changes"),
    path("fieldwork/calendar/", calendar_views.calendar, name="calendar"),
    path("fieldwork/figures/", calendar_views.figures, name="figures"),
    path("fieldwork/new/<str:number>/", views.new, name="new"),
    path("fieldwork/visits/<int:pk>/", views.visit, name="visit"),
    path("fieldwork/visits/<int:pk>/report/", form_views.report, name="report"),
    path("fieldwork/visits/<int:pk>/sign/", form_views.sign, name="sign"),
    path("fieldwork/visits/<int:pk>/correct/", form_views.correct, name="correct"),
    path("fieldwork/visits/<int:pk>/sheet/", form_views.sheet, name="sheet"),
    path("fieldwork/visits/<int:pk>/sheet.pdf", form_views.sheet_pdf, name="sheet-pdf"),
    path("fieldwork/visits/<int:pk>/do/<slug:act>/", views.act, name="act"),
    path("fieldwork/forms/<int:pk>/", form_views.form, name="form"),
    path("fieldwork/forms/<int:pk>/form.pdf", form_views.form_pdf, name="form-pdf"),
    path("fieldwork/forms/<int:pk>/signature/", form_views.signature, name="signature"),
    path("portal/visits/<int:pk>/<slug:act>/", portal_views.answer, name="answer"),
]
