# SPDX-License-Identifier: Apache-2.0
"""Copy this file into openstack_dashboard/local/enabled to switch the panel on."""

FEATURE = "xloud_images_panel"
ADD_INSTALLED_APPS = ["xloud_images_panel"]
ADD_ANGULAR_MODULES = ["xloud.images"]
ADD_SCSS_FILES = ["xloud_images_panel/xloud-images.scss"]
AUTO_DISCOVER_STATIC_FILES = True
