# SPDX-License-Identifier: Apache-2.0
"""The empty page, the empty dialog, and the naive dialog."""

from django.urls import path

from benchmarks.empty import views

urlpatterns = [
    path("", views.EmptyPageView.as_view(), name="index"),
    path("dialog/", views.EmptyDialogView.as_view(), name="dialog"),
    path("naive/<image_id>/", views.NaiveDialogView.as_view(), name="naive"),
]
