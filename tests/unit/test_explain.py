# SPDX-License-Identifier: Apache-2.0
"""All cases of whether and why a project lists an image and can use it."""

import itertools

import pytest

from xloud_images_panel.access import explain
from xloud_images_panel.access.explain import (
    Action,
    Answer,
    Existence,
    Fact,
    Relation,
    Situation,
)

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN

# Words for situations. Each changes one fact about another project's shared, active image.
WORDS = {
    "owner": {"relation": Relation.OWNER},
    "accepted": {"relation": Relation.ACCEPTED},
    "pending": {"relation": Relation.PENDING},
    "rejected": {"relation": Relation.REJECTED},
    "members?": {"relation": Relation.UNKNOWN},
    "public": {"visibility": "public"},
    "private": {"visibility": "private"},
    "community": {"visibility": "community"},
    "secret": {"visibility": "secret"},
    "hidden": {"hidden": True},
    "unowned": {"owned": False},
    "elsewhere": {"other_regions": True},
    "no-project": {"project": Existence.MISSING},
    "project?": {"project": Existence.UNKNOWN},
    "disabled": {"enabled": False},
    "domain-disabled": {"domain": Answer.NO},
    "domain?": {"domain": Answer.UNKNOWN},
    "no-image": {"image": Existence.MISSING},
    "image?": {"image": Existence.UNKNOWN},
    **{
        status: {"status": status}
        for status in (
            "queued",
            "saving",
            "uploading",
            "importing",
            "deactivated",
            "killed",
            "pending_delete",
            "deleted",
            "shelved",
        )
    },
}

# Situation | lists it: answer, facts, changes | can use it: answer, facts, changes
TABLE = """
owner                   | yes owner                   |          | yes owner       |
owner private           | yes owner                   |          | yes owner       |
owner community         | yes owner                   |          | yes owner       |
owner public            | yes owner                   |          | yes owner       |
owner unowned           | yes owner                   |          | yes owner       |
public                  | yes public                  |          | yes public      |
public accepted         | yes public                  |          | yes public      |
public members?         | yes public                  |          | yes public      |
public unowned          | yes public                  |          | yes public      |
community               | no community                | publish  | yes community   |
community accepted      | no community                | publish  | yes community   |
community unowned       | no community                | publish  | yes community   |
private                 | no private                  | share add_project accept | no private | share add_project
private accepted        | no private                  | share add_project accept | no private | share add_project
private unowned         | no private                  | share add_project accept | no private | share add_project
accepted                | yes accepted                |          | yes accepted    |
pending                 | no pending                  | accept   | yes pending     |
rejected                | no rejected                 | ask_again accept | yes rejected |
shared                  | no not_member               | add_project accept | no not_member | add_project
members?                | unknown members_unknown     |          | unknown members_unknown |
shared unowned          | no not_member               | add_project accept | yes without_owner |
members? unowned        | unknown members_unknown     |          | yes without_owner |
accepted unowned        | yes accepted                |          | yes accepted    |
secret                  | unknown visibility_unknown  |          | unknown visibility_unknown |
secret owner            | yes owner                   |          | yes owner       |
hidden owner            | no hidden                   | unhide   | yes owner       |
hidden public           | no hidden                   | unhide   | yes public      |
hidden accepted         | no hidden                   | unhide   | yes accepted    |
hidden pending          | no pending hidden           | accept unhide | yes pending |
hidden shared           | no not_member hidden        | add_project accept unhide | no not_member | add_project
hidden members?         | no hidden members_unknown   | unhide   | unknown members_unknown |
deactivated owner       | yes owner                   |          | no deactivated  | reactivate
deactivated accepted    | yes accepted                |          | no deactivated  | reactivate
deactivated pending     | no pending                  | accept   | no deactivated  | reactivate
deactivated community   | no community                | publish  | no deactivated  | reactivate
deactivated shared      | no not_member               | add_project accept | no not_member deactivated | add_project reactivate
deactivated members?    | unknown members_unknown     |          | no deactivated members_unknown | reactivate
queued owner            | yes owner                   |          | no no_data      | upload
saving accepted         | yes accepted                |          | no no_data      | upload
uploading public        | yes public                  |          | no no_data      | upload
importing pending       | no pending                  | accept   | no no_data      | upload
killed owner            | no upload_failed            |          | no upload_failed |
killed shared           | no not_member upload_failed |          | no not_member upload_failed |
pending_delete accepted | yes accepted                |          | no being_deleted |
deleted shared          | no not_member               | add_project accept | no not_member being_deleted |
shelved accepted        | yes accepted                |          | no not_active   |
shelved shared          | no not_member               | add_project accept | no not_member not_active |
disabled accepted       | no project_disabled         | enable_project | no project_disabled | enable_project
disabled pending        | no project_disabled pending | enable_project accept | no project_disabled | enable_project
domain-disabled owner   | no domain_disabled          | enable_domain | no domain_disabled | enable_domain
domain-disabled disabled public | no domain_disabled project_disabled | enable_domain enable_project | no domain_disabled project_disabled | enable_domain enable_project
project? accepted       | unknown project_unknown     |          | unknown project_unknown |
project? private        | no private project_unknown  | share add_project accept | no private project_unknown | share add_project
domain? public          | unknown domain_unknown      |          | unknown domain_unknown |
domain? shared          | no not_member domain_unknown | add_project accept | no not_member domain_unknown | add_project
image?                  | unknown image_unknown       |          | unknown image_unknown |
image? disabled         | no project_disabled image_unknown | enable_project | no project_disabled image_unknown | enable_project
image? project?         | unknown project_unknown image_unknown | | unknown project_unknown image_unknown |
no-project accepted     | no project_missing          |          | no project_missing |
no-project image?       | no project_missing          |          | no project_missing |
no-project no-image     | no project_missing image_missing |     | no project_missing image_missing |
no-project no-image elsewhere | no project_missing image_missing | | no project_missing image_missing |
no-image                | no image_missing            |          | no image_missing |
no-image disabled       | no image_missing            |          | no image_missing |
no-image project?       | no image_missing            |          | no image_missing |
no-image elsewhere      | no image_missing            | switch_region | no image_missing | switch_region
"""  # noqa: E501 - a table
CASES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


def situation(words):
    """Return the situation that some words describe."""
    fields = {"visibility": "shared"}
    for word in words.split():
        fields |= WORDS.get(word, {})
    return Situation(**fields)


def verdict(facts, changes):
    """Return the verdict that two cells of the table describe."""
    answer, *names = facts.split()
    return explain.Verdict(
        Answer(answer),
        tuple(Fact[name.upper()] for name in names),
        tuple(Action[name.upper()] for name in changes.split()),
    )


@pytest.mark.parametrize(
    ("words", "lists", "to_list", "uses", "to_use"), CASES, ids=[case[0] for case in CASES]
)
def test_case(words, lists, to_list, uses, to_use):
    """Both answers have the expected deciding facts and the actions that would change them."""
    expected = explain.Explanation(verdict(lists, to_list), verdict(uses, to_use))
    assert explain.explain(situation(words)) == expected


def test_table_knows_each_word_fact_and_action():
    """The table covers every word, fact and action."""
    told = " ".join(" ".join(case) for case in CASES).split()
    assert set(WORDS) <= set(told)
    assert {item.name.lower() for item in (*Fact, *Action)} <= set(told)


@pytest.mark.parametrize(
    ("statuses", "relation"),
    [
        ((), Relation.NONE),
        (("pending",), Relation.PENDING),
        (("accepted",), Relation.ACCEPTED),
        (("rejected",), Relation.REJECTED),
        (("pending", "accepted"), Relation.ACCEPTED),
        (("accepted", "rejected"), Relation.ACCEPTED),
        (("pending", "rejected"), Relation.REJECTED),
        (("pending", "pending"), Relation.PENDING),
        (("frozen",), Relation.PENDING),
    ],
)
def test_relation_of_a_member(statuses, relation):
    """An accepted row outweighs the others, whatever their order."""
    for order in itertools.permutations(statuses):
        assert explain.relation_of("mine", "other", order) is relation


def test_owner_is_the_owner_whatever_its_membership_says():
    """An owner's member status has no effect; Glance lets an image's owner be a member."""
    assert explain.relation_of("mine", "mine", ["rejected"]) is Relation.OWNER


def test_project_without_an_id_owns_no_image_without_an_owner():
    """A project without an ID is not the owner of an image without one."""
    assert explain.relation_of("", "", []) is Relation.NONE


UNKNOWNS = ["members?", "project?", "domain?", "image?"]
TRUTHS = ["shared", "pending", "accepted", "rejected", "private", "public", "community", "owner"]


@pytest.mark.parametrize("unknown", UNKNOWNS)
@pytest.mark.parametrize("other", [*TRUTHS, "hidden", "deactivated", "disabled"])
def test_unknown_fact_never_makes_an_answer(unknown, other):
    """A yes or no is given only if it holds for every value of the unknown fact."""
    turns_out = {
        "members?": [{"relation": Relation(name)} for name in ("none", "pending", "accepted")],
        "project?": [{"project": Existence.THERE}, {"project": Existence.MISSING}],
        "domain?": [{"domain": Answer.YES}, {"domain": Answer.NO}],
        "image?": [{"image": Existence.THERE}, {"image": Existence.MISSING}],
    }[unknown]
    fields = {"visibility": "shared", **WORDS.get(other, {})}
    asked = explain.explain(Situation(**{**fields, **WORDS[unknown]}))
    for truth in turns_out:
        answer = explain.explain(Situation(**{**fields, **truth}))
        for question in ("lists", "uses"):
            assert getattr(asked, question).answer in (
                UNKNOWN,
                getattr(answer, question).answer,
            )
