# SPDX-License-Identifier: Apache-2.0
"""Sentences about the lines of an access file."""

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from xloud_images_panel.access.finding import Finding, Problem
from xloud_images_panel.dashboard import naming, texts

_SENTENCES = {
    Problem.NOT_UTF8: _("The file is not in UTF-8."),
    Problem.CONTROL_CHARACTER: _("The file has the control character %(text)s in it."),
    Problem.SYNTAX: _("This is not YAML: %(text)s."),
    Problem.TAG: _("Tags are not allowed: %(text)s."),
    Problem.ANCHOR: _("Anchors are not allowed: %(text)s."),
    Problem.ALIAS: _("Aliases are not allowed: %(text)s."),
    Problem.DUPLICATE_KEY: _('The key "%(text)s" is there twice.'),
    Problem.SEVERAL_DOCUMENTS: _("A second document begins here; a file has one."),
    Problem.NO_IMAGES: _("The file is empty."),
    Problem.NOT_KEYS: _("Keys with values are expected here."),
    Problem.NOT_A_LIST: _("A list is expected here."),
    Problem.NOT_TEXT: _("A text is expected here."),
    Problem.EMPTY: _("A text is missing here."),
    Problem.UNKNOWN_KEY: _('There is no key "%(text)s" here.'),
    Problem.MISSING_KEY: _('The key "%(text)s" is missing here.'),
    Problem.BAD_MODE: _('The mode is "add" or "exact", not "%(text)s".'),
    Problem.BAD_ENTRY: _("A project, a member, a domain or a tag is expected here, and one alone."),
    Problem.IMAGE_UNKNOWN: _('There is no image "%(text)s".'),
    Problem.IMAGE_AMBIGUOUS: _('"%(text)s" is the name of several shared images: %(others)s.'),
    Problem.IMAGE_NOT_SHARED: _('The image "%(text)s" is not shared.'),
    Problem.IMAGE_TWICE: _(
        'The image "%(text)s" (%(others)s) is in the file more than once. It is left as it is.'
    ),
    Problem.PROJECT_UNKNOWN: _('There is no project "%(text)s".'),
    Problem.PROJECT_AMBIGUOUS: _('"%(text)s" is the name of several projects: %(others)s.'),
    Problem.MEMBER_UNKNOWN: _('The image has no member "%(text)s".'),
    Problem.RULE_EMPTY: _('The rule "%(text)s" matches no project.'),
    Problem.OTHER_NAME: _('"%(text)s" is called "%(others)s" now. Its ID counts.'),
    Problem.OWNER: _('"%(text)s" is the owner of the image, which has access to it anyway.'),
    Problem.DISABLED: _('The project "%(text)s" is disabled.'),
    Problem.NO_PROJECT: _('"%(text)s" is a member, but no project. It stays.'),
}


def sentence(finding: Finding) -> str:
    """Return the sentence about a line, without the line's number."""
    if finding.problem is Problem.TOO_MANY_BYTES:
        text = gettext("The file has more than %(mb)d MB.")
        return text % {"mb": finding.count // 1_000_000}
    count = {"count": finding.count, "text": _shown(finding.text)}
    if finding.problem is Problem.TOO_MANY_LINES:
        return gettext("The file has more than %(count)d lines.") % count
    if finding.problem is Problem.TOO_MANY_ENTRIES:
        return gettext("The file has more than %(count)d entries.") % count
    if finding.problem is Problem.TOO_DEEP:
        return gettext("The file has more than %(count)d levels.") % count
    if finding.problem is Problem.NO_REMOVALS:
        text = ngettext(
            '%(count)d project would lose its access to "%(text)s". It keeps it, because not all '
            "entries of this image are clear.",
            '%(count)d projects would lose their access to "%(text)s". They keep it, because not '
            "all entries of this image are clear.",
            finding.count,
        )
        return text % count
    if finding.problem is Problem.TOO_MANY_REMOVALS:
        text = ngettext(
            "%(count)d project would lose its access. So many have to be allowed by their number.",
            "%(count)d projects would lose their access. So many have to be allowed by their "
            "number.",
            finding.count,
        )
        return text % count
    others = texts.enumerated(finding.others)
    return str(_SENTENCES[finding.problem] % {"text": _shown(finding.text), "others": others})


def _shown(text: str) -> str:
    return naming.cut(texts.in_sentence(text))
