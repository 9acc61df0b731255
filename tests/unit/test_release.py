# SPDX-License-Identifier: Apache-2.0
"""A Horizon that is too old fails at its start with a message."""

import importlib.metadata

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured


@pytest.fixture
def horizon(monkeypatch):
    """Return a function that makes this Horizon look like another release."""
    version = importlib.metadata.version

    def horizon(pretended):
        def pretend(name):
            if name != "horizon":
                return version(name)
            if pretended is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return pretended

        monkeypatch.setattr(importlib.metadata, "version", pretend)

    return horizon


@pytest.fixture
def panel(monkeypatch):
    """Return the panel's app without its hooks into Horizon, which are already in place."""
    for name in ("put_in_front", "put_table"):
        monkeypatch.setattr(f"xloud_images_panel.dashboard.horizon.{name}", lambda *_: None)
    return apps.get_app_config("xloud_images_panel")


@pytest.mark.parametrize("version", ["25.2.0", "25.2.1.dev7", "24.0.0", "9.9.9"])
def test_older_horizon_does_not_start(horizon, panel, version):
    """An older Horizon is refused with the needed release, the present one, and the remedy."""
    horizon(version)
    with pytest.raises(ImproperlyConfigured) as refusal:
        panel.ready()
    assert "needs Horizon 25.3 (OpenStack 2025.1) or later" in str(refusal.value)
    assert f"this is Horizon {version}." in str(refusal.value)
    assert "openstack_dashboard/local/enabled" in str(refusal.value)


@pytest.mark.parametrize("version", ["25.3.0", "25.3.0.dev1", "25.10.0", "27.0.0", "100.0", None])
def test_supported_horizon_starts(horizon, panel, version):
    """A supported Horizon starts, as does one of unknown release, such as a checkout."""
    horizon(version)
    panel.ready()
