"""What the panel makes of Keystone's answers, those of other releases too."""

import pytest

from tests.unit.conftest import KEYSTONE
from xloud_images_panel.admin import project_table
from xloud_images_panel.glance import Member
from xloud_images_panel.keystone import Keystone, Project
from xloud_images_panel.services import Reason, ServiceError

PROJECTS = f"{KEYSTONE}/projects"


@pytest.fixture
def keystone(user_request):
    """Keystone as the panel sees it."""
    return Keystone(user_request)


def identifier(number):
    """Return the ID of a project."""
    return f"{number:032x}"


def record(number, **more):
    """Return a project as Keystone lists it."""
    return {
        "id": identifier(number),
        "name": f"project-{number}",
        "domain_id": "default",
        "enabled": True,
        **more,
    }


def names(page):
    """Return the names on a page."""
    return [project.name for project in page.projects]


@pytest.fixture
def old_keystone(requests_mock):
    """A Keystone that ignores limit and marker and returns everything, in no order."""
    projects = [record(number) for number in (3, 1, 5, 2, 4)]
    requests_mock.get(PROJECTS, json={"projects": projects, "links": {}})


@pytest.mark.usefixtures("old_keystone")
def test_old_keystone_is_cut_into_pages(keystone):
    """Each project is on one page."""
    pages, marker = [], None
    for _page in range(3):
        page = keystone.projects(2, marker)
        pages.append(names(page))
        marker = page.marker
    assert marker is None
    assert pages == [["project-1", "project-2"], ["project-3", "project-4"], ["project-5"]]


def test_page_of_nothing_wanted_has_an_end(keystone, requests_mock):
    """A page that the filter emptied is filled from the next ones, but not without end."""

    def answer(request, _context):
        start, count = int(request.qs.get("marker", ["0"])[0], 16), int(request.qs["limit"][0])
        projects = [record(number) for number in range(start + 1, start + 1 + count)]
        return {"projects": projects, "links": {}}

    requests_mock.get(PROJECTS, json=answer)
    page = keystone.projects(2, wanted=lambda _project: False)
    assert page.projects == []
    assert requests_mock.call_count == 5
    asked_for = int(requests_mock.last_request.qs["limit"][0])
    assert page.marker == identifier(5 * asked_for)


@pytest.mark.parametrize(("page_size", "cut"), [(20, 25), (100, 100), (1000, 1000), (7, 1000)])
def test_list_that_keystone_cuts_is_read_to_its_end(keystone, requests_mock, page_size, cut):
    """Keystone gives no more than max_db_limit, and does not say that there is more."""
    count = 1500 if cut == 1000 else 260

    def answer(request, _context):
        start = int(request.qs.get("marker", ["0"])[0], 16)
        size = min(int(request.qs["limit"][0]), cut)
        numbers = range(start + 1, min(start + 1 + size, count + 1))
        return {"projects": [record(number) for number in numbers], "links": {"next": None}}

    requests_mock.get(PROJECTS, json=answer)
    found, marker = [], None
    while marker or not found:
        page = keystone.projects(page_size, marker)
        found += names(page)
        marker = page.marker
    assert found == [f"project-{number}" for number in range(1, count + 1)]


def test_domain_is_no_project(keystone, requests_mock):
    """Keystone tells of a domain by its ID as if it were a project."""
    requests_mock.get(PROJECTS, json={"projects": []})
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1, is_domain=True)})
    assert keystone.projects(2, search=identifier(1)).projects == []
    assert not keystone.projects_by_id([identifier(1)])[identifier(1)].exists


def test_page_after_a_project_that_was_deleted_is_the_first(keystone, requests_mock):
    """Keystone does not know where to read on; the table begins anew and says so."""

    def answer(request, context):
        if "marker" in request.qs:
            context.status_code = 404
            return {}
        return {"projects": [record(1)]}

    requests_mock.get(PROJECTS, json=answer)
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": []})
    cursor = f"projects:{identifier(9)}"
    page = project_table.page(keystone, project_table.NewImage("own"), [], 2, cursor)
    assert [row.project.name for row in page.rows] == ["project-1"]
    assert page.restarted
    assert page.error is None


def test_exact_id_in_another_domain_is_not_found(keystone, requests_mock):
    """The choice of a domain holds for IDs too."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    requests_mock.get(PROJECTS, json={"projects": [], "links": {}})
    assert names(keystone.projects(2, search=identifier(1))) == ["project-1"]
    assert names(keystone.projects(2, search=identifier(1), domain_id="partners")) == []


def test_failure_is_not_taken_for_a_deleted_project(keystone, requests_mock):
    """Only 404 says that a project does not exist."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", status_code=404)
    assert not keystone.projects_by_id([identifier(1)])[identifier(1)].exists
    requests_mock.get(f"{PROJECTS}/{identifier(2)}", status_code=403)
    with pytest.raises(ServiceError) as caught:
        keystone.projects_by_id([identifier(2)])
    assert caught.value.reason is Reason.FORBIDDEN


def test_names_are_kept_for_a_while(keystone, requests_mock):
    """What was read a moment ago is taken from the cache only where that is good enough."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    for recent in (True, True, False):
        assert keystone.projects_by_id([identifier(1)], recent=recent)
    assert requests_mock.call_count == 2


def test_nothing_is_kept_where_the_setting_says_so(keystone, requests_mock, settings):
    """0 seconds mean never."""
    settings.XLOUD_IMAGES_PANEL = {"names_lifetime": 0}
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": [{"id": "default", "name": "D"}]})
    for _time in range(2):
        keystone.projects_by_id([identifier(1)], recent=True)
    assert keystone.domain_names == {"default": "D"}
    assert requests_mock.call_count == 3


def test_domains_beyond_the_first_thousand(keystone, requests_mock):
    """Keystone cuts this list too, without a word."""
    domains = [{"id": identifier(number), "name": f"domain-{number}"} for number in range(1005)]

    def answer(request, _context):
        [marker] = request.qs.get("marker", [""])
        return {"domains": [item for item in domains if item["id"] > marker][:1000]}

    requests_mock.get(f"{KEYSTONE}/domains", json=answer)
    assert len(keystone.domain_names) == 1005


def test_domains_of_an_old_keystone(keystone, requests_mock):
    """One that knows no marker returns all of them each time."""
    domains = [{"id": identifier(number), "name": f"domain-{number}"} for number in range(30)]
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": domains})
    assert len(keystone.domain_names) == 30
    assert requests_mock.call_count == 2


@pytest.mark.parametrize("text", ["two words", "x" * 200, "ümlaut", "..", "\n"])
def test_member_that_memcached_takes_for_no_key(keystone, text):
    """Glance takes any text as a member; the cache is not asked for what is no project's ID."""
    assert keystone.known([text]) == {}
    keystone.forget([text])
    assert not keystone.projects_by_id([text], recent=True)[text].exists


def test_domains_that_may_not_be_listed(keystone, requests_mock):
    """Who may not see them sees none; that is no error."""
    requests_mock.get(f"{KEYSTONE}/domains", status_code=403)
    assert keystone.domain_names == {}


def test_domains_that_cannot_be_had(keystone, requests_mock):
    """Anything else is told."""
    requests_mock.get(f"{KEYSTONE}/domains", status_code=400)
    with pytest.raises(ServiceError):
        _ = keystone.domain_names


def test_domains_are_kept_for_a_while(user_request, requests_mock):
    """The next request of the same user does not ask again."""
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": [{"id": "default", "name": "D"}]})
    for _request in range(2):
        assert Keystone(user_request).domain_names == {"default": "D"}
    assert requests_mock.call_count == 1


# -- the project table on top of it


def test_rows_show_domains_by_their_ids_where_names_cannot_be_had(keystone, requests_mock):
    """The table is there all the same."""
    requests_mock.get(f"{KEYSTONE}/domains", status_code=400)
    requests_mock.get(PROJECTS, json={"projects": [record(1)], "links": {}})
    page = project_table.page(keystone, project_table.NewImage(""), [], limit=10)
    assert [(row.project.name, row.domain) for row in page.rows] == [("project-1", "default")]


def test_failure_in_the_middle_of_paging_is_said(keystone, requests_mock):
    """The page has its reason instead of rows."""
    requests_mock.get(PROJECTS, status_code=400)
    cursor = f"projects:{identifier(7)}"
    page = project_table.page(keystone, project_table.NewImage(""), [], 10, cursor)
    assert page.rows == []
    assert page.error.reason is Reason.REFUSED


def test_member_that_keystone_does_not_know_is_found_by_its_id(keystone, requests_mock):
    """A deleted project that has access, and no other one."""
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": []})
    requests_mock.get(PROJECTS, json={"projects": [], "links": {}})
    requests_mock.get(f"{PROJECTS}/{identifier(9)}", status_code=404)
    image, members = project_table.NewImage("owner"), [Member(identifier(9), "accepted")]
    page = project_table.page(keystone, image, members, 10, search=identifier(9))
    assert [row.project for row in page.rows] == [Project(identifier(9), exists=False)]
    assert page.rows[0].status_label == "Accepted"
    page = project_table.page(keystone, image, [], 10, search="nobody")
    assert page.rows == []


def test_member_that_keystone_knows_is_there_once(keystone, requests_mock):
    """Found by its ID, it is not taken for a deleted one as well."""
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": []})
    requests_mock.get(PROJECTS, json={"projects": [], "links": {}})
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    image, members = project_table.NewImage("owner"), [Member(identifier(1), "accepted")]
    page = project_table.page(keystone, image, members, 10, search=identifier(1))
    assert [row.project.name for row in page.rows] == ["project-1"]
