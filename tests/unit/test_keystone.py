# SPDX-License-Identifier: Apache-2.0
"""Reading Keystone's answers, including those of other releases."""

import re
import time
import unicodedata
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.unit.conftest import KEYSTONE
from tests.unit.test_glance import refusal
from xloud_images_panel.access.failure import Reason, ServiceError
from xloud_images_panel.access.model import Project, is_project_id
from xloud_images_panel.dashboard import naming
from xloud_images_panel.dashboard.actor import connection
from xloud_images_panel.services import kept_projects
from xloud_images_panel.services.keystone import Keystone

PROJECTS = f"{KEYSTONE}/projects"


def client(user_request):
    """Return a Keystone client that has read nothing yet."""
    return Keystone(connection(user_request))


@pytest.fixture
def keystone(user_request):
    """Return the panel's client of Keystone."""
    return client(user_request)


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


def like(text, pattern, fold):
    """Return whether a text is LIKE %pattern%, whose wildcards Keystone does not escape."""
    wildcards = {"%": ".*", "_": "."}
    parts = (wildcards.get(letter) or re.escape(letter) for letter in fold(pattern))
    return bool(re.search("".join(parts), fold(text), re.DOTALL))


def sqlite(text):
    """Fold only the ASCII letters of a text, as SQLite does."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def mariadb(text):
    """Fold a text roughly as MariaDB does, including accents."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@pytest.fixture
def database(requests_mock):
    """Return a function that fills Keystone with named projects and sets how it compares them.

    That function returns a list that collects the search texts that Keystone receives.
    """

    def database(project_names, fold=sqlite, cut=1000):
        projects = [
            record(number, **({"name": name} if isinstance(name, str) else name))
            for number, name in enumerate(project_names, 1)
        ]
        asked = []

        def answer(request, context):
            query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
            [text] = query.get("name__icontains", [""])
            asked.append(text)
            if len(text) > 64:
                context.status_code = 500
                return {}
            [marker] = query.get("marker", [""])
            found = [item for item in projects if like(item["name"], text, fold)]
            if "name" in query:
                return {"projects": [item for item in found if [item["name"]] == query["name"]]}
            after = [item for item in found if item["id"] > marker]
            return {"projects": after[: min(int(query["limit"][0]), cut)]}

        requests_mock.get(PROJECTS, json=answer)
        return asked

    return database


def search_all(keystone, text, limit=2):
    """Return the names of all projects that a search finds, page after page."""
    found, marker = [], None
    for _page in range(1000):
        page = keystone.projects(limit, marker, search=text)
        assert len(page.projects) <= limit
        found += names(page)
        marker = page.marker
        if not marker:
            return found
    raise AssertionError("no end")


@pytest.fixture
def old_keystone(requests_mock):
    """A Keystone that ignores limit and marker and returns everything, in no order."""
    projects = [record(number) for number in (3, 1, 5, 2, 4)]
    requests_mock.get(PROJECTS, json={"projects": projects, "links": {}})


@pytest.mark.usefixtures("old_keystone")
def test_old_keystone_is_cut_into_pages(keystone):
    """The projects of an old Keystone are cut into pages, each project on one page."""
    pages, marker = [], None
    for _page in range(3):
        page = keystone.projects(2, marker)
        pages.append(names(page))
        marker = page.marker
    assert marker is None
    assert pages == [["project-1", "project-2"], ["project-3", "project-4"], ["project-5"]]


def test_page_of_nothing_wanted_has_an_end(keystone, requests_mock):
    """A page that the filter emptied is filled from the next ones, up to a bound."""

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
    """A list is read to its end, although Keystone silently truncates it at max_db_limit."""
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
    """A domain is no project, although Keystone answers for its ID as if it were one."""
    requests_mock.get(PROJECTS, json={"projects": []})
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1, is_domain=True)})
    assert keystone.projects(2, search=identifier(1)).projects == []
    assert not keystone.projects_by_id([identifier(1)])[identifier(1)].exists


def test_exact_id_in_another_domain_is_not_found(keystone, requests_mock):
    """A search by exact ID respects the chosen domain."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    requests_mock.get(PROJECTS, json={"projects": [], "links": {}})
    assert names(keystone.projects(2, search=identifier(1))) == ["project-1"]
    assert names(keystone.projects(2, search=identifier(1), domain_id="partners")) == []


def test_failure_is_not_taken_for_a_deleted_project(keystone, requests_mock):
    """Only a 404 means that a project does not exist; another failure is raised."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", status_code=404)
    assert not keystone.projects_by_id([identifier(1)])[identifier(1)].exists
    requests_mock.get(f"{PROJECTS}/{identifier(2)}", status_code=403)
    with pytest.raises(ServiceError) as caught:
        keystone.projects_by_id([identifier(2)])
    assert caught.value.reason is Reason.FORBIDDEN


@pytest.mark.parametrize("exists", [True, False])
def test_names_are_kept_for_a_while(user_request, requests_mock, exists):
    """A name, or the absence of a project, may come from the cache of an earlier request."""
    answer = {"json": {"project": record(1)}} if exists else {"status_code": 404}
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", **answer)
    for recent, calls in ((True, 1), (True, 1), (False, 2)):
        found = client(user_request).projects_by_id([identifier(1)], cached_ok=recent)
        assert found[identifier(1)].exists is exists
        assert requests_mock.call_count == calls


def test_project_that_was_just_deleted_keeps_its_name(user_request, requests_mock):
    """A project that was just deleted keeps its name, by which an administrator recognizes it."""
    answers = [{"json": {"project": record(1)}}, {"status_code": 404}]
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", answers)
    (before,) = client(user_request).projects_by_id([identifier(1)]).values()
    (now,) = client(user_request).projects_by_id([identifier(1)]).values()
    assert (now.name, now.exists, now.enabled) == (before.name, False, False)
    assert naming.labels(client(user_request), [identifier(1)]) == {identifier(1): before.name}


def test_project_is_looked_up_once_in_a_request(keystone, database, requests_mock):
    """A project is looked up once per request, by ID or name, even if it does not exist."""
    requests_mock.get(f"{PROJECTS}/{identifier(8)}", json={"project": record(8)})
    requests_mock.get(f"{PROJECTS}/{identifier(9)}", status_code=404)
    for _time in range(2):
        found = keystone.projects_by_id([identifier(8), identifier(9)])
        assert [project.exists for project in found.values()] == [True, False]
    assert requests_mock.call_count == 2
    database(["one"])
    keystone.named("one")
    assert [*keystone.known([identifier(1)], cached_ok=False)] == [identifier(1)]


def test_keystone_is_sent_so_many_calls_at_once(settings, user_request):
    """The operator's setting limits the number of parallel calls to Keystone."""
    settings.XLOUD_IMAGES_PANEL = {"max_workers": 7}
    assert client(user_request).workers == 7


def test_project_that_is_not_among_all_was_deleted(keystone, database):
    """After reading all projects of a small cloud, a request ignores other cached projects."""
    database(["one", "two"])
    keystone.kept.remember([Project(identifier(9), "gone")])
    assert keystone.known([identifier(9)])
    keystone.projects(10)
    assert keystone.known([identifier(9)]) == {}
    assert [*keystone.known(map(identifier, (1, 9)))] == [identifier(1)]


@pytest.mark.parametrize(
    "query", [{"search": "one"}, {"domain_id": "default"}, {"marker": identifier(1)}]
)
def test_end_of_a_part_is_not_the_end_of_all(keystone, database, query):
    """A cached project outside a search result, a domain or a page may still exist."""
    database(["one", "two"])
    keystone.kept.remember([Project(identifier(9), "elsewhere")])
    assert keystone.projects(10, **query).marker is None
    assert keystone.known([identifier(9)])


def test_project_of_which_keystone_says_little(keystone, requests_mock):
    """Keystone's releases may leave out fields of a project or set them to null."""
    item = record(1, domain_id=None, description=None, tags=None)
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": item})
    assert keystone.projects_by_id([identifier(1)]) == {
        identifier(1): Project(identifier(1), "project-1", enabled=True)
    }


def test_project_of_which_keystone_says_all(keystone, requests_mock):
    item = record(1, description="for tests", tags=["gpu", "eu"], enabled=False)
    requests_mock.get(PROJECTS, json={"projects": [item]})
    assert keystone.projects(10).projects == [
        Project(identifier(1), "project-1", "default", "for tests", tags=("gpu", "eu"))
    ]
    assert "domain_id" not in requests_mock.last_request.qs


def test_exact_id_that_is_not_wanted_is_not_found(keystone, requests_mock):
    """A project with the exact ID is not found if it is not wanted, for example as a member."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    requests_mock.get(PROJECTS, json={"projects": []})
    page = keystone.projects(2, search=identifier(1), wanted=lambda _project: False)
    assert page.projects == []


def test_names_in_another_region_are_others(user_request, requests_mock):
    """Names are cached by region, as each may have its own Keystone at the same address."""
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    client(user_request).projects_by_id([identifier(1)])
    user_request.user.services_region = "RegionTwo"
    assert client(user_request).known([identifier(1)]) == {}


def test_one_user_has_one_entry_of_names_in_the_cache(user_request, requests_mock, monkeypatch):
    """A user's one cache entry drops the oldest names, so as not to displace Horizon's logins."""
    monkeypatch.setattr(kept_projects, "MOST_KEPT", 3)
    for number in range(1, 6):
        url = f"{PROJECTS}/{identifier(number)}"
        requests_mock.get(url, json={"project": record(number, description="x" * 100_000)})
        client(user_request).projects_by_id([identifier(number)])
    assert len(cache._cache) == 1
    assert len(next(iter(cache._cache.values()))) < 5000
    kept = client(user_request).known(map(identifier, range(1, 6)))
    assert [project.name for project in kept.values()] == ["project-3", "project-4", "project-5"]


def test_name_that_was_read_too_long_ago_is_not_taken(user_request, requests_mock, settings):
    """Each cached name expires by its own time, regardless of later writes."""
    settings.XLOUD_IMAGES_PANEL = {"names_lifetime": 100}
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    with pytest.MonkeyPatch.context() as patch:
        then = SimpleNamespace(time=lambda: time.time() - 101)
        patch.setattr(kept_projects, "time", then)
        client(user_request).projects_by_id([identifier(1)])
    client(user_request).kept.remember([Project(identifier(2), "other")])
    assert [*client(user_request).known([identifier(1), identifier(2)])] == [identifier(2)]


def test_names_are_looked_up_where_the_cache_does_not_answer(
    user_request, requests_mock, monkeypatch
):
    """If the cache does not answer, names are looked up as if it were empty."""

    def fail(*_args, **_kwargs):
        raise ConnectionError("nobody there")

    for name in ("get_many", "set_many", "delete_many"):
        monkeypatch.setattr(cache, name, fail)
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    assert naming.labels(client(user_request), [identifier(1)]) == {identifier(1): "project-1"}
    client(user_request).kept.forget([identifier(1)])


def test_nothing_is_kept_where_the_setting_says_so(user_request, requests_mock, settings):
    """A lifetime of 0 seconds disables caching."""
    settings.XLOUD_IMAGES_PANEL = {"names_lifetime": 0}
    requests_mock.get(f"{PROJECTS}/{identifier(1)}", json={"project": record(1)})
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": [{"id": "default", "name": "D"}]})
    for _request in range(2):
        keystone = client(user_request)
        keystone.projects_by_id([identifier(1)], cached_ok=True)
        assert keystone.domains.listed() == {"default": "D"}
    assert requests_mock.call_count == 4


def test_domains_beyond_the_first_thousand(keystone, requests_mock):
    """All domains are read, although Keystone silently truncates this list too."""
    domains = [{"id": identifier(number), "name": f"domain-{number}"} for number in range(1005)]

    def answer(request, _context):
        [marker] = request.qs.get("marker", [""])
        return {"domains": [item for item in domains if item["id"] > marker][:1000]}

    requests_mock.get(f"{KEYSTONE}/domains", json=answer)
    assert len(keystone.domains.listed()) == 1005


def test_domains_of_an_old_keystone(keystone, requests_mock):
    """A Keystone without markers, which returns all domains each time, gets two requests."""
    domains = [{"id": identifier(number), "name": f"domain-{number}"} for number in range(30)]
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": domains})
    assert len(keystone.domains.listed()) == 30
    assert requests_mock.call_count == 2


@pytest.mark.parametrize("text", ["two words", "x" * 200, "ümlaut", "..", "\n"])
def test_member_that_memcached_takes_for_no_key(keystone, text):
    """Glance accepts any text as a member, but the cache only has project IDs as keys."""
    assert keystone.known([text]) == {}
    keystone.kept.forget([text])
    assert not keystone.projects_by_id([text], cached_ok=True)[text].exists


def test_domains_that_may_not_be_listed(keystone, requests_mock):
    """A page works without the names of forbidden domains; a file that names a domain does not."""
    requests_mock.get(f"{KEYSTONE}/domains", status_code=403)
    assert keystone.domains.known() == {}
    assert refusal(keystone.domains.listed).reason is Reason.FORBIDDEN


def test_domains_that_cannot_be_had(keystone, requests_mock):
    """Any other failure to list the domains is raised."""
    requests_mock.get(f"{KEYSTONE}/domains", status_code=400)
    with pytest.raises(ServiceError):
        _ = keystone.domains.listed()


def test_domains_are_kept_for_a_while(user_request, requests_mock):
    """Domains are cached, so that the next request of the same user does not list them again."""
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": [{"id": "default", "name": "D"}]})
    for _request in range(2):
        assert client(user_request).domains.listed() == {"default": "D"}
    assert requests_mock.call_count == 1


# -- searching


@pytest.mark.parametrize("fold", [sqlite, mariadb])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("team_one", ["team_one"]),
        ("%", ["50% off"]),
        ("\\", ["back\\slash"]),
        ("TEAM", ["team_one", "teamXone"]),
        ("ärzte", ["Ärzte", "A\u0308rzte"]),
        ("ÄRZTE", ["Ärzte", "A\u0308rzte"]),
        ("a\u0308rz", ["Ärzte", "A\u0308rzte"]),
        ("arzte", ["arzte"]),
        ("r", ["Ärzte", "A\u0308rzte", "arzte"]),
    ],
)
def test_search_finds_what_contains_the_text(keystone, database, fold, text, found):
    """A search ignores case and Unicode form, and drops matches that only the database sees."""
    stored = ["team_one", "teamXone", "50% off", "back\\slash", "Ärzte", "A\u0308rzte", "arzte"]
    database(stored, fold)
    assert search_all(keystone, text) == found


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("STRASSE", "straße", "a letter that becomes two"),
        ("äÖ", "Äö", "neither all small nor all capitals"),
        ("\u03c3", "\u03c2", "the Greek final sigma, which has the same capital"),
    ],
)
def test_search_does_not_find(keystone, database, text, name, why):
    """SQLite does not find these names; MariaDB folds these letters, but takes ß for one s."""
    database([name])
    assert search_all(keystone, text) == [], why
    assert search_all(keystone, name) == [name]


def test_search_for_ascii_is_one_question(keystone, database):
    """An ASCII text is searched in one spelling, because each further one costs a request."""
    asked = database(["team"])
    assert search_all(keystone, "Team") == ["team"]
    assert asked == ["Team"]


@pytest.mark.parametrize("text", ["x" * 65, "a\nb", "\x00", "a\x7f", "\ud800"])
def test_search_that_no_name_can_contain_asks_nobody(keystone, database, text):
    """A text that no name can contain is not sent; Keystone answers 500 to over 64 characters."""
    asked = database(["team"])
    assert keystone.projects(10, search=text).projects == []
    assert asked == []


def test_search_by_the_longest_name(keystone, database):
    """A text that is too long as typed is searched in the shorter form that Keystone stores."""
    name = "ä" * 64
    asked = database([name])
    assert search_all(keystone, unicodedata.normalize("NFD", name)) == [name]
    assert max(map(len, asked)) == 64


def test_search_that_keystone_takes_for_everything_goes_on(keystone, database):
    """A search for "%" costs few requests per page, and its markers lead to the last match."""
    asked = database([f"project-{number}" for number in range(5000)] + ["100%"])
    page = keystone.projects(20, search="%")
    assert page.projects == []
    assert page.marker
    assert len(asked) == 5
    assert search_all(keystone, "%") == ["100%"]


def test_project_whose_name_has_its_own_id_in_it_is_found_once(keystone, database, requests_mock):
    """A project found by its ID, which comes first, is not found again by its name."""
    database([identifier(1), identifier(1), "other"])
    url = f"{PROJECTS}/{identifier(1)}"
    requests_mock.get(url, json={"project": record(1, name=identifier(1))})
    pages, marker = [], None
    while marker or not pages:
        page = keystone.projects(1, marker, search=identifier(1))
        pages += [project.id for project in page.projects]
        marker = page.marker
    assert pages == [identifier(1), identifier(2)]


def test_spelling_that_reaches_further_does_not_hide_what_another_finds_later(keystone, database):
    """Many non-matches for one spelling do not hide late matches for another."""
    database(["äx"] * 30 + ["ä_"] + ["x"] * 10 + ["Ä_"] * 12)
    assert search_all(keystone, "ä_") == ["ä_"] + ["Ä_"] * 12


letters = st.text(st.sampled_from("aA\u00e4\u00c4\u0308_%\\\u00dfs"), min_size=1, max_size=3)


@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    stored=st.lists(letters, max_size=12),
    text=letters,
    fold=st.sampled_from([sqlite, mariadb]),
    limit=st.integers(1, 5),
    cut=st.sampled_from([20, 1000]),
)
def test_each_match_is_on_one_page(user_request, database, stored, text, fold, limit, cut):
    """Each match is on one page, in Keystone's order, although answers are merged and filtered."""
    stored *= 5  # more than one page of any size
    database(stored, fold, cut)
    keystone = client(user_request)
    found, marker = [], None
    while True:
        page = keystone.projects(limit, marker, search=text)
        found += page.projects
        marker = page.marker
        if not marker:
            break
    ids = [project.id for project in found]
    assert ids == sorted(set(ids))
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    for number, name in enumerate(stored, 1):
        contains = plain in unicodedata.normalize(
            "NFC", unicodedata.normalize("NFC", name).casefold()
        )
        asked_for = contains and any(
            sqlite(form) in sqlite(name)
            for form in (text, text.lower(), text.upper(), unicodedata.normalize("NFC", text))
        )
        assert (identifier(number) in ids) <= contains
        assert (identifier(number) in ids) >= asked_for


# -- names


def test_label_of_a_project_has_its_domain(keystone, requests_mock):
    """A label only shows a domain other than the user's, and only then requests the domains."""
    for number, domain_id in ((1, "default"), (2, "p"), (3, "unknown")):
        answer = {"project": record(number, name="dev", domain_id=domain_id)}
        requests_mock.get(f"{PROJECTS}/{identifier(number)}", json=answer)
    assert naming.labels(keystone, [identifier(1)]) == {identifier(1): "dev"}
    assert requests_mock.call_count == 1
    requests_mock.get(f"{KEYSTONE}/domains", json={"domains": [{"id": "p", "name": "partners"}]})
    assert list(naming.labels(keystone, map(identifier, (1, 2, 3))).values()) == [
        "dev",
        "dev (partners)",
        f"dev ({identifier(3)})",
    ]


def test_labels_without_keystone_are_of_what_is_known(keystone, requests_mock):
    """Without Keystone only known projects have labels, so other projects are shown by ID."""
    keystone.kept.remember([Project(identifier(1), "dev", "default")])
    requests_mock.get(f"{PROJECTS}/{identifier(2)}", status_code=400)
    assert naming.labels(keystone, [identifier(1), identifier(2)]) == {identifier(1): "dev"}


@pytest.mark.parametrize("text", ["../x", "a/b", "", "x" * 65, "é", "a b"])
def test_what_cannot_be_a_project_is_not_asked_for(text):
    """A text that is no valid identifier is not put into a URL."""
    assert not is_project_id(text)
