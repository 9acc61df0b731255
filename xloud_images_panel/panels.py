"""Which of Horizon's two Images panels the operator runs."""

from openstack_dashboard.utils import settings as horizon_settings


def angular_images_panel() -> bool:
    """Tell whether Horizon's Images panel is the AngularJS one, its default, or the Python one."""
    return bool(horizon_settings.get_dict_config("ANGULAR_FEATURES", "images_panel"))
