# SPDX-License-Identifier: Apache-2.0
"""Sentences for the facts of :mod:`access.explain`, and for the steps that change an answer."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access.explain import Action, Answer, Fact

ANSWERS = {
    Answer.YES: _("Yes"),
    Answer.NO: _("No"),
    Answer.UNKNOWN: _("Not known"),
}

# Sentences that are the same for both questions.
_FACTS = {
    Fact.OWNER: _("The image belongs to this project."),
    Fact.PUBLIC: _("The image is public: every project lists it and can use it."),
    Fact.ACCEPTED: _("The image is shared with this project, which has accepted it."),
    Fact.PROJECT_MISSING: _("There is no project with this ID."),
    Fact.PROJECT_DISABLED: _("The project is disabled: nobody can log in to it."),
    Fact.DOMAIN_DISABLED: _(
        "The domain of the project is disabled: nobody can log in to its projects."
    ),
    Fact.PRIVATE: _("The image is private to the project that owns it: %(owner)s."),
    Fact.NOT_MEMBER: _(
        "The image is shared with chosen projects, and this project is none of them."
    ),
    Fact.HIDDEN: _(
        "The image is hidden: it is in nobody's lists unless they ask for hidden images."
    ),
    Fact.NO_DATA: _("The image has no data yet: its status is %(status)s."),
    Fact.DEACTIVATED: _(
        "The image is deactivated: it can be seen, but only administrators get its data."
    ),
    Fact.UPLOAD_FAILED: _(
        "The upload of the image has failed: it has no data, and is in nobody's lists."
    ),
    Fact.BEING_DELETED: _("The image is being deleted: its status is %(status)s."),
    Fact.NOT_ACTIVE: _("The image is not active: its status is %(status)s."),
    Fact.PROJECT_UNKNOWN: _("It is not known whether the project exists and is enabled. %(why)s"),
    Fact.DOMAIN_UNKNOWN: _("It is not known whether the domain of the project is enabled. %(why)s"),
    Fact.IMAGE_UNKNOWN: _("The image could not be read. %(why)s"),
    Fact.MEMBERS_UNKNOWN: _(
        "It is not known whether the image is shared with this project. %(why)s"
    ),
    Fact.VISIBILITY_UNKNOWN: _(
        "The dashboard does not know the visibility of the image: %(visibility)s."
    ),
}
_WHEN_LISTED = {
    Fact.PENDING: _(
        "The image is shared with this project, which has not accepted it: until then it is "
        "found under Shared Images only."
    ),
    Fact.REJECTED: _(
        "The image is shared with this project, which has rejected it: it is found under Shared "
        "Images only."
    ),
    Fact.COMMUNITY: _(
        "The image is a community image of another project: it is not in this project's list, but "
        "is found under Community Images."
    ),
}
_WHEN_USED = {
    Fact.PENDING: _(
        "The image is shared with this project. That it has not accepted it keeps the image out "
        "of its lists only."
    ),
    Fact.REJECTED: _(
        "The image is shared with this project. That it has rejected it keeps the image out of "
        "its lists only."
    ),
    Fact.COMMUNITY: _("The image is a community image: every project can use it by its ID."),
    Fact.WITHOUT_OWNER: _(
        "The image has no owner: the image service lets every project use it while its "
        "visibility is Shared."
    ),
}
_STEPS = {
    Action.SWITCH_REGION: _("Look in another region:"),
    Action.ENABLE_PROJECT: _("Enable the project."),
    Action.ENABLE_DOMAIN: _("Enable the domain of the project."),
    Action.SHARE: _("Set the visibility of the image to Shared."),
    Action.PUBLISH: _("Set the visibility of the image to Public: then every project lists it."),
    Action.ADD_PROJECT: _("Give the project access."),
    Action.ASK_AGAIN: _("Ask the project again."),
    Action.ACCEPT: _(
        "Somebody in the project accepts the image under Shared Images, or you accept it on "
        "behalf of the project."
    ),
    Action.UNHIDE: _("Show the image in lists again. The dashboard cannot do this; the command is"),
    Action.UPLOAD: _("Wait until the data of the image is uploaded, or upload it."),
    Action.REACTIVATE: _("Reactivate the image. The command is"),
}
_COMMANDS = {
    Action.UNHIDE: "openstack image set --unhidden %s",
    Action.REACTIVATE: "openstack image set --activate %s",
}


def fact(item: Fact, fields: Mapping[str, str], *, listed: bool) -> str:
    """Return a fact as a sentence.

    :param fields: values for the sentences: ``owner``, ``status``, ``visibility``, ``region``
        (empty if the catalog names none), and ``why``, the reason why something is not known
    :param listed: whether the question is about listing the image, not about using it
    """
    if item is Fact.IMAGE_MISSING:
        return image_missing(fields["region"])
    own = _WHEN_LISTED if listed else _WHEN_USED
    return str(own[item] if item in own else _FACTS[item]) % fields


def image_missing(region: str) -> str:
    """Return the sentence that a region has no image with this ID."""
    if not region:
        return str(_("There is no image with this ID."))
    text = _(
        "There is no image with this ID in the region %(region)s, and no other region was asked."
    )
    return str(text) % {"region": region}


def step(action: Action) -> str:
    """Return the sentence for a step."""
    return str(_STEPS[action])


def command(action: Action, image_id: str) -> str:
    """Return the command for a step, empty if there is none."""
    return _COMMANDS[action] % image_id if action in _COMMANDS else ""
