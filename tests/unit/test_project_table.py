# SPDX-License-Identifier: Apache-2.0
"""The pages of the project table: their projects, their order and their cost."""

import datetime
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.conftest import KEYSTONE
from tests.unit.test_keystone import PROJECTS, client, identifier, keystone, record  # noqa: F401
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Member, addressable, folded
from xloud_images_panel.dashboard.manage_access import project_table
from xloud_images_panel.dashboard.manage_access.project_table import MOST_WAITED_FOR, NewImage
from xloud_images_panel.dashboard.manage_access.query import Query
from xloud_images_panel.services import matches

OWNER = identifier(1)
# An ID with letters that have capitals and can have accents.
ID = "ab" * 16
CAPITALS, ACCENTS = ID.upper(), ID.replace("a", "á")


class Cloud:
    """A Keystone with projects, by ID.

    :ivar asked: the IDs that were looked up one by one, and None for each list
    :ivar failing: whether every request fails
    """

    def __init__(self, requests_mock):
        self.projects, self.asked, self.failing = {}, [], False
        requests_mock.get(PROJECTS, json=self._list)
        requests_mock.get(re.compile(f"{PROJECTS}/.+"), json=self._one)
        domains = [{"id": item, "name": item.title()} for item in ("default", "partners")]
        requests_mock.get(f"{KEYSTONE}/domains", json={"domains": domains})

    def add(self, **names):
        """Add projects; the name of each argument has the project's number."""
        for number, name in names.items():
            self.put(identifier(int(number.lstrip("p"))), name)

    def put(self, project_id, name, **more):
        """Add a project."""
        self.projects[project_id] = {**record(0), "id": project_id, "name": name, **more}

    def _one(self, request, context):
        project_id = urlsplit(request.url).path.rpartition("/")[2]
        self.asked.append(project_id)
        if self.failing or project_id not in self.projects:
            context.status_code = 400 if self.failing else 404
            return {}
        return {"project": self.projects[project_id]}

    def _list(self, request, context):
        self.asked.append(None)
        query = {name: value for name, [value] in parse_qs(urlsplit(request.url).query).items()}
        marker, domain = query.get("marker"), query.get("domain_id")
        if self.failing or (marker and marker not in self.projects):
            context.status_code = 400 if self.failing else 404
            return {}
        found = [
            item
            for item in sorted(self.projects.values(), key=lambda item: item["id"])
            if query.get("name__icontains", "").lower() in item["name"].lower()
            and domain in (None, item["domain_id"])
            and item["id"] > (marker or "")
        ]
        return {"projects": found[: int(query["limit"])]}


@pytest.fixture
def cloud(requests_mock):
    return Cloud(requests_mock)


class Images:
    """A Glance whose database ignores capitals and accents, as MariaDB's does.

    :param unsure: the error to raise instead of an answer
    """

    def __init__(self, *listed, unsure=None):
        self.listed, self.unsure = listed, unsure

    def member(self, _image_id, project_id):
        found = (item for item in self.listed if folded(item) == folded(project_id))
        return next((Member(item, "accepted") for item in found), None)

    def same_member(self, _image_id, project_id, listed):
        return folded(project_id) == folded(listed)

    def address(self, _image_id, listed):
        if self.unsure:
            raise self.unsure
        return folded(listed)


@pytest.fixture
def table(cloud, keystone):  # noqa: F811
    """Return a function that returns a page of the table for an image that OWNER owns."""

    def table(members=(), limit=10, query=None, owner=OWNER, **more):
        members = members if isinstance(members, dict) else dict.fromkeys(members, "accepted")
        rows = [Member(item, status) for item, status in members.items()]
        return project_table.page(keystone, NewImage(owner, "image"), rows, limit, query, **more)

    return table


def ids(*numbers):
    return [identifier(number) for number in numbers]


def names(page):
    """Return the names of a page's rows, or their IDs."""
    return [row.name or row.id for row in page.rows]


def following(page, **more):
    """Return the query for the page after this one."""
    place, _colon, start = page.cursor.partition(":")
    return Query(place=place, start=start, **more)


# -- all projects


def test_owner_is_first_then_members_by_name_then_the_others(cloud, table):
    """The owner is first, then come members by name and the others, each project once."""
    cloud.add(p1="zoo", p2="Member B", p3="member a", p4="other b", p5="Other a")
    page = table(ids(2, 3))
    assert names(page) == ["zoo", "member a", "Member B", "Other a", "other b"]
    assert [row.owner for row in page.rows] == [True, False, False, False, False]
    assert [row.status for row in page.rows] == ["", "accepted", "accepted", "", ""]
    assert page.cursor == ""
    assert (page.incomplete, page.unnamed, page.restarted) == ("", False, False)


def test_owner_is_no_member_also_where_glance_lists_it(cloud, table):
    """An owner that Glance lists as a member has one row, with the member status."""
    cloud.add(p1="zoo", p2="other")
    page = table([OWNER])
    assert [(row.name, row.owner, row.status) for row in page.rows] == [
        ("zoo", True, "accepted"),
        ("other", False, ""),
    ]


def test_image_of_nobody_has_no_row_for_its_owner(cloud, table):
    cloud.add(p2="other")
    assert names(table(owner="")) == ["other"]


def test_members_that_are_among_the_first_others_are_not_looked_up(cloud, table):
    """Members on the first page of projects are not looked up: the list has their names."""
    cloud.add(p1="owner", p2="member", p3="other")
    table(ids(2))
    assert cloud.asked == [None]


def test_others_follow_in_pages(cloud, table):
    """Each page has its number of other projects, not counting the owner and the members."""
    cloud.add(p1="owner", p2="member", p3="c", p4="b", p5="a")
    first = table(ids(2), limit=2)
    assert names(first) == ["owner", "member", "b", "c"]
    second = table(ids(2), limit=2, query=following(first))
    assert names(second) == ["a"]
    assert second.cursor == ""


def test_members_follow_in_pages_before_the_others(cloud, settings, table):
    """Pages of members have the size in the operator's setting, not that of pages of projects."""
    settings.XLOUD_IMAGES_PANEL = {"members_per_page": 2}
    cloud.add(p1="owner", p2="b", p3="a", p4="d", p5="c", p6="other")
    members = ids(2, 3, 4, 5)
    first = table(members, limit=1)
    assert names(first) == ["owner", "a", "b"]
    assert first.cursor == "members:2"
    second = table(members, limit=1, query=following(first))
    assert names(second) == ["c", "d", "other"]
    assert second.cursor == ""


# -- names of members


def members_of_a_large_cloud(cloud, count):
    """Return members that are on none of the first pages."""
    cloud.add(p1="owner")
    others = {identifier(number): f"other {number}" for number in range(100, 200)}
    members = {identifier(number): f"member {number}" for number in range(900, 900 + count)}
    for project_id, name in (others | members).items():
        cloud.put(project_id, name)
    return list(members)


@pytest.mark.parametrize(
    ("count", "at_once", "unnamed"),
    [
        (MOST_WAITED_FOR, True, False),
        (MOST_WAITED_FOR + 1, True, True),
        (MOST_WAITED_FOR + 1, False, False),
    ],
)
def test_names_of_many_members_are_not_waited_for(cloud, table, count, at_once, unnamed):
    """Members' names are left out if the dialog must open at once, unless there are few."""
    members = members_of_a_large_cloud(cloud, count)
    page = table(members, at_once=at_once)
    shown = names(page)[1 : count + 1]
    assert page.unnamed is unnamed
    assert shown == (members if unnamed else [f"member {900 + item}" for item in range(count)])


def test_names_that_are_known_do_not_count_as_waited_for(cloud, table):
    """Names that an earlier request has read do not count as waited for."""
    members = members_of_a_large_cloud(cloud, MOST_WAITED_FOR + 5)
    table(members[:5], at_once=True)
    page = table(members, at_once=True)
    assert not page.unnamed
    assert "member 914" in names(page)


def test_failure_at_the_names_of_members_alone_is_said(cloud, requests_mock, table):
    """If only the members' names fail, the reason is reported and other projects are listed."""
    members = members_of_a_large_cloud(cloud, 2)
    requests_mock.get(re.compile(f"{PROJECTS}/.+"), status_code=400)
    page = table(members, describe=lambda _error: "no answer")
    assert names(page)[1:4] == [*members, "other 100"]
    assert page.incomplete == "no answer"


def test_names_that_an_earlier_request_has_read_are_not_asked_for_again(cloud, user_request):
    members = [Member(item, "accepted") for item in members_of_a_large_cloud(cloud, 2)]
    for _request in range(2):
        cloud.asked.clear()
        page = project_table.page(client(user_request), NewImage(OWNER), members, 10)
        assert names(page)[1:3] == ["member 900", "member 901"]
    assert cloud.asked == [None]


def test_members_are_shown_by_their_ids_while_keystone_does_not_answer(cloud, table):
    """Without Keystone, a page has the reason and the members' IDs, enough to remove them."""
    cloud.add(p1="owner", p2="member")
    cloud.failing = True
    page = table(ids(2), describe=lambda error: f"because: {error.reason}")
    assert names(page) == [OWNER, identifier(2)]
    assert page.incomplete == "because: refused"
    assert not page.unnamed


# -- members with a status


def test_members_with_a_status(cloud, table):
    """Members with a status are sorted by name, without the owner and other projects."""
    cloud.add(p1="owner", p2="b", p3="a", p4="accepted", p5="other")
    members = dict.fromkeys(ids(1, 2, 3), "pending") | {identifier(4): "accepted"}
    page = table(members, query=Query(status="pending"))
    assert names(page) == ["a", "b"]
    assert (page.first, page.last, page.total, page.cursor) == (1, 2, 2, "")


def test_members_with_a_status_follow_in_pages(cloud, settings, table):
    """Each page of members with a status shows its range and the total."""
    settings.XLOUD_IMAGES_PANEL = {"members_per_page": 2}
    cloud.add(p1="owner", p2="c", p3="b", p4="a")
    members = dict.fromkeys(ids(2, 3, 4), "pending")
    first = table(members, query=Query(status="pending"))
    assert names(first) == ["b", "c"]
    assert (first.first, first.last, first.total, first.cursor) == (1, 2, 3, "members:2")
    second = table(members, query=following(first, status="pending"))
    assert names(second) == ["a"]
    assert (second.first, second.last, second.total, second.cursor) == (3, 3, 3, "")


def test_names_of_members_with_a_status_are_waited_for(cloud, table):
    """Names of members with a status are waited for, because the user requested these members."""
    members = members_of_a_large_cloud(cloud, MOST_WAITED_FOR + 1)
    page = table(members, query=Query(status="accepted"), at_once=True)
    assert names(page)[0] == "member 900"
    assert not page.unnamed


# -- searches


def test_matches_are_members_and_others_alike(cloud, table):
    """Matches are in alphabetical order, whether they are members, the owner or others."""
    cloud.add(p1="team o", p2="team m", p3="Team A", p4="else")
    page = table(ids(2), query=Query("team"))
    assert [(row.name, row.status, row.owner) for row in page.rows] == [
        ("Team A", "", False),
        ("team m", "accepted", False),
        ("team o", "", True),
    ]
    assert (page.first, page.last, page.total, page.in_order) == (1, 3, 3, True)


def test_matches_follow_in_pages(cloud, table):
    """The next page begins after the last match, even if that has moved."""
    cloud.add(p2="team a", p3="team b", p4="team c")
    first = table(limit=2, query=Query("team"))
    assert names(first) == ["team a", "team b"]
    assert (first.first, first.total) == (1, 3)
    cloud.add(p5="team ab")
    second = table(limit=2, query=following(first, search="team"))
    assert names(second) == ["team c"]
    assert (second.first, second.last, second.total, second.cursor) == (4, 4, 4, "")


def test_matches_of_one_domain(cloud, table):
    """A search in another domain only finds its projects, labelled with the domain."""
    cloud.add(p2="team a")
    cloud.put(identifier(3), "team b", domain_id="partners")
    page = table(query=Query("team", domain_id="partners"))
    assert [(row.name, row.domain, row.label) for row in page.rows] == [
        ("team b", "Partners", "team b (Partners)")
    ]


def test_domains_whose_names_cannot_be_had_are_shown_by_their_ids(cloud, requests_mock, table):
    """The table shows domains by ID if their names cannot be read."""
    requests_mock.get(f"{KEYSTONE}/domains", status_code=400)
    cloud.add(p2="other")
    assert [row.domain for row in table(owner="").rows] == ["default"]


def test_projects_with_a_tag(cloud, table):
    cloud.put(identifier(2), "b", tags=["gpu"])
    cloud.put(identifier(3), "a", tags=["gpu", "eu"])
    cloud.add(p4="gpu")
    assert names(table(query=Query(tag="gpu"))) == ["a", "b"]


def test_too_many_matches_are_listed_in_keystones_order(cloud, monkeypatch, table):
    """A page of too many matches says that it is unordered, and has a lower bound of the total."""
    monkeypatch.setattr(matches, "MOST", 3)
    cloud.add(p1="team o", p2="team z", p3="team b", p4="team a", p5="team c")
    query = Query("team")
    first = table(ids(2), limit=3, query=query)
    assert names(first) == ["team b", "team o", "team z"]
    assert [row.status for row in first.rows] == ["", "", "accepted"]
    assert (first.total, first.in_order) == (3, False)
    cloud.asked.clear()
    second = table(ids(2), limit=3, query=following(first, search="team"))
    assert names(second) == ["team a", "team c"]
    assert cloud.asked == [None]  # the matches are not counted again


def test_matches_that_have_become_too_many_begin_anew(cloud, monkeypatch, table):
    """Paging restarts if matches become too many: Keystone's order lacks the old position."""
    cloud.add(p2="team z", p3="team b", p4="team a", p5="team c")
    first = table(limit=2, query=Query("team"))
    monkeypatch.setattr(matches, "MOST", 3)
    second = table(limit=2, query=following(first, search="team"))
    assert names(second) == ["team b", "team z"]


def test_too_many_projects_to_look_all_through_for_a_tag(cloud, monkeypatch, table):
    """Keystone cannot filter by tag here, so the projects found so far are shown in order."""
    monkeypatch.setattr(matches, "MOST", 2)
    for number in (2, 3, 4):
        cloud.put(identifier(number), "abc"[number - 2], tags=["gpu"])
    cloud.put(identifier(9), "else")
    monkeypatch.setattr(matches.domains, "CUT_AT", 3)
    monkeypatch.setattr(matches.domains, "SMALLEST_CUT", 3)
    page = table(query=Query(tag="gpu"))
    assert names(page) == ["a", "b", "c"]
    assert not page.in_order


def test_matches_are_known_to_later_requests(cloud, keystone, table):  # noqa: F811
    """Matches are cached however they were found, so a later sentence costs no look-up."""
    cloud.add(p2="team a", p3="other")
    table(query=Query("team"))
    assert keystone.kept.get(ids(2, 3)).keys() == set(ids(2))
    table(query=Query(place="projects", start=identifier(2)))
    assert keystone.kept.get(ids(2, 3)).keys() == set(ids(2, 3))


def test_search_that_keystone_does_not_answer_finds_members_by_their_id(cloud, table):
    """While Keystone fails, a search by ID finds members, so access can still be removed."""
    cloud.add(p2="member")
    cloud.failing = True
    page = table(ids(2), query=Query(identifier(2)), describe=lambda _error: "no answer")
    assert names(page) == ids(2)
    assert page.incomplete == "no answer"


def test_member_that_keystone_does_not_know_is_found_by_its_id(cloud, table):
    """A deleted project is found by its ID only if it has access."""
    cloud.add(p2="other")
    [row] = table(ids(9), query=Query(identifier(9))).rows
    assert (row.id, row.deleted, row.status_label) == (identifier(9), True, "Accepted")
    assert table(query=Query(identifier(9))).rows == []


def test_member_that_keystone_knows_is_found_once(cloud, table):
    """A member that Keystone finds by ID is not added again as a deleted project."""
    cloud.add(p2="member")
    assert names(table(ids(2), query=Query(identifier(2)))) == ["member"]


def test_member_that_is_no_project_is_found_by_its_text(cloud, table):
    """A member that is no project is found by its text, on the first page before the projects."""
    cloud.add(p2="old team", p3="old")
    page = table(["old"], limit=1, query=Query("old"))
    assert [(row.id, row.status, row.no_project) for row in page.rows] == [
        ("old", "accepted", True),
        (identifier(3), "", False),
    ]
    second = table(["old"], limit=1, query=following(page, search="old"))
    assert names(second) == ["old team"]


def test_member_that_is_no_project_is_counted(cloud, table):
    cloud.add(p2="old team")
    page = table(["old"], query=Query("old"))
    assert (len(page.rows), page.total) == (2, 2)


def test_member_that_is_no_project_is_in_no_domain(cloud, table):
    cloud.add(p2="old team")
    assert names(table(["old"], query=Query("old", domain_id="default"))) == ["old team"]


def test_page_after_a_project_that_is_gone_is_the_first_of_the_same_search(
    cloud, monkeypatch, table
):
    """A search in Keystone's order, as for many matches, restarts if the last project is gone."""
    monkeypatch.setattr(matches, "MOST", 1)
    cloud.add(p2="team b", p3="team a", p4="else")
    page = table(query=Query("team", place="projects", start=identifier(9)))
    assert names(page) == ["team a", "team b"]
    assert page.restarted


def test_page_after_a_project_that_was_deleted_is_the_first(cloud, table):
    """The table restarts, and reports that, if the project before the page was deleted."""
    cloud.add(p2="other")
    page = table(query=Query(place="projects", start=identifier(9)))
    assert names(page) == ["other"]
    assert page.restarted
    assert page.incomplete == ""


def test_failure_in_the_middle_of_paging_is_said(cloud, table):
    """A failure while paging gives a page with the reason instead of rows."""
    cloud.failing = True
    cloud.add(p7="before")
    page = table(query=Query(place="projects", start=identifier(7)))
    assert page.rows == []
    assert not page.restarted
    assert "Keystone" in page.incomplete


def test_failure_of_the_first_page_is_no_place_that_is_gone(requests_mock, table):
    """A 404 for the first page is not retried, because Keystone may not have the list at all."""
    requests_mock.get(PROJECTS, status_code=404)
    page = table(describe=lambda error: f"because: {error.reason}")
    assert page.incomplete == "because: missing"
    assert not page.restarted


# -- other writings of an ID


def test_member_in_another_writing_is_its_project(cloud, table):
    """A member that Glance's database takes for a project has one row, among the members."""
    cloud.put(ID, "team")
    cloud.add(p2="other")
    page = table([CAPITALS], images=Images(CAPITALS))
    assert [(row.name, row.id, row.member_id) for row in page.rows[1:]] == [
        ("team", CAPITALS, CAPITALS),
        ("other", identifier(2), ""),
    ]
    assert page.rows[1].label == f"team ({CAPITALS})"


def test_member_in_another_writing_is_found_by_its_name(cloud, table):
    cloud.put(ID, "team")
    [row] = table([CAPITALS], query=Query("team"), images=Images(CAPITALS)).rows
    assert (row.name, row.id, row.status) == ("team", CAPITALS, "accepted")


@pytest.mark.parametrize("images", [None, Images()], ids=["nobody to ask", "another database"])
def test_member_that_only_looks_like_an_id_is_no_project(cloud, images, table):
    """A project has no access through a similar member that Glance does not confirm."""
    if images:
        images.same_member = lambda *_texts: False
    cloud.put(ID, "team")
    page = table([CAPITALS], images=images)
    assert [(row.name, row.id, row.status) for row in page.rows[1:]] == [
        ("", CAPITALS, "accepted"),
        ("team", ID, ""),
    ]


def test_only_members_that_could_be_a_project_are_asked_for(cloud, table):
    """Only members that could be a project are looked up, as each costs a request to Glance."""
    cloud.add(p2="team a", p3="team b")
    images = Images(identifier(2))
    images.member = None  # must not be called
    assert [row.status for row in table(ids(2), query=Query("team"), images=images).rows] == [
        "accepted",
        "",
    ]


def test_owner_in_another_writing_is_a_member_that_can_be_removed(cloud, table):
    """A member with the owner's ID in capitals is removable; the owner has access by its own ID."""
    cloud.put(ID, "team")
    page = table([CAPITALS], owner=ID, images=Images(CAPITALS))
    assert {(row.id, row.owner) for row in page.rows} >= {(CAPITALS, False)}


@pytest.mark.parametrize(
    ("images", "removable"),
    [
        (Images(ACCENTS), True),
        (Images(ACCENTS, unsure=ServiceError("Glance", Reason.UNADDRESSABLE)), False),
        (None, True),
    ],
    ids=["found without accents", "not found", "not asked yet"],
)
def test_member_that_no_path_leads_to_cannot_be_removed(images, removable, table):
    """A member that no path leads to cannot be removed if Glance finds it by no other text."""
    assert not addressable(ACCENTS)
    [row] = [row for row in table([ACCENTS], images=images).rows if row.member_id]
    assert row.removable is removable


def test_member_with_a_plain_text_can_be_removed_without_asking(table):
    images = Images("x", unsure=ServiceError("Glance", Reason.UNADDRESSABLE))
    [row] = [row for row in table(["x"], images=images).rows if row.member_id]
    assert row.removable


def test_failure_of_glance_is_no_sentence_about_the_member(table):
    """If Glance fails, there are no rows: it is unknown whether the member can be removed."""
    images = Images(ACCENTS, unsure=ServiceError("Glance", Reason.UNREACHABLE))
    with pytest.raises(ServiceError, match="unreachable"):
        table([ACCENTS], images=images)


def test_time_of_an_answer_is_shown(cloud, keystone):  # noqa: F811
    """Only members show the time of an answer, because only they have one in Glance."""
    cloud.add(p1="owner", p2="member", p3="other")
    then = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    members = [Member(identifier(2), "accepted", updated_at=then)]
    page = project_table.page(keystone, NewImage(OWNER), members, 10)
    assert [row.answered_at for row in page.rows] == [None, then, None]
