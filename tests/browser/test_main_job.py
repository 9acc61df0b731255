# SPDX-License-Identifier: Apache-2.0
"""What all this is for: what an administrator shares, a project's users find a moment later."""

from tests.browser.pages import checkbox, confirm, shared_images, tick


def test_shared_by_the_administrator_and_found_by_the_project(
    browser, manage_access, visit, new_image, project_ids
):
    """Member and reader of the project see the image until it is taken away again."""
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
    """What `openstack image add project` does is in the pages, and the other way round."""
    image, project = new_image(), project_ids["app-team-a"]
    admin.image.add_member(image, member_id=project)

    visit("ann", f"/project/images/shared/?name={image.name}")
    assert shared_images(browser) == {image.name: "Pending"}
    manage_access(image)
    assert checkbox(browser, project).is_selected()

    tick(browser, project)
    confirm(browser)
    assert list(admin.image.members(image)) == []
