# SPDX-License-Identifier: Apache-2.0
"""The main job: an administrator shares an image, and the project's users find it soon after."""

from tests.browser.pages import checkbox, confirm, shared_images, tick


def test_shared_by_the_administrator_and_found_by_the_project(
    browser, manage_access, visit, new_image, project_ids
):
    """The project's member and reader see the image only while it is shared."""
    image, project = new_image(), project_ids["app-team-a"]
    address = f"/project/images/shared/?name={image.name}"
    visit("ann", address)
    assert shared_images(browser) == {}

    manage_access(image)
    tick(browser, project)
    confirm(browser)

    for user in ("ann", "rita"):
        visit(user, address)
        assert shared_images(browser) == {image.name: "Accepted"}
    visit("bob", address)
    assert shared_images(browser) == {}

    manage_access(image)
    assert checkbox(browser, project).is_selected()
    tick(browser, project)
    confirm(browser)

    for user in ("ann", "rita"):
        visit(user, address)
        assert shared_images(browser) == {}


def test_shared_on_the_command_line(browser, admin, manage_access, visit, new_image, project_ids):
    """The pages show changes made by `openstack image add project`, and vice versa."""
    image, project = new_image(), project_ids["app-team-a"]
    admin.image.add_member(image, member_id=project)

    visit("ann", f"/project/images/shared/?name={image.name}")
    assert shared_images(browser) == {image.name: "Pending"}
    manage_access(image)
    assert checkbox(browser, project).is_selected()

    tick(browser, project)
    confirm(browser)
    assert list(admin.image.members(image)) == []
