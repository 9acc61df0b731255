# SPDX-License-Identifier: Apache-2.0
"""Accept and Reject on Shared Images, against the real Keystone and Glance."""

import html
import re
import uuid

import pytest

from tests.cloud.pages import shown
from xloud_images_panel.dashboard import made_for

TAB = "/project/images/shared/"


def text(response):
    """Return the text of a response."""
    return response.content.decode()


def act(client, action, *images, row=False, **query):
    """Submit Horizon's action, for one row or for the ticked rows, and follow the redirect."""
    url = TAB + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")
    if row:
        data = {"action": f"shared_images__{action}__{images[0]}", **shown(client)}
    else:
        data = {"action": f"shared_images__{action}", "object_ids": images, **shown(client)}
    return client.post(url, data, follow=True)


@pytest.fixture
def status(connection, project_id):
    """Return a function that reads the member status of app-team-a from Glance."""
    return lambda image: connection.image.get_member(project_id("app-team-a"), image.id).status


@pytest.fixture
def members_of(connection, project_id):
    """Return a function that reads an image's member statuses from Glance, by project name."""
    names = {project_id(name): name for name in ("app-team-a", "app-team-b")}
    return lambda image: {
        names[member.member_id]: member.status for member in connection.image.members(image)
    }


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        ("pending", "accept", "accepted"),
        ("pending", "reject", "rejected"),
        ("accepted", "reject", "rejected"),
        ("rejected", "accept", "accepted"),
    ],
)
def test_row_action_sets_the_status(login, make, status, before, action, after):
    """A project can change its decision, and the page shows the result."""
    image = make("answer", shared_with=["app-team-a"], status=before)
    page = act(login("ann"), action, image.id, row=True)
    assert page.redirect_chain == [(TAB, 302)]
    assert f"{after.capitalize()} for app-team-a: answer." in text(page)
    assert status(image) == after


def test_many_are_answered_at_once(login, make, status):
    """Each ticked image gets its own result, and the user keeps the same place in the list."""
    images = [make(f"many-{number}", shared_with=["app-team-a"]) for number in range(3)]
    page = act(login("ann"), "accept", *(image.id for image in images), name="many")
    assert page.redirect_chain == [(TAB + "?name=many", 302)]
    assert "Accepted for app-team-a: many-0, many-1 and many-2." in text(page)
    assert [status(image) for image in images] == ["accepted"] * 3


def test_one_that_is_not_shared_any_more_does_not_stop_the_others(
    login, make, connection, project_id, status
):
    """The page lists successes and failures separately, with the reason."""
    kept = make("kept", shared_with=["app-team-a"])
    taken = make("taken", shared_with=["app-team-a"])
    connection.image.remove_member(project_id("app-team-a"), taken.id)
    own = make("own", owner="app-team-a", shared_with=["app-team-b"])
    unknown = str(uuid.uuid4())
    page = text(act(login("ann"), "accept", taken.id, kept.id, own.id, unknown, "../x"))
    assert "Accepted for app-team-a: kept." in page
    assert "Not accepted: " in page
    for name in (taken.id, own.id, unknown):
        assert name in page
    assert "../x" not in page
    assert "No other project shares this with the current one (any more)." in page
    assert status(kept) == "accepted"


def test_buttons_are_those_that_would_change_something(login, make):
    """Accepted images offer Reject, rejected ones Accept, and pending ones both."""
    offered = {"accepted": "reject", "rejected": "accept"}
    images = {
        status: make(f"b-{status}", shared_with=["app-team-a"], status=status)
        for status in ("pending", "accepted", "rejected")
    }
    page = text(login("ann").get(TAB, {"name": "b-"}))
    for status, image in images.items():
        for action in ("accept", "reject"):
            button = f'value="shared_images__{action}__{image.id}"'
            assert (button in page) == (offered.get(status, action) == action)


def test_reader_is_offered_nothing_and_refused(login, make, status):
    """Readers see no buttons, and the server refuses the requests that the buttons would send."""
    image = make("for-readers", shared_with=["app-team-a"])
    rita = login("rita")
    page = text(rita.get(TAB))
    assert "for-readers" in page
    assert "shared_images__accept" not in page
    assert "shared_images__reject" not in page
    for action in ("accept", "reject"):
        assert act(rita, action, image.id, row=True).status_code == 403
        assert act(rita, action, image.id).status_code == 403
    assert status(image) == "pending"


def test_member_of_another_project_changes_nothing(login, make, status):
    """A user of another project cannot answer: Accept affects only the current project."""
    image = make("not-for-bob", shared_with=["app-team-a"])
    page = text(act(login("bob"), "accept", image.id, row=True))
    assert "Not accepted" in page
    assert status(image) == "pending"


def test_administrator_answers_for_the_current_project_only(login, make, status, project_id):
    """The tab sets only the current project's status, though an administrator may set any."""
    image = make("for-two", shared_with=["app-team-a", "admin"])
    assert "Accepted for admin: for-two." in text(act(login("admin"), "accept", image.id, row=True))
    assert status(image) == "pending"


def test_somebody_not_logged_in_is_sent_to_the_login_page(client, make, status):
    """Accept requires a login."""
    image = make("nobody", shared_with=["app-team-a"])
    response = client.post(
        TAB,
        {"action": f"shared_images__accept__{image.id}"},
        headers={"host": "127.0.0.1"},
    )
    assert response.status_code == 302
    assert "/auth/login/" in response["Location"]
    assert status(image) == "pending"


def test_nothing_ticked_is_said(login, make):
    """Without a ticked row, the page asks the user to select one."""
    make("untouched", shared_with=["app-team-a"])
    assert "select a row" in text(act(login("ann"), "accept"))


# -- the details page


def details(image):
    """Return the address of a shared image's details."""
    return f"{TAB}{image.id}/"


def test_details_show_the_access_and_offer_the_actions(login, make, connection, project_id):
    """The details page shows the project's decision, and lets the project change it."""
    image = make("detailed", shared_with=["app-team-a"], status="rejected")
    page = text(login("ann").get(details(image)))
    assert '<dd data-role="status">Rejected</dd>' in page
    assert "has rejected the image" in page
    assert f'value="shared_images__accept__{image.id}"' in page
    assert f'action="{TAB}"' in page
    assert "shared_images__accept" not in text(login("rita").get(details(image)))


def test_details_of_what_is_not_shared_lead_back_to_the_tab(login, make):
    """Own images, other projects' images and invalid IDs redirect to the tab with a message."""
    own = make("own", owner="app-team-a")
    other = make("other", shared_with=["app-team-b"])
    for image_id in (own.id, other.id, str(uuid.uuid4()), "no-id"):
        page = login("ann").get(f"{TAB}{image_id}/", follow=True)
        assert page.redirect_chain[-1][0] == TAB
        assert "No other project shares an image with this ID" in text(page)


# -- the badge


def pending(client):
    """Return the badge's data, or the status code of a response without data."""
    response = client.get(f"{TAB}pending/")
    return response.json() if response.status_code == 200 else response.status_code


def test_badge_counts_what_is_pending(login, make):
    """The badge counts only pending images of other projects."""
    bob = login("bob")
    assert pending(bob) == {"count": 0, "more": False}
    for status in ("pending", "accepted", "rejected"):
        make(f"c-{status}", shared_with=["app-team-b"], status=status)
    make("c-own", owner="app-team-b", shared_with=["app-team-a"])
    assert pending(bob) == {"count": 1, "more": False}


def test_badge_is_not_shown_to_administrators(login):
    """An administrator's token sees every shared image in the cloud, so a badge would be wrong."""
    assert pending(login("admin")) == 204


def test_reader_has_no_badge(login, make):
    """Readers have no badge, because they cannot answer and it would never go away."""
    make("r-pending", shared_with=["app-team-a"])
    assert pending(login("rita")) == 204
    assert pending(login("ann"))["count"] >= 1


def test_badge_stays_away_when_glance_is_down(login, down):
    """While Glance is down, the badge shows neither a number nor an error."""
    down("image")
    assert pending(login("bob")) == 204


@pytest.mark.parametrize(("action", "done"), [("accept", "Accepted"), ("reject", "Rejected")])
def test_hidden_image_is_said_to_be_in_no_list(login, make, hide, action, done):
    """The message says that a hidden image is in no image list, whatever the project answers."""
    images = [make(name, shared_with=["app-team-a"]) for name in ("in-lists", "in-none")]
    hide(images[1])
    page = text(act(login("ann"), action, *(image.id for image in images)))
    lists = {
        "accept": "Now in the image lists of this project.",
        "reject": "No longer in the image lists of this project.",
    }
    assert f"{done} for app-team-a: in-lists. {lists[action]}" in page
    assert f"{done} for app-team-a: in-none. Hidden images are in no image list;" in page


# -- a page opened before the last switch of the project


@pytest.fixture
def in_two_projects(connection, login, project_id):
    """Give ann a role in app-team-b too, and return her clients of app-team-a and app-team-b."""
    team = project_id("app-team-b")
    member = connection.identity.find_role("member")
    ann = connection.identity.find_user("ann")
    first = login("ann")  # first, because a login with two projects may enter either
    connection.identity.assign_project_role_to_user(team, ann, member)
    # The second session's cookies go into a separate client, as into another browser.
    yield first, login("ann", team)
    connection.identity.unassign_project_role_from_user(team, ann, member)


@pytest.mark.parametrize("row", [True, False])
def test_answer_counts_for_the_project_that_the_page_showed(in_two_projects, make, members_of, row):
    """A page of app-team-a changes nothing in a session of app-team-b, and a message says so."""
    image = make("two-tabs", shared_with=["app-team-a", "app-team-b"])
    first, second = in_two_projects
    sent = {"action": f"shared_images__accept__{image.id}" if row else "shared_images__accept"}
    sent |= {"object_ids": image.id, **shown(first)}
    page = html.unescape(text(second.post(TAB, sent, follow=True)))
    assert (
        "This page showed the project app-team-a; you are working in app-team-b now. "
        "Nothing was changed."
    ) in page
    assert members_of(image) == {"app-team-a": "pending", "app-team-b": "pending"}


@pytest.mark.parametrize("lacking", [made_for.PROJECT, made_for.REGION])
def test_answer_of_no_project_changes_nothing(login, make, status, lacking):
    """A form without its page's project or region is refused, as it may be from any page."""
    image = make("whose", shared_with=["app-team-a"])
    ann = login("ann")
    sent = {"action": f"shared_images__accept__{image.id}", **shown(ann)}
    del sent[lacking]
    page = text(ann.post(TAB, sent, follow=True))
    assert "The page did not say which project it showed. You are working in app-team-a." in page
    assert status(image) == "pending"


def test_answer_in_another_region_changes_nothing(login, make, status):
    """A page of another region changes nothing, as the same image can exist in both regions."""
    image = make("where", shared_with=["app-team-a"])
    ann = login("ann")
    sent = {"action": f"shared_images__accept__{image.id}", **shown(ann)}
    page = text(ann.post(TAB, {**sent, made_for.REGION: "RegionTwo{{1}}"}, follow=True))
    assert "This page showed the region RegionTwo{\u200b{1}}; you are working in RegionOne" in page
    assert status(image) == "pending"


def test_pages_say_whose_they_are(login, make):
    """The table and the details page submit their project and region."""
    image = make("fields", shared_with=["app-team-a"])
    ann = login("ann")
    for address in (TAB, details(image)):
        page = text(ann.get(address))
        (form,) = re.findall(rf'<form[^>]*action="{TAB}"[^>]*>.*?</form>', page, re.DOTALL)
        for name, value in shown(ann).items():
            assert form.count(f'<input type="hidden" name="{name}" value="{value}">') == 1


def test_projects_of_one_name_are_told_apart(
    connection, make, in_two_projects, project_id, menu_of_projects
):
    """Messages add the project's ID for a user who works in two projects with one name."""
    image = make("same-name", shared_with=["app-team-b"])
    _first, second = in_two_projects
    twin = connection.identity.create_project(
        name="app-team-b", domain_id=connection.identity.find_domain("partners").id
    )
    ann = connection.identity.find_user("ann")
    connection.identity.assign_project_role_to_user(
        twin, ann, connection.identity.find_role("member")
    )
    menu_of_projects.clear()
    page = text(act(second, "accept", image.id, row=True))
    connection.identity.delete_project(twin)
    menu_of_projects.clear()
    assert f"Accepted for app-team-b ({project_id('app-team-b')}): same-name." in page


@pytest.mark.parametrize("row", [False, True])
def test_only_what_failed_is_ticked_again(login, make, connection, project_id, row):
    """Only the next page ticks the failed images again."""
    images = [make(f"tick-{number}", shared_with=["app-team-a"]) for number in range(3)]
    gone = images[0]
    ann = login("ann")
    data = {
        "action": f"shared_images__accept__{images[1].id}" if row else "shared_images__accept",
        "object_ids": [images[0].id, images[1].id, "../x"],
        **shown(ann),
    }
    connection.image.remove_member(project_id("app-team-a"), gone.id)
    ann.post(TAB, data)
    connection.image.add_member(gone.id, member_id=project_id("app-team-a"))
    box = re.compile(r'<input[^>]*name="object_ids"[^>]*>')
    checked = [
        [re.search(r'value="([^"]*)"', item)[1] for item in box.findall(page) if "checked" in item]
        for page in (text(ann.get(TAB)), text(ann.get(TAB)))
    ]
    assert checked == [[gone.id], []]


# -- marks, and links to other services


def test_snapshots_and_hidden_images_are_marked(login, make, hide):
    """The tab lists snapshots and hidden images like any other image, with a mark."""
    hide(make("m-hidden", shared_with=["app-team-a"]))
    make("m-snapshot", shared_with=["app-team-a"], image_type="snapshot")
    make("m-plain", shared_with=["app-team-a"])
    page = login("ann").get(TAB, {"name": "m-"})
    names = [str(row.cells["name"].value) for row in page.context["table"].get_rows()]
    assert ["Snapshot" in name for name in names] == [False, True, False]
    assert ["Hidden" in name for name in names] == [False, False, True]


def test_hidden_images_are_on_the_last_page_and_lead_back(login, make, hide, settings):
    """Paging crosses from Glance's default list into the list of hidden images, and back."""
    settings.API_RESULT_PAGE_SIZE = 2
    for number in range(3):
        make(f"h-{number}", shared_with=["app-team-a"])
        hide(make(f"h-hidden-{number}", shared_with=["app-team-a"]))
    ann = login("ann")
    forwards, query = [], {"name": "h-"}
    while query:
        table = ann.get(TAB, query).context["table"]
        forwards.append([shared.image.name for shared in table.data])
        query = table.has_more_data() and {"name": "h-", "after": table.page.next_marker}
    assert forwards == [["h-2", "h-1"], ["h-0", "h-hidden-2"], ["h-hidden-1", "h-hidden-0"]]
    backwards = [forwards[-1]]
    while table.has_prev_data():
        query = {"name": "h-", "before": table.page.previous_marker}
        table = ann.get(TAB, query).context["table"]
        backwards.append([shared.image.name for shared in table.data])
    assert backwards[::-1] == forwards


@pytest.fixture
def nova_and_cinder(connection):
    """Add compute and volume services to the catalog, without servers behind them."""
    services = [
        connection.identity.create_service(name=name, type=kind)
        for name, kind in (("nova", "compute"), ("cinder", "block-storage"))
    ]
    for service in services:
        connection.identity.create_endpoint(
            service_id=service.id,
            interface="public",
            url="http://127.0.0.1:9/",
            region_id="RegionOne",
        )
    yield
    for service in services:
        connection.identity.delete_service(service)


@pytest.fixture
def with_services(nova_and_cinder, login, logins):
    """Return a function that logs a user in with Nova and Cinder in the catalog."""
    before = dict(logins)

    def with_services(user):
        # The catalog comes with the token, so a new token is needed, for this test only.
        logins.pop((user, None), None)
        return login(user)

    yield with_services
    logins.clear()
    logins.update(before)


def offered(client, tab, image):
    """Return the links of an image's row by their text, and whether each opens a wizard.

    Omit the link to the details, which opens no wizard.
    """
    page = text(client.get(f"/project/images/{tab}/", {"name": image.name}))
    (row,) = re.findall(rf'<tr[^>]*data-object-id="{image.id}".*?</tr>', page, re.DOTALL)
    links = re.findall(r"<a ([^>]*data-table-action[^>]*)>(.*?)</a>", row, re.DOTALL)
    return {
        " ".join(re.sub(r"<[^>]*>", "", label).split()): "disabled" not in attributes
        and ("data-launch-image" in attributes or "create/?image_id" in attributes)
        for attributes, label in links
        if "action_details" not in attributes
    }


@pytest.mark.parametrize("tab", ["shared", "community"])
def test_launch_and_create_volume_only_where_the_services_are(login, make, tab, request):
    """The links to the wizards appear only with Nova and Cinder in the catalog."""
    shared_with = ["app-team-b"] if tab == "shared" else []
    image = make(
        "bootable", shared_with=shared_with, status="accepted", visibility=tab, data=b"x" * 512
    )
    assert offered(login("bob"), tab, image) == {}

    bob = request.getfixturevalue("with_services")("bob")
    assert offered(bob, tab, image) == {"Launch": True, "Create Volume": True}


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_launch_says_that_the_image_has_to_be_accepted(with_services, make, status):
    """The links are disabled until the image is accepted, because neither wizard lists it."""
    image = make("not-yet", shared_with=["app-team-b"], status=status, data=b"x" * 512)
    assert offered(with_services("bob"), "shared", image) == {
        "Launch (accept the image first)": False,
        "Create Volume (accept the image first)": False,
    }


@pytest.mark.parametrize("tab", ["shared", "community"])
def test_launch_says_that_hidden_images_are_in_no_list(with_services, make, hide, tab):
    """The links are disabled for all hidden images, because the wizards do not list them."""
    shared_with = ["app-team-b"] if tab == "shared" else []
    image = make(
        "out-of-sight", shared_with=shared_with, status="accepted", visibility=tab, data=b"x" * 512
    )
    hide(image)
    assert offered(with_services("bob"), tab, image) == {
        "Launch (not for hidden images)": False,
        "Create Volume (not for hidden images)": False,
    }


def test_launch_is_not_offered_of_what_cannot_be_booted(with_services, make):
    """Images without data and kernel images have no links, as in Horizon."""
    queued = make("without-data", shared_with=["app-team-b"], status="accepted")
    kernel = make(
        "kernel",
        shared_with=["app-team-b"],
        status="accepted",
        disk_format="aki",
        container_format="aki",
        data=b"x" * 512,
    )
    bob = with_services("bob")
    assert [offered(bob, "shared", image) for image in (queued, kernel)] == [{}, {}]


def test_wizard_without_images_is_not_offered(with_services, make, settings):
    """Launch is missing if the operator has removed images from Horizon's Launch Instance."""
    settings.LAUNCH_INSTANCE_DEFAULTS = {"disable_image": True}
    image = make("no-source", shared_with=["app-team-b"], status="accepted", data=b"x" * 512)
    assert offered(with_services("bob"), "shared", image) == {"Create Volume": True}
