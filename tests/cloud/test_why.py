# SPDX-License-Identifier: Apache-2.0
"""Check a Project's Access: the form, its matches, and its sentences."""

import html
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cloud.login_page import comes_back_to
from tests.faults import FAULTS
from xloud_images_panel.access.explain import Answer

pytestmark = pytest.mark.usefixtures("without_menus")

URL = "/admin/images/access/why/"
DATA = bytes(512)
FAULT = {fault.name: fault for fault in FAULTS}
HOSTILE = """<img src=x onerror=alert(1)>{$ 7*7 $}{{ 7*7 }}"'&"""


@pytest.fixture
def page(admin):
    """Return a function that opens the page as an administrator."""

    def page(**query):
        response = admin.get(URL, query)
        assert response.status_code == 200
        return response

    return page


@pytest.fixture
def unique():
    """A name that no other test uses."""
    return f"why-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def new_project(connection):
    """Return a function that creates a project, which is removed after the test."""
    made = []

    def new_project(name, domain="Default"):
        domain_id = connection.identity.find_domain(domain).id
        made.append(connection.identity.create_project(name=name, domain_id=domain_id))
        return made[-1]

    yield new_project
    for project in made:
        connection.identity.delete_project(project)


def text(response):
    """Return the text of a page, without its markup."""
    said = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(said).split())


def field(response, name):
    """Return a field of the form with the match for its text."""
    return next(item for item in response.context["fields"] if item.name == name)


def answers(response):
    """Return the two answers, or none."""
    return [line.answer for line in response.context.get("lines", ())]


def offered(response, name):
    """Return the names and hints of the matches offered for a field."""
    return {(offer.name, offer.hint) for offer in field(response, name).offers}


# -- the form


def test_empty_page_says_what_it_is_for(page):
    """The page has no answer and no error, and the first field has the focus."""
    response = page()
    assert answers(response) == []
    assert "Enter a project and an image." in text(response)
    assert 'role="alert"' not in response.content.decode()
    assert response.context["focus"] == "project"


@pytest.mark.parametrize(("given", "focus"), [("image", "project"), ("project", "image")])
def test_half_an_address_asks_for_the_other_half(page, image, project_id, given, focus):
    """A link from an image's row sets the image, a link from a project sets the project."""
    values = {"image": image.id, "project": project_id("app-team-a")}
    response = page(**{given: values[given]})
    assert answers(response) == []
    assert f'value="{values[given]}"' in response.content.decode()
    assert response.context["focus"] == focus


def test_texts_are_taken_without_the_blanks_around_them(page, image, project_id):
    """Blanks around a text, for example one pasted from a mail or a table, are ignored."""
    response = page(project=f" {project_id('app-team-a').upper()} ", image=f"\t{image.id} ")
    assert answers(response) == [Answer.NO, Answer.NO]


# -- the project


def test_project_is_found_by_its_name_and_by_part_of_it(page, image, new_project, unique):
    """A project is found by its name and by part of it, in any case."""
    project = new_project(f"{unique}-Team")
    for asked in (project.name, project.name.lower(), unique.upper()):
        response = page(project=asked, image=image.id)
        assert answers(response) == [Answer.NO, Answer.NO]
        assert response.context["project_id"] == project.id


def test_whole_name_is_meant_though_others_contain_it(page, image, new_project, unique):
    """A whole name wins over longer ones; otherwise its project could never be chosen by name."""
    project = new_project(unique)
    new_project(f"{unique}-two")
    assert page(project=unique, image=image.id).context["project_id"] == project.id


def test_projects_of_one_name_are_offered_with_their_domains(page, image, new_project, unique):
    """Projects of one name are offered with their domains, as links that keep the image."""
    new_project(unique)
    partner = new_project(unique, "partners")
    response = page(project=unique, image=image.id)
    assert answers(response) == []
    assert offered(response, "project") == {(unique, "Default"), (unique, "partners")}
    (link,) = [offer for offer in field(response, "project").offers if offer.hint == "partners"]
    assert parse_qs(urlsplit(link.address).query) == {"project": [partner.id], "image": [image.id]}
    assert link.address in html.unescape(response.content.decode())
    assert "Several projects match. Choose one:" in text(response)


@pytest.mark.parametrize(
    "asked", ["nobody-is-called-this", "%", "x" * 100, "a\x00b", "../..", HOSTILE]
)
def test_project_that_nobody_has(page, image, asked):
    """For an unknown project, the field shows the error; no answer could pass for a no."""
    response = page(project=asked, image=image.id)
    assert answers(response) == []
    assert field(response, "project").problem == "No project has this name or ID."
    assert response.context["focus"] == "project"


def test_id_that_no_project_has_is_an_answer(page, image):
    """An ID without a project has an answer, because Keystone was queried for this very ID."""
    response = page(project="0" * 32, image=image.id)
    assert answers(response) == [Answer.NO, Answer.NO]
    assert "There is no project with this ID." in text(response)


# -- the image


@pytest.mark.parametrize("visibility", ["shared", "private", "public", "community"])
@pytest.mark.parametrize("hidden", [False, True])
def test_image_is_found_by_its_name_and_by_part_of_it(
    page, make, hide, project_id, unique, visibility, hidden
):
    """An image is found by part of its name among all visibilities and owners, even if hidden."""
    image = make(f"{unique}-Image", owner="app-team-b", visibility=visibility)
    if hidden:
        hide(image)
    for asked in (image.name, unique.upper()):
        response = page(project=project_id("research"), image=asked)
        assert response.context["image_id"] == image.id


@pytest.mark.parametrize("name", ['in:"{}"', "in:{}", "eq:{},x", "back\\slash-{}", HOSTILE + "{}"])
def test_image_is_found_by_a_name_that_glance_takes_for_an_operator(
    page, make, project_id, unique, name
):
    """Operators of Glance's filters, of LIKE and of HTML are plain text in names."""
    image = make(name.replace("{}", unique))
    response = page(project=project_id("research"), image=image.name)
    assert response.context["image_id"] == image.id
    source = response.content.decode()
    assert "<img src=x" not in source
    assert image.name in text(response)


def test_images_of_one_name_are_offered_with_their_owners(page, make, project_id, unique):
    """Images of one name are offered with their owners, as links that keep the project."""
    make(unique, owner="platform")
    image = make(unique, owner="research")
    response = page(project="app-team-a", image=unique)
    assert answers(response) == []
    assert offered(response, "image") == {(unique, "platform"), (unique, "research")}
    (link,) = [offer for offer in field(response, "image").offers if offer.id == image.id]
    assert parse_qs(urlsplit(link.address).query) == {
        "project": ["app-team-a"],
        "image": [image.id],
    }


def test_more_matches_than_are_offered_are_not_kept_quiet(page, make, monkeypatch, unique):
    """With more matches than are offered, the page asks for a longer part of the name."""
    monkeypatch.setattr("xloud_images_panel.dashboard.catalogue.why_fields.MOST_OFFERED", 2)
    for number in range(3):
        make(f"{unique}-{number}")
    response = page(project="app-team-a", image=unique)
    assert len(field(response, "image").offers) == 2
    assert "There are more." in text(response)


def test_image_that_nobody_has(page):
    """For an unknown image, the field shows the error."""
    response = page(project="app-team-a", image="nothing-is-called-this")
    assert answers(response) == []
    assert field(response, "image").problem == "No image has this name."


# -- the answers


@pytest.mark.parametrize(
    ("situation", "lists", "links"),
    [
        ({}, "this project is none of them", ["Manage Access", "Manage Access"]),
        ({"shared_with": ["app-team-a"]}, "which has not accepted it", ["Manage Access"]),
        (
            {"shared_with": ["app-team-a"], "status": "rejected"},
            "which has rejected it",
            ["Manage Access", "Manage Access"],
        ),
        (
            {"visibility": "private"},
            "private to the project that owns it: platform",
            ["Edit Image"],
        ),
        ({"visibility": "community"}, "found under Community Images", ["Edit Image"]),
        ({"shared_with": ["app-team-a"], "status": "accepted"}, "has accepted it", []),
        ({"owner": "app-team-a"}, "belongs to this project", []),
    ],
)
def test_fact_and_the_links_to_what_would_change_it(page, make, situation, lists, links):
    """The first line has the fact as a plain sentence, and links to the steps that change it."""
    image = make("decided", **situation)
    response = page(project="app-team-a", image=image.id)
    line = response.context["lines"][0]
    assert lists in line.fact
    assert line.fact in text(response)
    found = [link for step in line.steps for link in step.links]
    assert [link.text for link in found] == links
    for link in found:
        assert f'href="{link.url}"' in response.content.decode()
        assert image.id in link.url


def test_hidden_image_has_a_command(page, make, hide):
    """A hidden image has a command to unhide it, because Horizon has no action for that."""
    image = make("decided", shared_with=["app-team-a"], status="accepted")
    hide(image)
    said = text(page(project="app-team-a", image=image.id))
    assert f"openstack image set --unhidden {image.id}" in said


def test_disabled_project_is_a_link_to_the_project(page, connection, image, new_project, unique):
    """A disabled project links to its page, on which Horizon enables projects."""
    project = new_project(unique)
    connection.identity.update_project(project, is_enabled=False)
    response = page(project=unique, image=image.id)
    assert f'href="/identity/{project.id}/detail/"' in response.content.decode()


def test_name_of_another_domain_has_its_domain(page, image, project_id):
    """A project of another domain has the same label as everywhere in the panel."""
    response = page(project=project_id("observatory"), image=image.id)
    assert response.context["project_label"] == "observatory (partners)"


def test_page_is_kept_by_nobody(page):
    """Nobody may store the page, because it names other users' projects and images."""
    assert "no-store" in page()["Cache-Control"]


# -- failures


@pytest.mark.parametrize("fault", ["reset before", "403", "not JSON"])
def test_keystone_that_fails_makes_no_answer(page, break_down, make, project_id, fault):
    """If Keystone fails, a yes becomes "not known"; a no that does not need Keystone stays a no."""
    accepted = make("decided", shared_with=["app-team-a"], status="accepted", data=DATA)
    private = make("decided", visibility="private")
    project = project_id("app-team-a")
    break_down("Keystone", FAULT[fault])
    response = page(project=project, image=accepted.id)
    assert answers(response) == [Answer.UNKNOWN, Answer.UNKNOWN]
    assert "It is not known whether the project exists and is enabled. The identity service" in (
        text(response)
    )
    assert answers(page(project=project, image=private.id)) == [Answer.NO, Answer.NO]
    response = page(project="app-team-a", image=accepted.id)
    assert answers(response) == []
    assert "The project could not be looked up. The identity service" in text(response)


@pytest.mark.parametrize("fault", ["reset before", "403", "not JSON"])
def test_glance_that_fails_makes_no_answer(page, break_down, image, project_id, fault):
    """If Glance fails, the page does not claim that the image is missing or not shared."""
    break_down("Glance", FAULT[fault])
    response = page(project=project_id("app-team-a"), image=image.id)
    assert answers(response) == [Answer.UNKNOWN, Answer.UNKNOWN]
    assert "The image could not be read. The image service" in text(response)
    response = page(project="app-team-a", image="golden")
    assert answers(response) == []
    assert "The image could not be looked up. The image service" in text(response)


def test_members_that_cannot_be_read_are_not_known(page, break_down, make, project_id):
    """If the members cannot be read, no answer is known, though the image itself was read."""
    image = make("decided", data=DATA)
    break_down("Glance", FAULT["500"], first=2)
    response = page(project=project_id("app-team-a"), image=image.id)
    assert answers(response) == [Answer.UNKNOWN, Answer.UNKNOWN]
    assert "It is not known whether the image is shared with this project." in text(response)


def test_domain_that_cannot_be_read_is_not_known(page, break_down, make, project_id):
    """If the domain cannot be read, no answer is known: a disabled domain excludes all users."""
    image = make("decided", visibility="public", data=DATA)
    break_down("Keystone", FAULT["500"], first=2)
    response = page(project=project_id("app-team-a"), image=image.id)
    assert answers(response) == [Answer.UNKNOWN, Answer.UNKNOWN]
    assert "It is not known whether the domain of the project is enabled." in text(response)


@pytest.mark.parametrize("service", ["Keystone", "Glance"])
@pytest.mark.parametrize("project", ["by name", "by ID"])
def test_session_that_ended_comes_back_to_the_page(
    admin, break_down, image, project, project_id, service
):
    """After a new login, the page has both fields again."""
    asked = "app-team-a" if project == "by name" else project_id("app-team-a")
    break_down(service, FAULT["401"])
    response = admin.get(URL, {"project": asked, "image": image.id})
    assert response.status_code == 302
    assert comes_back_to(response) == response.wsgi_request.get_full_path()
