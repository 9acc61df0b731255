# SPDX-License-Identifier: Apache-2.0
"""The tab Shared Images, against the real Keystone and Glance."""

import uuid

import pytest
from django.test import RequestFactory

from tests.cloud.conftest import marker_of
from tests.cloud.pages import shown
from xloud_images_panel.dashboard.settings import page_size


def listed(client, **query):
    """Return the names on one page of the tab."""
    page = client.get("/project/images/shared/", query)
    return [shared.image.name for shared in page.context["table"].data]


def test_shows_what_others_share_whatever_the_status(login, make):
    """The tab lists images shared with the project in any status, and no own or other images."""
    make("s-pending", shared_with=["app-team-a"])
    make("s-accepted", shared_with=["app-team-a"], status="accepted")
    make("s-rejected", shared_with=["app-team-a"], status="rejected")
    make("s-own", owner="app-team-a", shared_with=["app-team-b"])
    make("s-other", shared_with=["app-team-b"])
    for user in ("ann", "rita"):
        assert set(listed(login(user), name="s-")) == {
            "s-pending",
            "s-accepted",
            "s-rejected",
        }


def test_administrator_in_a_project_sees_that_project_only(login, make):
    """An administrator's token sees the whole cloud; the tab shows only the project's images."""
    make("a-mine", shared_with=["admin"])
    make("a-other", shared_with=["app-team-b"])
    admin = login("admin")
    assert listed(admin) == ["a-mine"]
    assert "platform" in admin.get("/project/images/shared/").content.decode()


def test_filters_by_name_and_access(login, make):
    """Both filters stay in the URL and are combined."""
    make("f-one", shared_with=["app-team-a"], status="accepted")
    make("f-two", shared_with=["app-team-a"])
    ann = login("ann")
    assert listed(ann, name="F-ONE") == ["f-one"]
    assert listed(ann, name="f-", access="pending") == ["f-two"]
    assert listed(ann, name="f-", access="nonsense") == ["f-two", "f-one"]
    page = ann.get("/project/images/shared/", {"name": "nothing-like-it"})
    assert "No shared image matches." in page.content.decode()


def test_pages_forwards_and_backwards_show_each_image_once(login, make, settings):
    """Paging shows each image once, and skips the project's own images in between."""
    settings.API_RESULT_PAGE_SIZE = 3
    received = {f"p-{number:02}" for number in range(10)}
    for number in range(10):
        make(f"p-{number:02}", shared_with=["app-team-a"])
        make(f"p-{number:02}-own", owner="app-team-a")
    ann = login("ann")
    seen, pages, after = [], [], None
    while True:
        query = {"name": "p-"} | ({"after": after} if after else {})
        table = ann.get("/project/images/shared/", query).context["table"]
        names = [shared.image.name for shared in table.data]
        seen += names
        pages.append(names)
        if not table.has_more_data():
            break
        after = table.page.next_marker
    assert len(seen) == len(set(seen))
    assert set(seen) == received
    back = [pages[-1]]
    while table.has_prev_data():
        query = {"name": "p-", "before": table.page.previous_marker}
        table = ann.get("/project/images/shared/", query).context["table"]
        back.append([shared.image.name for shared in table.data])
    assert back[::-1] == pages


def test_empty_tab_says_what_it_is_for(login):
    """An empty tab explains which images would appear."""
    page = login("bob").get("/project/images/shared/").content.decode()
    assert "No other project shares an image with this one." in page


def test_marker_that_makes_no_sense_leads_to_the_first_page(login, make):
    """A bookmark from an older release, or an invented marker, is no error."""
    make("m-one", shared_with=["app-team-b"])
    bob = login("bob")
    for marker in (str(uuid.uuid4()), "nonsense", "hidden:x", "n.1.x", f"n.99999999999.{'a' * 22}"):
        page = bob.get("/project/images/shared/", {"after": marker})
        assert "The list has changed" in page.content.decode()
        assert "m-one" in page.content.decode()


@pytest.mark.parametrize("change", ["private", "taken away", "deleted"])
def test_image_at_the_edge_of_a_page_goes(
    login, make, settings, connection, project_id, delete_image, change
):
    """If an image at a page's edge goes, both pages look as if it had never been there."""
    settings.API_RESULT_PAGE_SIZE = 3
    images = [make(f"e-{number}", shared_with=["app-team-a"]) for number in range(9)]
    ann, query = login("ann"), {"name": "e-"}
    table = ann.get("/project/images/shared/", query).context["table"]
    edge = images[6]
    assert [shared.image.name for shared in table.data] == ["e-8", "e-7", "e-6"]
    if change == "private":
        connection.image.update_image(edge.id, visibility="private")
    elif change == "taken away":
        connection.image.remove_member(project_id("app-team-a"), edge.id)
    else:
        delete_image(edge.id)
    response = ann.get("/project/images/shared/", {**query, "after": table.page.next_marker})
    table = response.context["table"]
    assert [shared.image.name for shared in table.data] == ["e-5", "e-4", "e-3"]
    assert "did not allow it" not in response.content.decode()
    assert "The list has changed" not in response.content.decode()
    before = {**query, "before": table.page.previous_marker}
    assert listed(ann, **before) == ["e-8", "e-7"]


def test_image_is_found_by_its_id(login, make, hide):
    """An ID, which owners send, finds only the list's images, in any case and with filters."""
    received = make("i-received", shared_with=["app-team-a"])
    hidden = make("i-hidden", shared_with=["app-team-a"])
    hide(hidden)
    others = [
        make("i-own", owner="app-team-a"),
        make("i-other", shared_with=["app-team-b"]),
        make("i-community", visibility="community"),
    ]
    ann = login("ann")
    assert listed(ann, name=received.id) == ["i-received"]
    assert listed(ann, name=f" {hidden.id.upper()} ") == ["i-hidden"]
    assert listed(ann, name=received.id, access="accepted") == []
    for image in others:
        assert listed(ann, name=image.id) == []
    assert listed(login("admin"), name=received.id) == []
    assert listed(ann, name=received.id[:-1]) == []


@pytest.mark.parametrize("name", ["   ", "\u200b\u200b", ""])
def test_image_without_a_visible_name_is_called_by_its_id(login, make, name):
    """The ID replaces an invisible name in the link and in messages."""
    image = make(name, shared_with=["app-team-a"])
    ann = login("ann")
    response = ann.get("/project/images/shared/", {"name": image.id})
    assert f"<bdi>{image.id}</bdi></a>" in response.content.decode()
    action = {"action": f"shared_images__accept__{image.id}", **shown(ann)}
    page = ann.post("/project/images/shared/", action, follow=True).content.decode()
    assert f"Accepted for app-team-a: {image.id}. Now" in page
    details = ann.get(f"/project/images/shared/{image.id}/").content.decode()
    assert f'<span class="h1 word-wrap">{image.id}</span>' in details


def test_images_that_look_alike_have_their_ids(login, make):
    """Images with similar names, such as differently composed letters, are shown with their IDs."""
    alike = [make(name, shared_with=["app-team-a"]) for name in ("l-é", "L-e\u0301")]
    other = make("l-x", shared_with=["app-team-a"])
    rows = login("ann").get("/project/images/shared/", {"name": "l-"}).context["table"].get_rows()
    shown = {
        row.datum.image.id: f">{row.datum.image.id}<" in row.cells["name"].value for row in rows
    }
    assert shown == {alike[0].id: True, alike[1].id: True, other.id: False}


def test_owners_that_look_alike_have_their_ids(login, make, connection, project_id):
    """An owner of another domain with the name of the user's project is shown with its ID."""
    domain = connection.identity.find_domain("partners").id
    twin = connection.identity.create_project(name="Admin", domain_id=domain)
    image = make("t-twin", shared_with=["admin"])
    connection.image.update_image(image.id, owner=twin.id)
    try:
        page = login("admin").get("/project/images/shared/", {"name": "t-twin"})
        [shared] = page.context["table"].data
        assert shared.owner_name == f"Admin ({twin.id})"
    finally:
        connection.identity.delete_project(twin)


@pytest.mark.parametrize(
    ("status", "shown"),
    [("importing", "Importing"), ("uploading", "Uploading"), ("pending_delete", "Pending Delete")],
)
def test_statuses_are_words(login, make, bulk, status, shown):
    """All statuses are shown as words, including those without a word in Horizon's own tables."""
    image = make("w-image", shared_with=["app-team-a"])
    bulk.set_image(image.id, status=status)
    try:
        page = login("ann").get("/project/images/shared/", {"name": "w-image"})
        [row] = page.context["table"].get_rows()
        assert row.cells["status"].value == shown
    finally:
        bulk.set_image(image.id, status="queued")


def test_image_without_an_owner_has_a_dash(login, make, bulk):
    """Without an owner, the table's cell and the details both have a dash."""
    image = make("d-image", shared_with=["app-team-a"])
    bulk.set_image(image.id, owner=None)
    ann = login("ann")
    [row] = ann.get("/project/images/shared/", {"name": "d-image"}).context["table"].get_rows()
    assert row.cells["owner"].value == "-"
    assert "<bdi>\u2013</bdi>" in ann.get(f"/project/images/shared/{image.id}/").content.decode()


def test_page_has_a_hundred_images_at_the_most():
    """A page has at most 100 images, even with a larger value in Horizon's settings cookie."""
    request = RequestFactory().get("/")
    request.COOKIES["API_RESULT_PAGE_SIZE"] = "990"
    request.session = {}
    assert page_size(request) == 100


def test_scan_stops_at_its_bound_and_goes_on_from_there(login, make, settings):
    """``scan_limit`` limits the look-ups of a request, and the page offers to continue."""
    settings.XLOUD_IMAGES_PANEL = {"scan_limit": 3}
    for number in range(8):
        make(f"!{number}", shared_with=["admin"] if number == 0 else [])
    admin = login("admin")
    query, seen = {"name": "!"}, []
    for _request in range(3):
        response = admin.get("/project/images/shared/", query)
        seen += [shared.image.name for shared in response.context["table"].data]
        if "go_on" not in response.context:
            break
        assert "Look further" in response.content.decode()
        query = {"name": "!", "after": response.context["table"].page.next_marker}
    assert seen == ["!0"]


def test_looking_further_ends_where_the_list_does(login, make, settings):
    """The last page says that there are no more images, and does not start again."""
    settings.XLOUD_IMAGES_PANEL = {"scan_limit": 3}
    for number in range(6):
        make(f"!{number}")
    admin = login("admin")
    url, said = "/project/images/shared/?name=!", []
    for _request in range(4):
        response = admin.get(url)
        said.append(str(response.context["table"].empty_message))
        if "go_on" not in response.context:
            break
        url = f"/project/images/shared/?{response.context['go_on']}"
    assert said == ["None so far.", "None so far.", "There are no more images."]
    assert "There are no more images." in response.content.decode()


def test_page_before_that_is_empty_by_now_leads_to_the_first(login, make, settings):
    """If the page before is empty, the first one appears; its link continues an incomplete scan."""
    settings.XLOUD_IMAGES_PANEL = {"scan_limit": 3}
    images = [make(f"!{number}") for number in range(6)]
    query = {"name": "!", "before": marker_of(images[5])}
    response = login("admin").get("/project/images/shared/", query)
    assert f"after={marker_of(images[3])}" in response.context["go_on"]


def test_number_of_rows_that_makes_no_sense(login, make):
    """An invalid number of rows does no harm; Horizon reads any text from a cookie."""
    make("p-size", shared_with=["app-team-a"])
    make("p-size", shared_with=["app-team-a"])
    ann = login("ann")
    for size in ("0", "-5", "nothing"):
        ann.cookies["API_RESULT_PAGE_SIZE"] = size
        session = ann.session
        session.pop("API_RESULT_PAGE_SIZE", None)
        session.save()
        page = ann.get("/project/images/shared/", {"name": "p-size"})
        assert page.status_code == 200
        assert page.context["table"].data
    session.pop("API_RESULT_PAGE_SIZE", None)
    session.save()


def test_cell_that_cannot_be_edited(login):
    """Horizon has tables with editable cells; a request for one here is a bad request."""
    ann = login("ann")
    query = {"table": "shared_images", "action": "cell_update", "obj_id": "x", "cell_name": "name"}
    assert ann.get("/project/images/shared/", query).status_code == 400
    assert ann.get("/project/images/shared/", {"table": "x", "action": "x"}).status_code == 200


def test_tab_strip_is_on_both_pages(login):
    """Images and Shared Images link to each other."""
    ann = login("ann")
    for path in ("/project/images/", "/project/images/shared/"):
        page = ann.get(path).content.decode()
        assert 'href="/project/images/shared/"' in page
        assert 'href="/project/images/"' in page


def test_says_that_glance_is_down(login, down):
    """The page is complete, names the service, and does not claim that there are no images."""
    ann = login("ann")
    down("image")
    response = ann.get("/project/images/shared/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "The image service (Glance) could not be reached." in page
    assert "The images cannot be shown." in page
    assert "No other project shares" not in page
    assert 'href="/project/images/"' in page


def test_says_that_keystone_is_down(login, make, project_id, down):
    """Without Keystone, users who may see the owners' names see the reason and the images."""
    make("k-one", shared_with=["admin"])
    admin = login("admin")
    owner = project_id("platform")
    down("identity")
    response = admin.get("/project/images/shared/", {"name": "k-one"})
    page = response.content.decode()
    assert "The identity service (Keystone) could not be reached." in page
    assert "k-one" in page
    assert owner in page


def test_keystone_that_is_down_does_not_matter_to_a_member(login, make, down):
    """A project's member sees the owners' IDs, with or without Keystone."""
    make("k-two", shared_with=["app-team-a"])
    ann = login("ann")
    down("identity")
    page = ann.get("/project/images/shared/", {"name": "k-two"}).content.decode()
    assert "k-two" in page
    assert "could not be reached" not in page


# -- one owner, and hints for the rows


def test_images_of_one_owner(login, make, project_id):
    """The page offers to reject the owner's pending images, and ignores an invalid owner."""
    make("o-mine", shared_with=["app-team-a"])
    make("o-theirs", owner="research", shared_with=["app-team-a"])
    ann = login("ann")
    assert listed(ann, name="o-", owner=project_id("research")) == ["o-theirs"]
    page = ann.get("/project/images/shared/", {"name": "o-", "owner": project_id("research")})
    assert "Reject the 1 pending image on this page" in " ".join(page.content.decode().split())
    assert set(listed(ann, name="o-", owner="no/such")) == {"o-mine", "o-theirs"}


def test_nothing_waits(login):
    """Without pending images, the message differs from the one for a filter without matches."""
    page = login("bob").get("/project/images/shared/", {"access": "pending"})
    assert "Nothing waits for an answer." in page.content.decode()


def test_reader_is_told_who_answers(login):
    """Readers see a sentence about who can accept and reject, and members do not."""
    told = "Whoever has the role member in this project can accept and reject them."
    assert told in login("rita").get("/project/images/shared/").content.decode()
    assert told not in login("ann").get("/project/images/shared/").content.decode()


def test_trusted_project_has_its_label(login, make, project_id, settings):
    """A trusted project has its label, even for users who may not see the names of projects."""
    settings.XLOUD_IMAGES_PANEL = {"trusted_projects": {project_id("platform"): "Operators"}}
    make("t-one", shared_with=["app-team-a"])
    page = login("ann").get("/project/images/shared/", {"name": "t-"}).content.decode()
    assert "Operators" in page
    assert "data-trusted" in page


def hints(client, **asked):
    """Return the hints for the rows of the tab."""
    response = client.post("/project/images/shared/hints/", asked)
    return response.json() if response.status_code == 200 else response.status_code


def test_hints_count_by_answer(login, make):
    """The hints count images by answer, without the project's own."""
    for status, count in (("pending", 1), ("accepted", 2), ("rejected", 1)):
        for number in range(count):
            make(f"h-{status}-{number}", shared_with=["app-team-b"], status=status)
    make("h-own", owner="app-team-b", shared_with=["app-team-a"])
    counts = hints(login("bob"))["counts"]
    assert {status: counts[status]["count"] for status in counts} == {
        "pending": 1,
        "accepted": 2,
        "rejected": 1,
    }


def test_hints_name_owners_of_whom_nothing_was_accepted(login, make, project_id):
    """The hints name owners from whom nothing was accepted, because it is their first share."""
    make("k-one", shared_with=["app-team-b"], status="accepted")
    make("k-two", owner="research", shared_with=["app-team-b"])
    owners = [project_id("platform"), project_id("research"), "no/such"]
    assert hints(login("bob"), owner=owners)["first"] == [project_id("research")]


def test_hints_name_no_owner_that_was_not_looked_up(login, make, project_id):
    """If a page has more owners than are looked up, the others are not called new."""
    owners = [f"{number:032x}" for number in range(30)]
    assert hints(login("bob"), owner=owners)["first"] == owners[:20]


def test_hints_count_hidden_images_as_the_list_does(connection, login, make):
    """The hints count hidden images, because the filter's list has them too."""
    hidden = make("h-hidden", shared_with=["app-team-b"])
    connection.image.update_image(hidden.id, is_hidden=True)
    make("h-shown", shared_with=["app-team-b"])
    assert hints(login("bob"))["counts"]["pending"]["count"] == 2


def test_hints_survive_long_names_in_any_script(login, make):
    """Hints accept long names in any script; a letter may take many characters of an address."""
    names = [f"{number}{chr(0x6C34) * 250}" for number in range(8)]
    found = hints(login("bob"), name=names)
    assert found["public"] == {}
    assert found["counts"]["pending"]["count"] == 0


def test_hints_name_public_images_of_the_same_name(login, make, project_id):
    """Hints give the owners of public images of the same name, unless it has a double quote."""
    names = ["a,b", "plain", "in:x", "100%"]
    for name in [*names, 'q"uoted']:
        make(name, owner="admin", visibility="public")
    asked = [*names, 'q"uoted', "back\\slash", "nobody's", "x" * 255]
    public = hints(login("bob"), name=asked)["public"]
    assert public == {name: [project_id("admin")] for name in names}


def test_hints_stay_away_when_glance_is_down(login, down):
    """While Glance is down, there are no hints, and the page works without them."""
    down("image")
    assert hints(login("bob"), name="x") == 204


def test_hints_for_an_administrator_have_no_counts(login):
    """Administrators' hints have no counts, as their token sees every shared image in the cloud."""
    assert set(hints(login("admin"), name="x")) == {"public"}
